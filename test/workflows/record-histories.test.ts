import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type History, historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { OpenTelemetryWorkflowClientInterceptor } from '@temporalio/interceptors-opentelemetry/lib/client/index.js';
import proto from '@temporalio/proto';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openCallbackEndpoints } from '../../activities/callbacks/endpoints.js';
import { BatchClient, type Decision } from '../../client/index.js';
import { ReportRouter } from '../../client/reports.js';
import {
  eraseRegistrationUpdate,
  IDEMPOTENCY_KEY_WORKFLOW,
  noteRegistrationsUpdate,
  ONBOARDING_WORKFLOW,
  reportsSignal,
  VENDOR_ERASURE_WORKFLOW,
  workflowIdOfCallbacks,
  workflowIdOfHold,
  workflowIdOfVendorErasure,
} from '../../contract/messages.js';
import { workflowIdOfPendingReports } from '../../contract/report-routing.js';
import { workflowIdOfBatch, workflowIdOfReverify } from '../../contract/revalidation.js';
import { workflowIdOfValidity } from '../../contract/validity.js';
import { CHECK_NAMES } from '../../domain/checks.js';
import { contactKeysWith } from '../../shared/contact-keys.js';
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../../shared/time.js';
import { createApplicant, FAULT_PROFILES } from '../../tools/sandbox/index.js';
import { type DevServer, startDevServer } from '../../tools/servers/index.js';
import type { idempotencyKey } from '../../workflows/idempotency-key.js';
import type { onboarding } from '../../workflows/onboarding/onboarding.js';
import { reportOf, type Started } from '../support/applicants.js';
import { CREATE, READ } from '../support/counted.js';
import { keysOfHistories } from '../support/encryption-keys.js';
import { type EventReceiver, newEndpointsFile, startEventReceiver } from '../support/event-receiver.js';
import { type OnboardingWorld, openWorld } from '../support/onboarding-world.js';
import { installQuietRuntime } from '../support/quiet-runtime.js';

const {
  EVENT_TYPE_ACTIVITY_TASK_CANCEL_REQUESTED: CANCEL_REQUESTED,
  EVENT_TYPE_ACTIVITY_TASK_COMPLETED: ACTIVITY_COMPLETED,
  EVENT_TYPE_ACTIVITY_TASK_FAILED: ACTIVITY_FAILED,
  EVENT_TYPE_ACTIVITY_TASK_SCHEDULED: ACTIVITY_SCHEDULED,
  EVENT_TYPE_MARKER_RECORDED: MARKER_RECORDED,
  EVENT_TYPE_TIMER_STARTED: TIMER_STARTED,
  EVENT_TYPE_WORKFLOW_EXECUTION_CONTINUED_AS_NEW: CONTINUED_AS_NEW,
  EVENT_TYPE_WORKFLOW_EXECUTION_FAILED: FAILED,
} = proto.temporal.api.enums.v1.EventType;

const HISTORIES = fileURLToPath(new URL('../histories/', import.meta.url));

interface Run {
  readonly workflowId: string;
  readonly runId?: string;
}

/** Histories by the names of their files. */
type Recorded = Readonly<Record<string, History>>;

let server: DevServer;
let receiver: EventReceiver;
let world: OnboardingWorld;
let batches: BatchClient;

const handleOf = ({ workflowId, runId }: Run) => world.env.client.workflow.getHandle(workflowId, runId);

const historyOf = (run: Run): Promise<History> => handleOf(run).fetchHistory();

const runIdOf = async (run: Run): Promise<string> => (await handleOf(run).describe()).runId;

const typesIn = ({ events }: History) => (events ?? []).map(({ eventType }) => eventType);

/** Waits for an event of the type. */
const untilIn = (run: Run, type: number) =>
  expect.poll(async () => typesIn(await historyOf(run).catch(() => ({})))).toContain(type);

const statusOf = ({ workflowId }: Run) => world.client.status(workflowId);

/** Waits for the outcome, and returns the history. */
const ended = async (run: Run, decision: Partial<Decision>): Promise<History> => {
  expect(await world.client.result(run.workflowId)).toMatchObject(decision);
  return historyOf(run);
};

const verified = async (one: Started): Promise<History> => {
  await world.doAndReport(one, ...CHECK_NAMES);
  return ended(one, { reason: 'allChecksPassed' });
};

const reviewed = async (decision: 'approve' | 'reject', reason: Decision['reason']): Promise<History> => {
  const one = await world.begin({}, 'document-review');
  await world.doAndReport(one, ...CHECK_NAMES);
  await expect.poll(() => statusOf(one)).toMatchObject({ hold: 'review' });
  await world.client.decideReview(one.workflowId, { decision, check: 'document', reviewer: 'reviewer-7' });
  return ended(one, { reason });
};

/** Starts a batch that requests new documents. Returns its onboardings. */
const startBatch = async (batch: string, count: number, callsPerSecond: number): Promise<readonly Run[]> => {
  await world.sandbox.control.settings({ mandatory: ['document'] });
  await world.sandbox.control.population({ count });
  const ids = (await world.sandbox.control.ids()).slice(-count);
  await batches.start(
    { mode: 'reverify', source: { kind: 'ids', ids }, checks: ['document'], callsPerSecond },
    { batch },
  );
  return ids.map((id) => ({ workflowId: workflowIdOfReverify(id) }));
};

const untilBatchIs = (batch: string, status: string) =>
  expect.poll(async () => (await batches.progress(batch)).status).toBe(status);

const SCENARIOS: Readonly<Record<string, () => Promise<Recorded>>> = {
  'an onboarding that is verified': async () => {
    const history = await verified(await world.begin());
    expect(typesIn(history)).toContain(MARKER_RECORDED);
    return { verified: history };
  },

  'an onboarding whose client traces': async () => {
    const interceptors = [new OpenTelemetryWorkflowClientInterceptor()];
    const skipping = await openWorld({}, { keys: keysOfHistories, interceptors });
    try {
      const one = await skipping.begin();
      await skipping.doAndReport(one, ...CHECK_NAMES);
      expect(await skipping.client.result(one.workflowId)).toMatchObject({ outcome: 'verified' });
      const history = await skipping.env.client.workflow.getHandle(one.workflowId).fetchHistory();
      expect(history.events?.[0]?.workflowExecutionStartedEventAttributes?.header?.fields).toHaveProperty(
        '_tracer-data',
      );
      return { traced: history };
    } finally {
      await skipping.close();
    }
  },

  'a verified onboarding with callbacks, one of which is replayed while its receiver is down': async () => {
    receiver.answer({ status: 500 });
    const one = await world.begin({}, undefined, { callbacks: { endpoint: 'service' } });
    const workflowId = workflowIdOfCallbacks(one.workflowId);
    await expect.poll(() => receiver.seen.length).toBe(1);
    const callbacks = { workflowId, runId: await runIdOf({ workflowId }) };
    await world.client.replayEvent(one.workflowId, 1);
    expect(await handleOf(callbacks).result()).toEqual({ delivered: 1, abandoned: 0 });
    const replayed = await historyOf(callbacks);
    expect(typesIn(replayed)).toContain(CANCEL_REQUESTED);
    return { 'verified-with-callbacks': await verified(one), 'callbacks-replayed': replayed };
  },

  'an applicant who is registered with another contact and withdraws': async () => {
    const one = await world.begin();
    const { email, phone, countryCode } = world.somebody();
    const again = await world.client.reRegister(one.workflowId, { contact: { email, phone, countryCode } });
    expect(again.appRegistrationId).not.toBe(one.appRegistrationId);
    await world.client.withdraw(one.workflowId);
    return { 'another-contact-then-withdrawn': await ended(one, { outcome: 'withdrawn' }) };
  },

  'a registration that Verifik has lost': async () => {
    const one = await world.begin();
    await world.sandbox.control.forget(one.appRegistrationId);
    await world.client.signalDocumentValidation(one.workflowId, { status: 'failed', validationId: 'forged' });
    await expect.poll(() => statusOf(one)).toMatchObject({ generation: 2 });
    const { appRegistrationId, token } = await world.client.registration(one.workflowId);
    expect(appRegistrationId).not.toBe(one.appRegistrationId);
    return { forgotten: await verified({ ...one, applicant: world.applicantWith(one.person, token) }) };
  },

  'failed attempts until the onboarding is rejected': async () => {
    const one = await world.begin({ policy: { attemptLimits: { document: 2 } } }, 'document-failed');
    await world.doAndReport(one, 'document');
    await expect.poll(() => statusOf(one)).toMatchObject({ checks: { document: { attempts: { failed: 1 } } } });
    await world.doAndReport(one, 'document');
    return { 'attempts-exhausted': await ended(one, { reason: 'attemptsExhausted' }) };
  },

  'a review that is approved, and one that is rejected': async () => ({
    'review-approved': await reviewed('approve', 'approvedByReviewer'),
    'review-rejected': await reviewed('reject', 'rejectedByReviewer'),
  }),

  'a project that is set up wrongly at Verifik': async () => {
    const reference = randomUUID();
    await world.sandbox.control.faults([{ match: CREATE, kind: 'status', status: 400, code: 'INVALID_PROJECT_FLOW' }]);
    const start = world.client.start(world.request(world.somebody()), { reference });
    await expect(start).rejects.toMatchObject({ type: 'Misconfigured' });
    const run = { workflowId: `onboarding-${reference}` };
    await untilIn(run, FAILED);
    return { misconfigured: await historyOf(run) };
  },

  'a vendor whose first call fails, then a storm of faults': async () => {
    await world.sandbox.control.faults([{ match: CREATE, kind: 'status', status: 503, retryAfter: '1', times: 1 }]);
    const one = await world.begin();
    const registered = typesIn(await historyOf(one));
    for (const type of [MARKER_RECORDED, TIMER_STARTED, ACTIVITY_SCHEDULED]) expect(registered).toContain(type);
    await world.sandbox.control.faults([{ match: READ, kind: 'status', times: 1 }, ...FAULT_PROFILES.storm]);
    const history = await verified(one);
    expect(typesIn(history)).toContain(ACTIVITY_FAILED);
    return { 'verified-after-faults': history };
  },

  'an onboarding that continues as new': async () => {
    const one = await world.begin();
    await world.doAndReport(one, 'email');
    const first = { ...one, runId: await runIdOf(one) };
    // Each of these counts as undecodable, and takes little space.
    await handleOf(one).signal(reportsSignal.name, Array(1_000).fill(null));
    await expect.poll(() => runIdOf(one)).not.toBe(first.runId);
    await world.doAndReport(one, 'phone', 'document', 'biometric');
    const history = await historyOf(first);
    expect(typesIn(history)).toContain(CONTINUED_AS_NEW);
    return { 'continued-as-new': history, 'continued-in-a-new-run': await ended(one, { outcome: 'verified' }) };
  },

  'a storm of reports in one signal': async () => {
    const one = await world.begin();
    const reports = [];
    for (const about of CHECK_NAMES) {
      const { status, validationId } = await one.applicant.pass(about);
      const foreign = { about, status, validationId: 'foreign', appRegistrationId: 'another' };
      reports.push({ about, status: 'new', validationId }, { about, status, validationId }, { about }, foreign);
    }
    await handleOf(one).signal(reportsSignal.name, Array(10).fill(reports).flat());
    const history = await ended(one, { outcome: 'verified' });
    expect((await statusOf(one)).reports).toMatchObject({ undecodable: 40, foreign: 40 });
    return { 'reports-in-one-signal': history };
  },

  'an onboarding that expires after a renewed token and a reminder': async () => {
    const skipping = await openWorld({}, { keys: keysOfHistories });
    try {
      const reconcile = { firstMs: DAY_MS, maxMs: DAY_MS };
      const one = await skipping.begin({ policy: { deadlineMs: 2 * DAY_MS, reconcile } });
      await skipping.doAndReport(one, 'email');
      await skipping.pass(3 * HOUR_MS);
      expect(await skipping.client.registration(one.workflowId)).toMatchObject({ generation: 2 });
      expect(await skipping.client.result(one.workflowId)).toMatchObject({ outcome: 'expired' });
      expect(await skipping.client.status(one.workflowId)).toMatchObject({ remindersSent: 1 });
      return { expired: await skipping.env.client.workflow.getHandle(one.workflowId).fetchHistory() };
    } finally {
      await skipping.close();
    }
  },

  'a claimed review that becomes due, after which the applicant repeats the document': async () => {
    const skipping = await openWorld({}, { keys: keysOfHistories });
    try {
      const { client, sandbox } = skipping;
      const review = { withinMs: 3 * HOUR_MS, escalateBeforeMs: HOUR_MS, atDeadline: 'wait' } as const;
      const one = await skipping.begin({ policy: { deadlineMs: HOUR_MS, review } });
      const { workflowId } = one;
      await sandbox.control.force(one.appRegistrationId, { document: 'ACTIVE_BUT_UNVERIFIED', times: 1 });
      await skipping.doAndReport(one, ...CHECK_NAMES);
      await expect.poll(() => client.status(workflowId)).toMatchObject({ hold: 'review' });
      await client.claimReview(workflowId, { reviewer: 'reviewer-7', forMs: HOUR_MS });
      await skipping.pass(2 * HOUR_MS + MINUTE_MS);
      const reason = 'The photo is blurred.';
      await client.requestAgain(workflowId, { checks: ['document'], reviewer: 'reviewer-8', reason });
      await expect.poll(() => client.status(workflowId)).toMatchObject({ remindersSent: 1 });
      const { token } = await client.registration(workflowId);
      const applicant = skipping.applicantWith(one.person, token);
      await skipping.doAndReport({ workflowId, applicant }, 'document', 'biometric');
      expect(await client.result(workflowId)).toMatchObject({ outcome: 'verified' });
      return { 'review-again': await skipping.env.client.workflow.getHandle(workflowId).fetchHistory() };
    } finally {
      await skipping.close();
    }
  },

  'an onboarding whose status is queried before a worker has it': async () => {
    const run = { workflowId: 'onboarding-asked-before' };
    await world.env.client.workflow.start<typeof onboarding>(ONBOARDING_WORKFLOW, {
      ...run,
      taskQueue: run.workflowId,
      args: [{ request: world.request(world.somebody()) }],
    });
    const status = world.client.status(run.workflowId, { timeoutMs: 50_000 });
    // The worker receives the query while the local activity runs.
    await world.sandbox.control.faults([{ match: CREATE, kind: 'latency', latencyMs: 1_000 }]);
    await world.startWorkers(run.workflowId);
    expect(await status).toMatchObject({ phase: 'registering' });
    await untilIn(run, TIMER_STARTED);
    const history = await historyOf(run);
    expect(typesIn(history)).not.toContain(MARKER_RECORDED);
    return { 'asked-before-a-worker': history };
  },

  'a batch that is paused and has its rate changed, and an onboarding that it starts': async () => {
    const batch = 'paused';
    const [one = { workflowId: '' }, ...others] = await startBatch(batch, 3, 1);
    await expect.poll(async () => (await batches.progress(batch)).scan.position.taken).toBeGreaterThan(0);
    await batches.pause(batch);
    await untilBatchIs(batch, 'paused');
    await batches.changeRate(batch, 100);
    await batches.resume(batch);
    await untilBatchIs(batch, 'waiting');
    const { token } = await world.client.registration(one.workflowId);
    const document = await createApplicant({ url: world.sandbox.url, token }).uploadDocument({ force: true });
    await world.client.signalDocumentValidation(one.workflowId, reportOf(document));
    for (const { workflowId } of others) await world.client.withdraw(workflowId);
    expect(await batches.result(batch)).toMatchObject({ onboardings: { verified: 1, withdrawn: 2 } });
    const revalidation = await historyOf({ workflowId: workflowIdOfBatch(batch) });
    expect(typesIn(revalidation)).toContain(CANCEL_REQUESTED);
    return { revalidation, 'begun-by-a-batch': await historyOf(one) };
  },

  'a batch that is cancelled and withdraws its onboardings': async () => {
    const batch = 'cancelled';
    await startBatch(batch, 2, 100);
    await untilBatchIs(batch, 'waiting');
    await batches.cancel(batch, { onboardings: 'withdraw' });
    expect(await batches.result(batch)).toMatchObject({ stopped: 'cancelled', onboardings: { withdrawn: 2 } });
    return { 'revalidation-cancelled': await historyOf({ workflowId: workflowIdOfBatch(batch) }) };
  },

  'a report that waits for its onboarding': async () => {
    const person = world.somebody();
    const { contact } = world.request(person);
    const [contactKey = ''] = contactKeysWith('a-key-for-the-tests')(contact);
    const route = { by: 'contact', contactKey } as const;
    const run = { workflowId: workflowIdOfPendingReports(route) };
    const router = new ReportRouter(world.env.client, { taskQueue: world.taskQueue, withinMs: 10_000 });
    expect(await router.deliver({ about: 'email', status: 'sent' }, [route])).toBe('pending');
    await untilIn(run, ACTIVITY_COMPLETED);
    await world.client.start(world.request(person), { reference: randomUUID() });
    expect(await handleOf(run).result()).toEqual({ delivered: 1, ended: 0, dropped: 0 });
    return { 'pending-reports': await historyOf(run) };
  },

  'a legal hold that is lifted': async () => {
    await world.client.placeLegalHold('held', { placedBy: 'counsel-1' });
    await world.client.liftLegalHold('held', { liftedBy: 'counsel-2' });
    const run = { workflowId: workflowIdOfHold('held') };
    expect(await handleOf(run).result()).toMatchObject({ liftedBy: 'counsel-2' });
    return { 'legal-hold': await historyOf(run) };
  },

  'an idempotency key': async () => {
    const run = { workflowId: 'idempotency-key' };
    const fingerprints = { 'contact.email': 'hash' };
    const result = await world.env.client.workflow.execute<typeof idempotencyKey>(IDEMPOTENCY_KEY_WORKFLOW, {
      ...run,
      taskQueue: world.taskQueue,
      args: [{ fingerprints }],
    });
    expect(result).toEqual({ fingerprints });
    return { 'idempotency-key': await historyOf(run) };
  },

  'a validity that a later outcome moves, and that ends soon': async () => {
    const reference = 'valid';
    const run = { workflowId: workflowIdOfValidity('', reference) };
    const verify = async (validityNoticeMs: number) => {
      const policy = { verifiedForMs: HOUR_MS, validityNoticeMs };
      const options = { reference, restart: true, callbacks: { endpoint: 'service' } };
      await verified(await world.begin({ policy }, undefined, options));
    };
    await verify(MINUTE_MS);
    await untilIn(run, TIMER_STARTED);
    await verify(HOUR_MS - SECOND_MS);
    await untilIn(run, ACTIVITY_COMPLETED);
    await expect
      .poll(async () => typesIn(await historyOf(run)).filter((type) => type === TIMER_STARTED))
      .toHaveLength(3);
    return { 'validity-moved': await historyOf(run) };
  },

  "an erasure of a customer's data at Verifik": async () => {
    const one = await world.begin();
    await world.doAndReport(one, 'email', 'document');
    const { appRegistrationId } = one;
    const run = { workflowId: workflowIdOfVendorErasure('erased') };
    const handle = await world.env.client.workflow.start(VENDOR_ERASURE_WORKFLOW, {
      ...run,
      taskQueue: world.taskQueue,
      args: [],
    });
    await handle.executeUpdate(noteRegistrationsUpdate, { args: [[{ appRegistrationId }]] });
    const { deletions } = await handle.executeUpdate(eraseRegistrationUpdate, { args: [{ appRegistrationId }] });
    expect(deletions.map(({ kind, answer }) => [kind, answer])).toEqual([
      ['document', 'deleted'],
      ['registration', 'deleted'],
    ]);
    return { 'vendor-erasure': await historyOf(run) };
  },

  'an onboarding that waits for its applicant': async () => {
    const one = await world.begin();
    await world.doAndReport(one, 'email');
    await untilIn(one, TIMER_STARTED);
    expect(await statusOf(one)).toMatchObject({ phase: 'validating', pending: ['phone', 'document', 'biometric'] });
    return { 'still-open': await historyOf(one) };
  },
};

/** `npm run histories`: writes the files that histories.test.ts replays. Not part of `npm test`. */
describe.runIf(process.env['RECORD_HISTORIES'] === '1')('records', () => {
  beforeAll(async () => {
    installQuietRuntime();
    server = await startDevServer({ headless: true });
    receiver = await startEventReceiver();
    world = await openWorld(
      {},
      {
        callbacks: await openCallbackEndpoints(newEndpointsFile(receiver)),
        keys: keysOfHistories,
        connect: (client = {}) => TestWorkflowEnvironment.createFromExistingServer({ address: server.address, client }),
      },
    );
    batches = new BatchClient(world.env.client, { taskQueue: world.taskQueue });
  });

  afterAll(async () => {
    await world?.close();
    await receiver?.close();
    await server?.kill();
  });

  it.each(Object.entries(SCENARIOS))('%s', async (_scenario, play) => {
    await world.sandbox.control.faults([]);
    await world.sandbox.control.settings({ mandatory: [...CHECK_NAMES] });
    for (const [name, history] of Object.entries(await play()))
      writeFileSync(`${HISTORIES}${name}.json`, `${historyToJSON(history)}\n`);
  });
});
