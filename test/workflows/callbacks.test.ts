import { randomUUID } from 'node:crypto';
import type { WorkflowClientInterceptor } from '@temporalio/client';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openCallbackEndpoints } from '../../activities/callbacks/endpoints.js';
import {
  type OnboardingError,
  type OnboardingRequestInput,
  type StartedOnboarding,
  type StartOptions,
  verifyEvidence,
} from '../../client/index.js';
import { reportsSignal, workflowIdOfCallbacks } from '../../contract/messages.js';
import { CHECK_NAMES } from '../../domain/checks.js';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../shared/time.js';
import { withoutRepetitions, writeEndpoint, writeEndpoints } from '../../tools/processes/callback-receiver.js';
import type { Person } from '../../tools/sandbox/index.js';
import type { Started } from '../support/applicants.js';
import { type EventReceiver, newEndpointsFile, startEventReceiver } from '../support/event-receiver.js';
import { type OnboardingWorld, openWorld } from '../support/onboarding-world.js';
import { newSigningKeys } from '../support/signing-keys.js';

const signingKeys = await newSigningKeys();
let world: OnboardingWorld;
let receiver: EventReceiver;
let file: string;
let failingHandOvers = 0;

/** Runs before the next hand-over. */
let beforeHandOver: (() => Promise<void>) | undefined;

/** Runs when an update with a start has been answered. */
let onStartAnswered: (() => void) | undefined;

/** If set, collects for each hand-over the activities in the onboarding's history just before it takes effect. */
let recorded: (readonly string[])[] | undefined;

const failingAtTimes: WorkflowClientInterceptor = {
  signalWithStart: async (input, next) => {
    recorded?.push(await activitiesOf(String(input.options.workflowId).replace(workflowIdOfCallbacks(''), '')));
    const act = beforeHandOver;
    beforeHandOver = undefined;
    await act?.();
    if (failingHandOvers === 0) return next(input);
    failingHandOvers -= 1;
    throw new Error('Temporal cannot be reached');
  },
  startUpdateWithStart: (input, next) => next(input).finally(() => onStartAnswered?.()),
};

beforeAll(async () => {
  receiver = await startEventReceiver();
  file = newEndpointsFile(receiver);
  const callbacks = await openCallbackEndpoints(file);
  world = await openWorld({}, { callbacks, signingKeys, interceptors: [failingAtTimes] });
  // The server skips time until the next timer. Without an open onboarding, that can be ten years.
  const reconcile = { firstMs: DAY_MS, maxMs: DAY_MS };
  await world.begin({ policy: { deadlineMs: 365 * DAY_MS, reconcile, reminders: { afterMs: DAY_MS, max: 0 } } });
});

beforeEach(async () => {
  failingHandOvers = 0;
  customer = `customer-${randomUUID()}`;
  await receiver.close();
  receiver = await startEventReceiver();
  writeEndpoint(file, receiver);
});

afterEach(() => world.sandbox.control.faults([]));

afterAll(async () => {
  await world.close();
  await receiver.close();
});

let customer = '';

/** Starts the onboarding of the current test's customer. Events of other customers are ignored. */
const begin = (change: Partial<OnboardingRequestInput> = {}, tag?: string): Promise<Started> =>
  world.begin(change, tag, { callbacks: { endpoint: 'service', id: customer } });

/** Verifik refuses every registration. */
const misconfigure = () =>
  world.sandbox.control.faults([
    { match: 'POST /v2/app-registrations', kind: 'status', status: 400, code: 'INVALID_PROJECT_FLOW' },
  ]);

const verify = async (one: Started) => {
  await world.doAndReport(one, ...CHECK_NAMES);
  return world.client.result(one.workflowId);
};

/** All messages that the receiver accepted, with repetitions: a retried workflow task repeats its deliveries. */
const receivedMessages = () => receiver.taken.filter(({ event }) => event.data.id === customer);

/** The messages in the order of their first arrival, which is guaranteed to receivers. */
const messages = () => withoutRepetitions(receivedMessages());

/** Returns how often an event arrived under its first message id. */
const arrivalsOf = (sequence: number): number => {
  const first = messages().find(({ event }) => event.data.sequence === sequence)?.messageId;
  return receivedMessages().filter(({ messageId }) => messageId === first).length;
};

const received = () => messages().map(({ event }) => `${event.data.sequence} ${event.type}`);

const PASSED = CHECK_NAMES.map((_, index) => `${index + 2} onboarding.check.passed`);
const VERIFIED = ['1 onboarding.registered', ...PASSED, '6 onboarding.ended'];

const sender = ({ workflowId }: Pick<Started, 'workflowId'>) =>
  world.env.client.workflow.getHandle(workflowIdOfCallbacks(workflowId));

/** Waits for the completion of the `callbacks` workflow. Unlike waiting for its result, this skips no time. */
const allSent = (one: Started) => expect.poll(async () => (await sender(one).describe()).status.name).toBe('COMPLETED');

const details = async (one: Started): Promise<string> => {
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
  it('receives no event before Temporal has recorded it, because a lost workflow task may end differently', async () => {
    recorded = [];
    const one = await begin();
    await verify(one);
    await expect.poll(received).toEqual(VERIFIED);
    expect(recorded.length).toBeGreaterThan(1);
    for (const [index, activities] of recorded.entries())
      expect(activities.filter((name) => name === 'handOverEvents')).toHaveLength(index + 1);
    recorded = undefined;
  });

  it('receives all events in order, with its own id of the onboarding', async () => {
    const one = await begin();
    await expect.poll(received).toEqual(['1 onboarding.registered']);
    await allSent(one);
    expect(await verify(one)).toMatchObject({ outcome: 'verified' });
    await expect.poll(received).toEqual(VERIFIED);
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
    await allSent(one);
    expect(await details(one)).toContain('Delivered: 5. Abandoned: 0.');
    expect(receiver.forged()).toBe(0);
  });

  it('whose endpoint takes evidence receives it, signed, with the outcome alone', async () => {
    const { url, secret } = receiver;
    writeEndpoints(file, {
      endpoints: { service: { url, secrets: [secret], evidence: true } },
      allowedHosts: ['127.0.0.1'],
    });
    const one = await begin();
    await verify(one);
    await expect.poll(received).toEqual(VERIFIED);
    const [signed, ...others] = messages().flatMap(({ event }) => event.data.evidence ?? []);
    expect(others).toEqual([]);
    expect(messages().at(-1)?.event.data.evidence).toBe(signed);
    const { workflowId } = one;
    expect(await verifyEvidence(signed ?? '', await signingKeys.publicKeys())).toMatchObject({
      right: { evidence: await world.client.evidence(workflowId) },
    });
  });

  it('receives the reason of an onboarding that failed without an outcome', async () => {
    await misconfigure();
    await expect(begin()).rejects.toMatchObject({ type: 'Misconfigured' });
    await expect.poll(received).toEqual(['1 onboarding.failed']);
    expect(messages()[0]?.event.data).toEqual({ id: customer, sequence: 1, failure: 'Misconfigured' });
  });

  it('that was down for a day receives all events in order, and the onboarding does not wait for it', async () => {
    await receiver.close();
    const one = await begin();
    const { decidedAt } = await verify(one);
    await world.pass(DAY_MS);
    expect(await details(one)).toMatch(/^\*\*Sending event 1 \(onboarding\.registered\) to the endpoint `service`\*\*/);
    expect(await details(one)).toContain('Waiting behind it: 5. Delivered: 0. Abandoned: 0.');
    await receiver.reopen();
    await world.pass(6 * HOUR_MS);
    await expect.poll(received).toEqual(VERIFIED);
    const began = (await world.env.client.workflow.getHandle(one.workflowId).describe()).startTime.getTime();
    expect(decidedAt - began).toBeLessThan(HOUR_MS);
  });

  it('that returns 410 for an event does not receive it again, but receives the others', async () => {
    receiver.answer({ status: 410 });
    const one = await begin();
    await expect.poll(() => sender(one).result()).toEqual({ delivered: 0, abandoned: 1 });
    expect(await details(one)).toContain(
      '- Abandoned: event 1 (onboarding.registered): the receiver responded with 410: it does not accept the event',
    );
    await verify(one);
    await expect.poll(received).toEqual(VERIFIED.slice(1));
  });

  it('that is down for more than five days loses the events, which can still be listed', async () => {
    await receiver.close();
    const one = await begin();
    await world.client.withdraw(one.workflowId);
    await expect.poll(() => world.client.status(one.workflowId)).toMatchObject({ phase: 'ended' });
    await world.pass(4 * DAY_MS);
    expect(await details(one)).toContain('Abandoned: 0');
    await world.pass(2 * DAY_MS);
    await allSent(one);
    expect(await details(one)).toContain('Delivered: 0. Abandoned: 2.');
    expect(await details(one)).toMatch(
      /Abandoned: event 1 \(onboarding\.registered\): not delivered for days; the last attempt: the receiver could not be reached \(ECONNREFUSED\)/,
    );
    expect(await world.client.events(one.workflowId)).toMatchObject({ last: 2, oldest: 1 });
  });
});

describe('a failed hand-over', () => {
  it('does not delay the onboarding, and is retried after about a minute', async () => {
    failingHandOvers = 1;
    const one = await begin();
    expect(received()).toEqual([]);
    await world.pass(2 * MINUTE_MS);
    await expect.poll(received).toEqual(['1 onboarding.registered']);
    await world.client.withdraw(one.workflowId);
  });

  it('is repeated together with the next event', async () => {
    failingHandOvers = 1;
    const one = await begin();
    await verify(one);
    await expect.poll(received).toEqual(VERIFIED);
  });

  it('at the end is retried before the onboarding closes', async () => {
    const one = await begin();
    await expect.poll(received).toHaveLength(1);
    failingHandOvers = 3;
    await world.client.withdraw(one.workflowId);
    expect(await world.client.result(one.workflowId)).toMatchObject({ outcome: 'withdrawn' });
    await expect.poll(received).toEqual(['1 onboarding.registered', '2 onboarding.ended']);
  });

  it('that cannot be repeated does not keep the onboarding from closing with its outcome', async () => {
    const one = await begin();
    await expect.poll(received).toHaveLength(1);
    failingHandOvers = 1_000;
    await world.client.withdraw(one.workflowId);
    expect(await world.client.result(one.workflowId)).toMatchObject({ outcome: 'withdrawn' });
    failingHandOvers = 0;
    await world.client.replayEvent(one.workflowId, 2);
    await expect.poll(received).toEqual(['1 onboarding.registered', '2 onboarding.ended']);
  });
});

describe('a start while the onboarding hands over its last event', () => {
  let person: Person;

  const start = (options: StartOptions = {}) =>
    world.client.start(world.request(person), {
      ...{ reference: customer, callbacks: { endpoint: 'service', id: customer }, timeoutMs: 30_000 },
      ...options,
    });

  /** Holds the next hand-over until `before` is done and the onboarding has answered another start, which is returned. */
  const startMeanwhile = (before: () => Promise<unknown>, options?: StartOptions): Promise<StartedOnboarding> => {
    const another = new Promise<StartedOnboarding>((resolve, reject) => {
      beforeHandOver = async () => {
        await before();
        const isAnswered = new Promise<void>((answered) => {
          onStartAnswered = answered;
        });
        const started = start(options);
        started.then(resolve, reject);
        await Promise.race([isAnswered, started.catch(() => undefined)]);
      };
    });
    // It can be refused before the test looks.
    another.catch(() => undefined);
    return another;
  };

  beforeEach(async () => {
    person = world.somebody();
    onStartAnswered = undefined;
  });

  it('begins another onboarding, if that one has failed', async () => {
    await misconfigure();
    const first = start();
    const another = startMeanwhile(async () => {
      await first.catch(() => undefined);
      await world.sandbox.control.faults([]);
    });
    await expect(first).rejects.toMatchObject({ type: 'Misconfigured' });
    expect(await another).toMatchObject({ generation: 1 });
    expect(await world.client.status((await another).workflowId)).toMatchObject({ phase: 'validating' });
  });

  it('receives the same error, if it repeats what has failed, also many times at once', async () => {
    await misconfigure();
    const starts = Array.from({ length: 6 }, () => start().catch((error: OnboardingError) => error.type));
    expect(await Promise.all(starts)).toEqual(starts.map(() => 'Misconfigured'));
  });

  it.each([
    { restart: true, ends: 'begins another one, if it may' },
    { restart: false, ends: 'is refused' },
  ])('$ends, if that one has an outcome', async ({ restart }) => {
    const { workflowId } = await start();
    await expect.poll(received).toHaveLength(1);
    const another = startMeanwhile(async () => undefined, { restart });
    await world.client.withdraw(workflowId);
    expect(await world.client.result(workflowId)).toMatchObject({ outcome: 'withdrawn' });
    if (restart) expect(await another).toMatchObject({ generation: 1 });
    else await expect(another).rejects.toMatchObject({ type: 'AlreadyEnded' });
  });
});

describe('the events of an onboarding', () => {
  it('can be listed without callbacks, in which case none are sent', async () => {
    const one = await world.begin();
    await verify(one);
    const { events, last, oldest, callbacks, snapshot } = await world.client.events(one.workflowId, { after: 4 });
    expect({ last, oldest, callbacks, phase: snapshot.phase }).toEqual({ last: 6, oldest: 1, phase: 'ended' });
    expect(events.map(({ sequence, type }) => `${sequence} ${type}`)).toEqual(VERIFIED.slice(4));
    const { runId } = await world.env.client.workflow.getHandle(one.workflowId).describe();
    expect(receiver.seen.filter(({ messageId }) => messageId.startsWith(runId))).toEqual([]);
    await expect(sender(one).describe()).rejects.toThrow();
  });

  it('cost one activity for each hand-over and one `callbacks` workflow', async () => {
    const silent = await world.begin();
    await verify(silent);
    const telling = await begin();
    await expect.poll(received).toHaveLength(1);
    await allSent(telling);
    await verify(telling);
    await expect.poll(received).toHaveLength(6);
    const handOvers = async ({ workflowId }: { readonly workflowId: string }) =>
      (await activitiesOf(workflowId)).filter((name) => name === 'handOverEvents').length;
    expect(await handOvers(telling)).toBe(2);
    expect(await handOvers(silent)).toBe(0);
    // Started, signalled, one workflow task (3 events), an activity and a workflow task (6 events) for each of 5
    // events, completed.
    await expect.poll(() => historyOf(workflowIdOfCallbacks(telling.workflowId))).toHaveLength(6 + 5 * 6);
  });

  it("can be joined with the applicant's data by a separate query", async () => {
    const one = await begin({ language: 'es' });
    const { email, phone, countryCode, fullName } = one.person;
    const applicant = { contact: { email, phone, countryCode }, fullName, language: 'es' };
    expect(await world.client.applicant(one.workflowId)).toEqual(applicant);
  });

  it('continue after continue-as-new, which keeps the complete state, and are not sent again', async () => {
    const one = await begin();
    const latest = async () => (await world.env.client.workflow.getHandle(one.workflowId).describe()).runId;
    const first = await latest();
    await world.doAndReport(one, 'email');
    await expect.poll(received).toHaveLength(1);
    const reports = Array.from({ length: 1_000 }, (_, n) => ({
      about: 'phone',
      status: 'sent',
      validationId: `p${n}`,
    }));
    await world.env.client.workflow.getHandle(one.workflowId).signal(reportsSignal.name, reports);
    await expect.poll(latest).not.toBe(first);
    expect(await world.client.status(one.workflowId)).toMatchObject({
      generation: 1,
      checks: { email: { status: 'reported' } },
      pending: ['phone', 'document', 'biometric'],
      reports: { accepted: 1_001 },
    });
    expect(await world.client.registration(one.workflowId)).toMatchObject({ token: one.token });
    await world.doAndReport(one, 'phone', 'document', 'biometric');
    expect(await world.client.result(one.workflowId)).toMatchObject({ outcome: 'verified' });
    await expect.poll(received).toEqual(VERIFIED);
    await allSent(one);
    expect(arrivalsOf(1)).toBe(1);
  });
});

// Keep last: if a workflow ends while an activity that it cancelled is running, the time-skipping server no longer
// skips time.
describe('a replayed event', () => {
  it('has the same message id, even after the onboarding has ended', async () => {
    const one = await begin();
    await verify(one);
    await expect.poll(received).toHaveLength(6);
    await allSent(one);
    const before = arrivalsOf(2);
    await world.client.replayEvent(one.workflowId, 2);
    await expect.poll(() => arrivalsOf(2)).toBe(before + 1);
    expect(received()).toEqual(VERIFIED);
  });

  it('is sent at once, and so are the events behind it', async () => {
    await receiver.close();
    const one = await begin();
    await verify(one);
    await world.pass(DAY_MS);
    await receiver.reopen();
    await world.client.replayEvent(one.workflowId, 1);
    await expect.poll(received).toEqual(VERIFIED);
  });

  it('must exist, and its onboarding must have callbacks', async () => {
    const one = await begin();
    for (const sequence of [0, 2])
      await expect(world.client.replayEvent(one.workflowId, sequence)).rejects.toMatchObject({ type: 'NoSuchEvent' });
    await expect(world.client.replayEvent(one.workflowId, -1)).rejects.toMatchObject({ type: 'InvalidRequest' });
    const silent = await world.begin();
    await expect(world.client.replayEvent(silent.workflowId, 1)).rejects.toMatchObject({ type: 'NoCallbacks' });
    await expect(world.client.replayEvent('onboarding-nobody', 1)).rejects.toMatchObject({ type: 'NotFound' });
  });
});
