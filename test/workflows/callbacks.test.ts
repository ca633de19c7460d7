import { randomUUID } from 'node:crypto';
import type { WorkflowClientInterceptor } from '@temporalio/client';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openCallbackEndpoints } from '../../activities/callbacks/endpoints.js';
import type { OnboardingRequestInput } from '../../client/index.js';
import { workflowIdOfCallbacks } from '../../contract/messages.js';
import { CHECK_NAMES } from '../../domain/checks.js';
import { evolve } from '../../domain/evolve.js';
import { DEFAULT_POLICY } from '../../domain/policy.js';
import { initialState } from '../../domain/state.js';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../shared/time.js';
import { type EventReceiver, newEndpointsFile, startEventReceiver, writeEndpoints } from '../support/event-receiver.js';
import { findNeedles } from '../support/needles.js';
import { type Case, type OnboardingWorld, openWorld } from '../support/onboarding-world.js';

let world: OnboardingWorld;
let receiver: EventReceiver;
let file: string;
let failingHandOvers = 0;

/** By hand-over, while somebody looks: the activities that Temporal has recorded of the onboarding before it takes effect. */
let recorded: (readonly string[])[] | undefined;

const unreachableAtTimes: WorkflowClientInterceptor = {
  signalWithStart: async (input, next) => {
    recorded?.push(await activitiesOf(String(input.options.workflowId).replace(workflowIdOfCallbacks(''), '')));
    if (failingHandOvers === 0) return next(input);
    failingHandOvers -= 1;
    throw new Error('Temporal cannot be reached');
  },
};

beforeAll(async () => {
  receiver = await startEventReceiver();
  file = newEndpointsFile(receiver);
  world = await openWorld({}, { callbacks: await openCallbackEndpoints(file), interceptors: [unreachableAtTimes] });
});

beforeEach(async () => {
  failingHandOvers = 0;
  customer = `customer-${randomUUID()}`;
  await receiver.close();
  receiver = await startEventReceiver();
  writeEndpoints(file, {
    endpoints: { service: { url: receiver.url, secrets: [receiver.secret] } },
    allowedHosts: ['127.0.0.1'],
  });
});

afterEach(() => world.sandbox.control.faults([]));

afterAll(async () => {
  await world.close();
  await receiver.close();
});

let customer = '';

/** Starts the onboarding of the next customer: what is heard of those before is none of its test. */
const begin = (change: Partial<OnboardingRequestInput> = {}, tag?: string): Promise<Case> =>
  world.begin(change, tag, { callbacks: { endpoint: 'service', id: customer } });

const verify = async (one: Case) => {
  await world.doAndReport(one, ...CHECK_NAMES);
  return world.client.result(one.workflowId);
};

/** Each message that was taken, as often as it came: a workflow task that the server did not accept is done again with its deliveries. */
const comings = () => receiver.taken.filter(({ event }) => event.data.id === customer);

/** The messages in the order of their first coming, which is what a receiver may rely on. */
const messages = () => {
  const ids = comings().map(({ messageId }) => messageId);
  return comings().filter(({ messageId }, at) => ids.indexOf(messageId) === at);
};

/** How often the event of this sequence number came, under the message id that it first came under. */
const comingsOf = (sequence: number): number => {
  const first = messages().find(({ event }) => event.data.sequence === sequence)?.messageId;
  return comings().filter(({ messageId }) => messageId === first).length;
};

const taken = () => messages().map(({ event }) => `${event.data.sequence} ${event.type}`);

const PASSED = CHECK_NAMES.map((_, index) => `${index + 2} onboarding.check.passed`);
const VERIFIED = ['1 onboarding.registered', ...PASSED, '6 onboarding.ended'];

const sender = ({ workflowId }: Pick<Case, 'workflowId'>) =>
  world.env.client.workflow.getHandle(workflowIdOfCallbacks(workflowId));

/** Waits without letting time pass, as waiting for a result would. */
const allSent = (one: Case) => expect.poll(async () => (await sender(one).describe()).status.name).toBe('COMPLETED');

const details = async (one: Case): Promise<string> => {
  const { currentDetails } = await sender(one).query<{ currentDetails?: string }>('__temporal_workflow_metadata');
  return currentDetails ?? '';
};

const historyOf = async (workflowId: string) =>
  (await world.env.client.workflow.getHandle(workflowId).fetchHistory()).events ?? [];

const activitiesOf = async (workflowId: string): Promise<readonly string[]> =>
  (await historyOf(workflowId)).flatMap(
    ({ activityTaskScheduledEventAttributes: scheduled }) => scheduled?.activityType?.name ?? [],
  );

describe('a service with a callback URL', () => {
  it('is told nothing that Temporal has not recorded: a workflow task that is lost may come out otherwise', async () => {
    recorded = [];
    const one = await begin();
    await verify(one);
    await expect.poll(taken).toEqual(VERIFIED);
    expect(recorded.length).toBeGreaterThan(1);
    for (const [index, activities] of recorded.entries())
      expect(activities.filter((name) => name === 'handOverEvents')).toHaveLength(index + 1);
    recorded = undefined;
  });

  it('is told of each change in its order, by its own id for the onboarding', async () => {
    const one = await begin();
    await expect.poll(taken).toEqual(['1 onboarding.registered']);
    await allSent(one);
    expect(await verify(one)).toMatchObject({ outcome: 'verified' });
    await expect.poll(taken).toEqual(VERIFIED);
    expect(messages().map(({ event }) => event.data)).toEqual([
      {
        id: customer,
        sequence: 1,
        appRegistrationId: one.appRegistrationId,
        generation: 1,
        pending: [...CHECK_NAMES],
      },
      ...CHECK_NAMES.map((check, index) => ({ id: customer, sequence: index + 2, check })),
      {
        id: customer,
        sequence: 6,
        appRegistrationId: one.appRegistrationId,
        decision: expect.objectContaining({ outcome: 'verified', reason: 'allChecksPassed' }),
      },
    ]);
    expect(await sender(one).result()).toEqual({ delivered: 5, givenUp: 0 });
    expect(receiver.forged()).toBe(0);
  });

  it('is told of failed attempts, reviews, re-registrations and reminders', async () => {
    const one = await begin({ policy: { reminders: { afterMs: HOUR_MS, max: 1 } } }, 'document-failed-once');
    await world.client.signalValidation(one.workflowId, 'document', await one.applicant.pass('document'));
    await expect.poll(taken).toHaveLength(2);
    const again = await world.client.reRegister(one.workflowId);
    await expect.poll(taken).toHaveLength(3);
    await world.pass(2 * HOUR_MS);
    await expect.poll(taken).toHaveLength(4);
    await world.client.withdraw(again.workflowId);
    await expect
      .poll(() => messages().map(({ event }) => event))
      .toMatchObject([
        { type: 'onboarding.registered' },
        { type: 'onboarding.check.failed', data: { check: 'document', attempts: { failed: 1, limit: 3 } } },
        { type: 'onboarding.registered', data: { generation: 2 } },
        { type: 'onboarding.reminder.sent', data: { remindersSent: 1 } },
        { type: 'onboarding.ended', data: { decision: { outcome: 'withdrawn' } } },
      ]);
  });

  it('is told that an onboarding failed, and why, where there is no outcome', async () => {
    await world.sandbox.control.faults([
      { match: 'POST /v2/app-registrations', kind: 'status', status: 400, code: 'INVALID_PROJECT_FLOW' },
    ]);
    await expect(begin()).rejects.toMatchObject({ type: 'Misconfigured' });
    await expect.poll(taken).toEqual(['1 onboarding.failed']);
    expect(messages()[0]?.event.data).toEqual({ id: customer, sequence: 1, failure: 'Misconfigured' });
  });

  it('that was down for a day is told everything in its order, and nothing waited for it', async () => {
    await receiver.goDown();
    const one = await begin();
    const { decidedAt } = await verify(one);
    await world.pass(DAY_MS);
    expect(await details(one)).toMatch(/^\*\*Sending event 1 \(onboarding\.registered\) to the endpoint service\*\*/);
    expect(await details(one)).toContain('Waiting behind it: 5. Delivered: 0. Given up: 0.');
    await receiver.comeUp();
    await world.pass(6 * HOUR_MS);
    await expect.poll(taken).toEqual(VERIFIED);
    const began = (await world.env.client.workflow.getHandle(one.workflowId).describe()).startTime.getTime();
    expect(decidedAt - began).toBeLessThan(HOUR_MS);
  });

  it('that refuses at first is told the same again before anything else', async () => {
    receiver.answer({ status: 500 }, { status: 503, headers: { 'retry-after': '30' } }, { status: 500 });
    const one = await begin();
    await verify(one);
    await world.pass(HOUR_MS);
    await expect.poll(taken).toEqual(VERIFIED);
    const ids = receiver.seen.map(({ messageId }) => messageId);
    expect(new Set(ids.slice(0, 4)).size).toBe(1);
    expect(new Set(ids).size).toBe(6);
  });

  it('that asks to wait is waited for', async () => {
    receiver.answer({ status: 429, headers: { 'retry-after': '1800' } });
    await begin();
    await world.pass(20 * MINUTE_MS);
    expect(receiver.seen).toHaveLength(1);
    await world.pass(15 * MINUTE_MS);
    await expect.poll(taken).toEqual(['1 onboarding.registered']);
  });

  it('that wants no more of an event is spared it, and told of the others', async () => {
    receiver.answer({ status: 410 });
    const one = await begin();
    await expect.poll(() => sender(one).result()).toEqual({ delivered: 0, givenUp: 1 });
    expect(await details(one)).toContain(
      '- Given up: event 1 (onboarding.registered): the receiver answered 410: it wants no more',
    );
    await verify(one);
    await expect.poll(taken).toEqual(VERIFIED.slice(1));
  });

  it('that is dead is given up after five days, event by event, and the events can still be read', async () => {
    await receiver.goDown();
    const one = await begin();
    await world.client.withdraw(one.workflowId);
    await world.client.result(one.workflowId);
    await world.pass(4 * DAY_MS);
    expect(await details(one)).toContain('Given up: 0');
    await world.pass(2 * DAY_MS);
    expect(await sender(one).result()).toEqual({ delivered: 0, givenUp: 2 });
    expect(await details(one)).toMatch(
      /Given up: event 1 \(onboarding\.registered\): not taken for days; in the end the receiver could not be reached \(ECONNREFUSED\)/,
    );
    expect(await world.client.events(one.workflowId)).toMatchObject({ last: 2, oldest: 1 });
  });

  it('is told nothing personal, and nothing personal stands in the clear in Temporal', async () => {
    const one = await begin();
    await verify(one);
    await expect.poll(taken).toHaveLength(6);
    const { email, phone, fullName } = one.person;
    const needles = Object.entries({ email, phone, fullName, token: one.token }).map(([what, value]) => ({
      what,
      value,
    }));
    expect(findNeedles(Buffer.from(JSON.stringify(receiver.seen)), needles)).toEqual([]);
    const stored = [
      ...(await historyOf(one.workflowId)),
      ...(await historyOf(workflowIdOfCallbacks(one.workflowId))),
      await sender(one).describe(),
    ];
    expect(findNeedles(Buffer.from(JSON.stringify(stored)), needles)).toEqual([]);
  });
});

describe('a hand-over that fails', () => {
  it('holds nobody up and is made good within a minute or so', async () => {
    failingHandOvers = 1;
    const one = await begin();
    expect(taken()).toEqual([]);
    await world.pass(2 * MINUTE_MS);
    await expect.poll(taken).toEqual(['1 onboarding.registered']);
    await world.client.withdraw(one.workflowId);
  });

  it('is made good with what happens next', async () => {
    failingHandOvers = 1;
    const one = await begin();
    await verify(one);
    await expect.poll(taken).toEqual(VERIFIED);
  });

  it('at the end is tried again before the onboarding closes', async () => {
    const one = await begin();
    await expect.poll(taken).toHaveLength(1);
    failingHandOvers = 3;
    await world.client.withdraw(one.workflowId);
    expect(await world.client.result(one.workflowId)).toMatchObject({ outcome: 'withdrawn' });
    await expect.poll(taken).toEqual(['1 onboarding.registered', '2 onboarding.ended']);
  });

  it('at the end for good lets the onboarding close, with its outcome', async () => {
    const one = await begin();
    await expect.poll(taken).toHaveLength(1);
    failingHandOvers = 1_000;
    await world.client.withdraw(one.workflowId);
    expect(await world.client.result(one.workflowId)).toMatchObject({ outcome: 'withdrawn' });
    failingHandOvers = 0;
    await world.client.replayEvent(one.workflowId, 2);
    await expect.poll(taken).toEqual(['1 onboarding.registered', '2 onboarding.ended']);
  });
});

describe('the events of an onboarding', () => {
  it('can be read without callbacks as well, which then cost it nothing', async () => {
    const one = await world.begin();
    await verify(one);
    const { events, last, oldest, callbacks, snapshot } = await world.client.events(one.workflowId, { after: 4 });
    expect({ last, oldest, callbacks, phase: snapshot.phase }).toEqual({ last: 6, oldest: 1, phase: 'ended' });
    expect(events.map(({ sequence, type }) => `${sequence} ${type}`)).toEqual(VERIFIED.slice(4));
    const { runId } = await world.env.client.workflow.getHandle(one.workflowId).describe();
    expect(receiver.seen.filter(({ messageId }) => messageId.startsWith(runId))).toEqual([]);
    await expect(sender(one).describe()).rejects.toThrow();
  });

  it('cost an activity for each hand-over, and a workflow of some events', async () => {
    const silent = await world.begin();
    await verify(silent);
    const telling = await begin();
    await expect.poll(taken).toHaveLength(1);
    await allSent(telling);
    await verify(telling);
    await expect.poll(taken).toHaveLength(6);
    const handOvers = async ({ workflowId }: { readonly workflowId: string }) =>
      (await activitiesOf(workflowId)).filter((name) => name === 'handOverEvents').length;
    expect(await handOvers(telling)).toBe(2);
    expect(await handOvers(silent)).toBe(0);
    // Started, signalled, one workflow task, an activity and a workflow task for each of the five events, completed.
    await expect.poll(() => historyOf(workflowIdOfCallbacks(telling.workflowId))).toHaveLength(6 + 5 * 6);
  });

  it('are told from now on by an onboarding that was under way before there were any', async () => {
    const workflowId = `onboarding-${customer}`;
    const request = world.request(world.somebody());
    const { appRegistrationId, expiresAt, token } = await world.begin();
    const policy = { ...DEFAULT_POLICY, required: [...CHECK_NAMES] };
    const at = await world.env.currentTimeMs();
    const state = evolve(initialState({ policy, contact: request.contact }, at), {
      type: 'Registered',
      at,
      appRegistrationId,
      token: { value: token, expiresAt },
    });
    const callbacks = { endpoint: 'service', id: customer };
    const handle = await world.env.client.workflow.start('onboarding', {
      workflowId,
      taskQueue: world.taskQueue,
      args: [
        { request, callbacks },
        { state, contactKeys: [] },
      ],
    });
    expect(await world.client.events(workflowId)).toMatchObject({ events: [], last: 0, oldest: 0 });
    await world.client.withdraw(workflowId);
    await handle.result();
    await expect.poll(taken).toEqual(['1 onboarding.ended']);
  });

  it('tell who is being onboarded to whoever asks for that', async () => {
    const one = await begin({ language: 'es' });
    const { email, phone, countryCode, fullName } = one.person;
    const applicant = { contact: { email, phone, countryCode }, fullName, language: 'es' };
    expect(await world.client.applicant(one.workflowId)).toEqual(applicant);
  });

  it('go on where they were when the workflow continues as new, and are not sent again', async () => {
    const one = await begin();
    const latest = async () => (await world.env.client.workflow.getHandle(one.workflowId).describe()).runId;
    const first = await latest();
    await expect.poll(taken).toHaveLength(1);
    for (let sent = 0; sent < 1_200; sent += 100)
      await Promise.all(
        Array.from({ length: 100 }, (_, n) =>
          world.client.signalPhoneValidation(one.workflowId, { status: 'sent', validationId: `p${sent + n}` }),
        ),
      );
    await expect.poll(latest).not.toBe(first);
    await verify(one);
    await expect.poll(taken).toEqual(VERIFIED);
    await allSent(one);
    const before = comingsOf(1);
    await world.client.replayEvent(one.workflowId, 1);
    await expect.poll(() => comingsOf(1)).toBe(before + 1);
    expect(taken()).toEqual(VERIFIED);
  });
});

// Last: where a workflow ends while an activity that it has cancelled is under way, the time-skipping server skips no time any more.
describe('an event that is asked for again', () => {
  it('comes under the same message id, of an onboarding that has ended too', async () => {
    const one = await begin();
    await verify(one);
    await expect.poll(taken).toHaveLength(6);
    await allSent(one);
    const before = comingsOf(2);
    await world.client.replayEvent(one.workflowId, 2);
    await expect.poll(() => comingsOf(2)).toBe(before + 1);
    expect(taken()).toEqual(VERIFIED);
  });

  it('does not wait for the next try, and neither does what waits behind it', async () => {
    await receiver.goDown();
    const one = await begin();
    await verify(one);
    await world.pass(DAY_MS);
    await receiver.comeUp();
    await world.client.replayEvent(one.workflowId, 1);
    await expect.poll(taken).toEqual(VERIFIED);
  });

  it('by hand, and cannot be sent at all, holds nothing up', async () => {
    await receiver.goDown();
    const one = await begin();
    const { runId: onboardingRunId } = await world.env.client.workflow.getHandle(one.workflowId).describe();
    const known = { callbacks: { endpoint: 'service', id: customer }, onboardingRunId };
    const event = { type: 'onboarding.registered', sequence: 0, at: 1e20 };
    await expect.poll(() => details(one)).toContain('Sending event 1');
    await sender(one).signal('deliver', { ...known, events: [event] });
    await sender(one).signal('deliver', { ...known, onboardingRunId: 'a\nb', events: [{ ...event, at: 0 }] });
    await receiver.comeUp();
    await verify(one);
    await world.client.replayEvent(one.workflowId, 1);
    await expect.poll(taken).toEqual(VERIFIED);
    await allSent(one);
  });

  it('has to be one that the onboarding has had, and there have to be callbacks', async () => {
    const one = await begin();
    for (const sequence of [0, 2])
      await expect(world.client.replayEvent(one.workflowId, sequence)).rejects.toMatchObject({ type: 'NoSuchEvent' });
    await expect(world.client.replayEvent(one.workflowId, -1)).rejects.toMatchObject({ type: 'InvalidRequest' });
    const silent = await world.begin();
    await expect(world.client.replayEvent(silent.workflowId, 1)).rejects.toMatchObject({ type: 'NoCallbacks' });
    await expect(world.client.replayEvent('onboarding-nobody', 1)).rejects.toMatchObject({ type: 'NotFound' });
  });
});
