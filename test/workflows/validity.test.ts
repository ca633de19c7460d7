import { randomUUID } from 'node:crypto';
import { WorkflowNotFoundError } from '@temporalio/client';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openCallbackEndpoints } from '../../activities/callbacks/endpoints.js';
import { workflowIdOfValidity } from '../../contract/validity.js';
import { CHECK_NAMES } from '../../domain/checks.js';
import { DAY_MS, HOUR_MS } from '../../shared/time.js';
import { withoutRepetitions } from '../../tools/processes/callback-receiver.js';
import type { Started } from '../support/applicants.js';
import { type EventReceiver, newEndpointsFile, startEventReceiver } from '../support/event-receiver.js';
import { type OnboardingWorld, openWorld } from '../support/onboarding-world.js';

let world: OnboardingWorld;
let receiver: EventReceiver;

beforeAll(async () => {
  receiver = await startEventReceiver();
  world = await openWorld({}, { callbacks: await openCallbackEndpoints(newEndpointsFile(receiver)) });
  // The server skips time until the next timer. Without an open onboarding, that can be ten years.
  const reconcile = { firstMs: DAY_MS, maxMs: DAY_MS };
  await world.begin({ policy: { deadlineMs: 365 * DAY_MS, reconcile, reminders: { afterMs: DAY_MS, max: 0 } } });
});

afterAll(async () => {
  await world.close();
  await receiver.close();
});

let customer = '';
beforeEach(() => {
  customer = `customer-${randomUUID()}`;
});

// All tests together take less than a month, after which the worker's token for Verifik is no longer valid.
const POLICY = { verifiedForMs: 3 * DAY_MS, validityNoticeMs: DAY_MS };

const begin = (policy: object, restart = false): Promise<Started> =>
  world.begin({ policy }, undefined, {
    ...{ reference: customer, restart },
    callbacks: { endpoint: 'service', id: customer },
  });

const verify = async (policy: object, restart = false) => {
  const one = await begin(policy, restart);
  await world.doAndReport(one, ...CHECK_NAMES);
  return world.client.result(one.workflowId);
};

/** The events of the customer after the first onboarding's `onboarding.ended`, without those of other onboardings. */
const announced = () =>
  withoutRepetitions(receiver.taken.filter(({ event }) => event.data.id === customer)).flatMap(({ event }) =>
    event.type === 'onboarding.validity.ending' || event.type === 'onboarding.validity.ended'
      ? [[event.type, event.data.sequence, event.data.validUntil] as const]
      : [],
  );

const workflow = () => world.env.client.workflow.getHandle(workflowIdOfValidity('', customer));

const historyLength = async () => (await workflow().fetchHistory()).events?.length;

describe('the end of a validity', () => {
  it('is announced in time and when it comes, and a re-verification begins the next validity', async () => {
    const { validUntil } = await verify(POLICY);
    // Started, signalled, a workflow task, a timer.
    await expect.poll(historyLength).toBe(6);
    await world.pass(2 * DAY_MS - HOUR_MS);
    expect(announced()).toEqual([]);
    await world.pass(2 * HOUR_MS);
    const ending = ['onboarding.validity.ending', 7, validUntil];
    await expect.poll(announced).toEqual([ending]);
    await world.pass(DAY_MS - 2 * HOUR_MS);
    expect(announced()).toEqual([ending]);
    await world.pass(2 * HOUR_MS);
    await expect.poll(announced).toEqual([ending, ['onboarding.validity.ended', 8, validUntil]]);
    // For each event: a timer, a workflow task, an activity, and the next workflow task; then completed.
    await expect.poll(historyLength).toBe(6 + 10 + 1 + 10 + 1);
    await verify(POLICY, true);
    await expect.poll(historyLength).toBe(6);
  });

  it('is that of the document, which expires earlier', async () => {
    const { validUntil } = await verify({ verifiedForMs: 3650 * DAY_MS, validityNoticeMs: DAY_MS });
    expect(validUntil).toBe(Date.UTC(2030, 0, 16) - 1);
  });

  it('moves with the next verified outcome of the customer', async () => {
    await verify(POLICY);
    await world.pass(1.5 * DAY_MS);
    const { validUntil } = await verify(POLICY, true);
    await world.pass(1.75 * DAY_MS);
    expect(announced()).toEqual([]);
    await world.pass(DAY_MS / 2);
    await expect.poll(announced).toEqual([['onboarding.validity.ending', 7, validUntil]]);
  });

  it('stays if a later onboarding of the customer is withdrawn', async () => {
    const { validUntil } = await verify(POLICY);
    const again = await begin(POLICY, true);
    await world.client.withdraw(again.workflowId);
    expect(await world.client.result(again.workflowId)).toMatchObject({ outcome: 'withdrawn' });
    await world.pass(2 * DAY_MS + HOUR_MS);
    await expect.poll(announced).toEqual([['onboarding.validity.ending', 7, validUntil]]);
  });

  it('costs nothing without a notice in the policy', async () => {
    await verify({ verifiedForMs: 3 * DAY_MS });
    await expect(workflow().describe()).rejects.toBeInstanceOf(WorkflowNotFoundError);
  });
});
