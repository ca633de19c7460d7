import { expect, it, onTestFinished } from 'vitest';
import { openCallbackEndpoints } from '../../activities/callbacks/endpoints.js';
import { CHECK_NAMES } from '../../domain/checks.js';
import { newEndpointsFile, startEventReceiver } from '../support/event-receiver.js';
import { openWorld, type WorldOptions } from '../support/onboarding-world.js';

const ACTIVITIES = 3;

const openWorldWith = async (slots: WorldOptions['slots'] & {}) => {
  const receiver = await startEventReceiver();
  onTestFinished(() => receiver.close());
  const world = await openWorld({}, { slots, callbacks: await openCallbackEndpoints(newEndpointsFile(receiver)) });
  onTestFinished(() => world.close());
  return { receiver, world };
};

it('An applicant is served while callbacks that do not respond occupy every slot of their task queue', async () => {
  const { receiver, world } = await openWorldWith({ kind: 'fixed', workflowTasks: 5, activities: ACTIVITIES });
  receiver.answer(...Array.from({ length: 2 * ACTIVITIES }, () => 'hang' as const));
  const callbacks = { endpoint: 'service' };
  await Promise.all(Array.from({ length: 2 * ACTIVITIES }, () => world.begin({}, undefined, { callbacks })));
  await expect.poll(() => receiver.seen.length).toBe(ACTIVITIES);
  const one = await world.begin();
  await world.doAndReport(one, ...CHECK_NAMES);
  // Verifik is read by an activity. Waiting for the result would skip time.
  await expect
    .poll(async () => (await world.client.status(one.workflowId)).decision?.outcome, { timeout: 5_000 })
    .toBe('verified');
  expect(receiver.seen.length).toBe(ACTIVITIES);
});

it('A worker whose slots follow the load of the machine verifies an applicant and sends the events', async () => {
  const slots = { kind: 'byLoad', targetCpuUsage: 1, targetMemoryUsage: 0.95 } as const;
  const { receiver, world } = await openWorldWith(slots);
  const one = await world.begin({}, undefined, { callbacks: { endpoint: 'service' } });
  await world.doAndReport(one, ...CHECK_NAMES);
  expect(await world.client.result(one.workflowId)).toMatchObject({ outcome: 'verified' });
  await expect.poll(() => receiver.taken.at(-1)?.event.type).toBe('onboarding.ended');
});
