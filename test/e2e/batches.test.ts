import { dirname, join } from 'node:path';
import type { WorkflowHandle } from '@temporalio/client';
import { temporal } from '@temporalio/proto';
import { beforeAll, describe, expect, it } from 'vitest';
import { folderBatchStore } from '../../activities/revalidation/files/store.js';
import { BatchClient, type BatchRequestInput, type OnboardingRequestInput } from '../../client/index.js';
import { DEFAULT_TASK_QUEUE, ONBOARDING_WORKFLOW } from '../../contract/messages.js';
import { BATCH_PRIORITY, workflowIdOfBatch, workflowIdOfReverify } from '../../contract/revalidation.js';
import { vendorTaskQueue } from '../../contract/task-queues.js';
import { workflowIdOfValidity } from '../../contract/validity.js';
import { CHECK_NAMES, type CheckName } from '../../domain/checks.js';
import type { ReportLine } from '../../domain/revalidation/lines.js';
import { defined } from '../../shared/defined.js';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../shared/time.js';
import type { WorkerProcess } from '../../tools/processes/worker-process.js';
import { DRIFT_WORDS, type Populated } from '../../tools/sandbox/index.js';
import { personGenerator, reportOf } from '../support/applicants.js';
import { all, streamOf } from '../support/batch-store.js';
import { LIST, READ } from '../support/counted.js';
import { opened } from '../support/opened.js';
import { openKilledBatch } from './killed-batch.js';
import { openRealServers } from './real-servers.js';

const real = opened(() => openRealServers());
const killed = opened(() => openKilledBatch({ mode: 'reverify', checks: ['document'], callsPerSecond: 40 }));
let worker: WorkerProcess;
let batches: BatchClient;
let folder: string;
let population: Populated;
/** Registrations without drift. Each test takes some. */
let untouched: string[];

beforeAll(async () => {
  batches = new BatchClient(real.temporal);
  folder = join(dirname(real.logFile), 'batches');
  population = await real.sandbox.control.population({
    count: 400,
    drift: { failed: 1, expired: 1, unknownWord: 1, forgotten: 1 },
  });
  const drifted = Object.values(population.drifted).flat();
  untouched = (await real.sandbox.control.ids()).filter((id) => !drifted.includes(id));
  await startWorker();
});

const some = (count: number): readonly string[] => untouched.splice(0, count);

const nextPerson = personGenerator(29);

const audit = (source: BatchRequestInput['source'], change: Partial<BatchRequestInput> = {}): BatchRequestInput => ({
  mode: 'audit',
  source,
  callsPerSecond: 200,
  ...change,
});

const reverify = (
  ids: readonly string[],
  checks: readonly CheckName[],
  change: Partial<BatchRequestInput> = {},
): BatchRequestInput => ({ mode: 'reverify', source: { kind: 'ids', ids }, checks, callsPerSecond: 200, ...change });

const store = () => folderBatchStore(folder);

const linesOf = (batch: string): Promise<readonly ReportLine[]> => all(store().readLines(batch));

/** Starts the worker that runs the batches. */
const startWorker = async (): Promise<void> => {
  worker = await real.startWorker({
    callsPerSecond: 500,
    contactKey: 'a-key-for-the-tests',
    // Running activities are cancelled soon after a shutdown begins.
    shutdownGraceMs: 500,
  });
};

/** Starts a reverify, and waits until it has scanned its source and waits for its onboardings. */
const startedReverify = async (batch: string, request: BatchRequestInput) => {
  await batches.start(request, { batch });
  await expect.poll(() => batches.progress(batch)).toMatchObject({ status: 'waiting' });
  return (await batches.progress(batch)).scan.counts;
};

/** Withdraws the onboardings of a batch, and returns its result. */
const withdrawn = async (batch: string) => {
  await batches.cancel(batch, { onboardings: 'withdraw' });
  return batches.result(batch);
};

const run = async (batch: string, request: BatchRequestInput) => {
  await batches.start(request, { batch });
  return batches.result(batch);
};

const taken = async (batch: string) => (await batches.progress(batch)).scan.position.taken;

/** Starts an onboarding, and does and reports the checks. */
const onboard = async (reference: string, ...checks: readonly CheckName[]) => {
  const started = await real.begin(nextPerson(), reference, ...checks);
  if (checks.length === CHECK_NAMES.length) await real.client.result(started.workflowId);
  return started;
};

const isListed = (count: number, query: string) =>
  expect
    .poll(
      async () => (await real.temporal.workflow.count(`WorkflowType = "${ONBOARDING_WORKFLOW}" AND ${query}`)).count,
    )
    .toBe(count);

/** Returns the number of Verifik calls during an action, by endpoint. */
const callsDuring = async (doing: () => Promise<unknown>) => {
  const before = (await real.sandbox.control.totals()).calls;
  await doing();
  const after = (await real.sandbox.control.totals()).calls;
  const more = Object.entries(after).map(([call, count]) => [call, count - (before[call] ?? 0)] as const);
  return Object.fromEntries(more.filter(([, count]) => count > 0));
};

/** Returns the number of invitations to each registration. */
const linksOf = async (ids: readonly string[], { control } = real.sandbox): Promise<readonly number[]> => {
  const { resendLinksByRegistration } = await control.ledger();
  return ids.map((id) => resendLinksByRegistration[id] ?? 0);
};

const scheduledOf = async (handle: WorkflowHandle) =>
  ((await handle.fetchHistory()).events ?? []).flatMap(
    ({ activityTaskScheduledEventAttributes: scheduled }) => scheduled ?? [],
  );

describe('an audit', () => {
  it('reports a result for each registration in a file, and skips invalid lines', async () => {
    const verified = await onboard('verified', ...CHECK_NAMES);
    const fallen = await onboard('fallen', ...CHECK_NAMES);
    await real.sandbox.control.setStatus(fallen.appRegistrationId, 'FAILED');
    const open = await onboard('open', 'email');
    const left = await onboard('withdrawn');
    await real.client.withdraw(left.workflowId);
    await isListed(3, 'ExecutionStatus = "Completed"');
    const [expired = '', unknown = '', forgotten = ''] = [
      ...population.drifted.expired,
      ...population.drifted.unknownWord,
      ...population.drifted.forgotten,
    ];
    const [known = ''] = some(1);
    const found: readonly (readonly [string, Partial<ReportLine>])[] = [
      [verified.appRegistrationId, { result: 'match', status: 'completed', known: 'verified' }],
      [fallen.appRegistrationId, { result: 'mismatch', status: 'failed', known: 'verified' }],
      [open.appRegistrationId, { result: 'match', status: 'inProgress', known: 'open' }],
      [left.appRegistrationId, { result: 'match', status: 'inProgress', known: 'withdrawn' }],
      [known, { result: 'unknownHere', status: 'completed' }],
      [expired, { result: 'expired', status: 'sessionOver' }],
      [unknown, { result: 'unknownWord', unknownWord: DRIFT_WORDS.unknownWord }],
      [forgotten, { result: 'notFound' }],
      [known, { result: 'repeated' }],
    ];
    const rows = ['name;appRegistrationId', 'somebody;not an id', ...found.map(([id]) => `x;${id}`), '', 'y;', ';;'];
    await store().putSource('file', streamOf([Buffer.from(rows.join('\n'))]));
    const result = await run('file', audit({ kind: 'file', format: 'csv' }));
    const lines = await linesOf('file');
    expect(lines).toMatchObject(found.map(([appRegistrationId, line]) => ({ appRegistrationId, ...line })));
    expect(lines.map(({ ordinal }) => ordinal)).toEqual(found.map((_, index) => index + 1));
    expect(result).toMatchObject({ total: found.length, badLines: 2 });
    expect(result.results).toEqual({
      match: 3,
      mismatch: 1,
      unknownHere: 1,
      expired: 1,
      unknownWord: 1,
      notFound: 1,
      repeated: 1,
    });
  });

  it('of the list reads only the pages of the list, and filters by status', async () => {
    const list = { kind: 'list', project: real.sandbox.project } as const;
    const calls = await callsDuring(async () => {
      const { results, total } = await run('failed', audit({ ...list, statuses: ['failed'] }));
      expect(total).toBe(2);
      expect(results).toEqual({ mismatch: 1, unknownHere: 1 });
    });
    expect(calls).toEqual({ [LIST]: 5 });
    const assumed = await run('assumed', { ...audit({ ...list, statuses: ['failed'] }), assume: 'verified' });
    expect(assumed.results).toEqual({ mismatch: 2 });
    const none = await run('none', audit({ ...list, createdBefore: 1_000 }));
    expect(none).toMatchObject({ total: 0, results: {} });
  });

  it('slows down when Verifik limits its calls or fails, and misses no registration', async () => {
    const ids = some(60);
    await real.sandbox.control.settings({ callsPerSecond: 15 });
    const { callsRefused } = await real.sandbox.control.totals();
    const began = Date.now();
    await batches.start(audit({ kind: 'ids', ids }, { callsPerSecond: 60 }), { batch: 'slowed' });
    await expect.poll(() => taken('slowed')).toBeGreaterThan(15);
    await real.sandbox.control.faults([
      { match: READ, kind: 'status', status: 503, retryAfter: '1', times: 20 },
      { match: READ, kind: 'nonJson', times: 3 },
    ]);
    const { total, results } = await batches.result('slowed');
    expect({ total, results }).toEqual({ total: 60, results: { unknownHere: 60 } });
    expect(Date.now() - began).toBeGreaterThan(3_000);
    const refused = (await real.sandbox.control.totals()).callsRefused - callsRefused;
    expect(refused).toBeGreaterThan(0);
    expect(refused).toBeLessThan(3 * 60);
    await real.sandbox.control.settings({ callsPerSecond: 0 });
    await real.sandbox.control.faults([]);
    // Each call has a unique request id.
    const asked = (await real.sandbox.control.requests()).flatMap(({ requestId }) => requestId ?? []);
    expect(new Set(asked).size).toBe(asked.length);
  });
});

describe('a reverify', () => {
  it('requires the chosen checks again, and ignores validations from before its start', async () => {
    const { mandatory } = await real.sandbox.control.settings();
    // If the flow required more checks, Verifik would not complete the registration.
    await real.sandbox.control.settings({ mandatory: ['document'] });
    const [validatedAfter = '', validatedBefore = ''] = some(2);
    await batches.start(reverify([validatedAfter, validatedBefore], ['document']), { batch: 'again' });
    await expect
      .poll(() => batches.progress('again'))
      .toMatchObject({ status: 'waiting', onboardings: { running: 2 } });
    const device = async (id: string) => {
      const workflowId = workflowIdOfReverify(id);
      const { token, appRegistrationId } = await real.client.registration(workflowId);
      expect(appRegistrationId).toBe(id);
      return { workflowId, applicant: real.applicantWith(nextPerson(), token) };
    };
    const one = await device(validatedBefore);
    const before = await one.applicant.uploadDocument();
    await real.client.signalValidation(one.workflowId, 'document', reportOf(before));
    await expect.poll(async () => (await real.client.status(one.workflowId)).reports).toMatchObject({ stale: 1 });
    const other = await device(validatedAfter);
    const after = await other.applicant.uploadDocument({ force: true });
    await real.client.signalValidation(other.workflowId, 'document', reportOf(after));
    expect(await real.client.result(other.workflowId)).toMatchObject({
      outcome: 'verified',
      appRegistrationId: validatedAfter,
    });
    expect(await real.client.status(one.workflowId)).toMatchObject({
      checks: { document: { status: 'pending' }, email: { status: 'notRequired' } },
    });
    const { validationsByRegistration, registrationsRecreatedByRegistration } = await real.sandbox.control.ledger();
    expect(validationsByRegistration[validatedAfter]).toEqual({ document: 1 });
    expect(validationsByRegistration[validatedBefore]).toBeUndefined();
    for (const id of [validatedAfter, validatedBefore]) expect(registrationsRecreatedByRegistration[id]).toBe(1);
    expect(await linksOf([validatedAfter, validatedBefore])).toEqual([1, 1]);
    expect(await withdrawn('again')).toMatchObject({ onboardings: { verified: 1, withdrawn: 1, running: 0 } });
    await real.sandbox.control.settings({ mandatory });
  });

  it('of the customers whose validity ends finds exactly these, and their next outcome ends and is announced likewise', async () => {
    const verify = async (reference: string, policy: OnboardingRequestInput['policy'], restart = false) => {
      const person = nextPerson();
      const options = { reference, restart, callbacks: { endpoint: 'service' } };
      const started = await real.client.start(real.request(person, { ...defined({ policy }) }), options);
      await real.doAndReport({ ...started, applicant: real.applicantWith(person, started.token) }, ...CHECK_NAMES);
      await real.client.result(started.workflowId);
      return { ...started, person };
    };
    const soon = { verifiedForMs: HOUR_MS, validityNoticeMs: MINUTE_MS };
    const due = await verify('due', soon);
    await verify('due-later', { verifiedForMs: DAY_MS });
    await verify('never-due', undefined);
    await verify('verified-since', soon);
    await verify('verified-since', { verifiedForMs: DAY_MS }, true);
    await isListed(2, `OnboardingReference = "verified-since" AND ExecutionStatus = "Completed"`);
    const request: BatchRequestInput = {
      ...reverify([], ['email', 'phone']),
      source: { kind: 'dueBefore', withinMs: 2 * HOUR_MS, project: real.sandbox.project },
    };
    await batches.start(request, { batch: 'due' });
    await expect.poll(() => batches.progress('due')).toMatchObject({ status: 'waiting' });
    const workflowId = workflowIdOfReverify(due.appRegistrationId);
    expect(await linesOf('due')).toMatchObject([{ result: 'started', workflowId }]);
    const { token } = await real.client.registration(workflowId);
    await real.doAndReport({ workflowId, applicant: real.applicantWith(due.person, token) }, 'email', 'phone');
    const { decidedAt, validUntil } = await real.client.result(workflowId);
    expect(validUntil).toBe(decidedAt + HOUR_MS);
    const announcing = real.temporal.workflow.getHandle(workflowIdOfValidity(due.workflowId, 'due'));
    const signals = ((await announcing.fetchHistory()).events ?? []).filter(
      ({ workflowExecutionSignaledEventAttributes: signalled }) => signalled != null,
    );
    expect(signals).toHaveLength(2);
    expect(await batches.result('due')).toMatchObject({ total: 1, onboardings: { verified: 1 } });
    // The new outcome is due as soon, and the former one no longer is.
    await isListed(1, `OnboardingBatch = "due" AND OnboardingValidUntil < "9999"`);
    expect(await run('due-again', { ...request, dryRun: true })).toMatchObject({ total: 1 });
    const found = await all(real.client.list({ reference: 'due', validBefore: validUntil ?? 0 }));
    expect(found.map((one) => one.workflowId)).toEqual([due.workflowId]);
  });

  it('schedules its activities on the task queue of batches, with a lower priority than live onboardings', async () => {
    const [id = ''] = some(1);
    await batches.start(reverify([id], ['email']), { batch: 'queued' });
    const workflowId = workflowIdOfReverify(id);
    const handle = real.temporal.workflow.getHandle(workflowId);
    await expect.poll(async () => (await scheduledOf(handle)).length).toBe(2);
    const queued = {
      taskQueue: { name: vendorTaskQueue(DEFAULT_TASK_QUEUE) },
      priority: { priorityKey: BATCH_PRIORITY, fairnessKey: 'queued' },
    };
    expect(await scheduledOf(handle)).toMatchObject([
      { activityType: { name: 'createAppRegistration' }, ...queued },
      { activityType: { name: 'remindApplicant' }, ...queued },
    ]);
    const description = await handle.describe();
    expect(description.priority).toMatchObject(queued.priority);
    expect(description.taskQueue).toBe(DEFAULT_TASK_QUEUE);
    await withdrawn('queued');
  });

  it('does not change open onboardings, and reports applicants whom it cannot contact', async () => {
    const live = await onboard('alreadyRunning', 'email');
    const [id = '', ofOther = ''] = some(2);
    // Its id is a prefix of the next one's.
    await startedReverify('who', reverify([ofOther], ['phone']));
    const { email } = nextPerson();
    const noPhone = await real.client.start(
      { ...real.request(nextPerson()), contact: { email }, policy: { required: ['email'] } },
      { reference: 'no-phone' },
    );
    await real.client.withdraw(noPhone.workflowId);
    await real.client.result(noPhone.workflowId);
    await isListed(1, `WorkflowId = "${noPhone.workflowId}" AND ExecutionStatus = "Completed"`);
    const ids = [live.appRegistrationId, id, ...population.drifted.forgotten, noPhone.appRegistrationId, id, ofOther];
    const request = reverify(ids, ['phone'], { tariff: { phone: 2 } });
    await startedReverify('who-else', request);
    await batches.cancel('who-else', { onboardings: 'keep' });
    const result = await batches.result('who-else');
    expect(result).toMatchObject({ total: 6, credits: 2, stopped: 'cancelled', onboardings: { running: 1 } });
    const asked = workflowIdOfReverify(id);
    expect((await linesOf('who-else')).map(({ result: came, workflowId }) => [came, workflowId])).toEqual([
      ['alreadyRunning', live.workflowId],
      ['started', asked],
      ['notFound', undefined],
      ['noContact', undefined],
      ['repeated', undefined],
      ['alreadyRunning', workflowIdOfReverify(ofOther)],
    ]);
    await real.client.withdraw(asked);
    await batches.cancel('who', { onboardings: 'withdraw' });
  });

  it('as a dry run makes no calls to Verifik, and predicts where its credit budget ends', async () => {
    const ids = some(20);
    const request = reverify(ids, ['document', 'email'], { tariff: { document: 5, email: 1 }, creditBudget: 100 });
    const calls = await callsDuring(async () => {
      const result = await run('priced', { ...request, dryRun: true });
      expect(result).toMatchObject({ stopped: 'budget', credits: 96, results: { dryRun: 16 } });
      const audited = await run('dry', audit({ kind: 'ids', ids }, { dryRun: true }));
      expect(audited).toMatchObject({ results: { dryRun: 20 }, credits: 0 });
    });
    expect(calls).toEqual({});
  });

  it('asks each applicant once although another batch scans the same registrations concurrently', async () => {
    const ids = some(40);
    const both = ['one', 'other'] as const;
    await Promise.all(both.map((batch) => batches.start(reverify(ids, ['document']), { batch })));
    // A batch that was second for every id has no onboardings to wait for.
    for (const batch of both)
      await expect.poll(async () => (await batches.progress(batch)).status).toMatch(/^(waiting|ended)$/);
    const lines = (await Promise.all(both.map(linesOf))).flat();
    const of = (result: string) => lines.filter((line) => line.result === result).map((line) => line.appRegistrationId);
    expect(of('started').sort()).toEqual([...ids].sort());
    expect(of('alreadyRunning').sort()).toEqual([...ids].sort());
    await expect.poll(() => linksOf(ids)).toEqual(ids.map(() => 1));
    const scan = await Promise.all(both.map((batch) => batches.progress(batch)));
    for (const { batch, status } of scan)
      if (status !== 'ended') await batches.cancel(batch, { onboardings: 'withdraw' });
    const [one, other] = await Promise.all(both.map((batch) => batches.result(batch)));
    expect((one?.onboardings?.withdrawn ?? 0) + (other?.onboardings?.withdrawn ?? 0)).toBe(40);
  });

  it('that is started again after a termination keeps its budget, although the list has changed', async () => {
    const { project } = real.sandbox;
    const request: BatchRequestInput = {
      mode: 'reverify',
      source: { kind: 'list', project },
      checks: ['document'],
      callsPerSecond: 200,
      creditBudget: 20,
    };
    await startedReverify('moved', request);
    await real.temporal.workflow.getHandle(workflowIdOfBatch('moved')).terminate();
    const [first] = (await linesOf('moved')).filter(({ result }) => result === 'started');
    await real.sandbox.control.forget(first?.appRegistrationId ?? '');
    const counts = await startedReverify('moved', request);
    expect(counts).toMatchObject({ credits: 20, results: { started: 20 } });
    expect(counts.results.repeated).toBeUndefined();
    await withdrawn('moved');
  });

  it('keeps waiting for its onboardings when another worker replaces its own', async () => {
    await batches.start(reverify(some(2), ['document']), { batch: 'handed-on' });
    const handle = real.temporal.workflow.getHandle(workflowIdOfBatch('handed-on'));
    const waiting = async () => (await handle.describe()).raw.pendingActivities?.[0];
    const { PENDING_ACTIVITY_STATE_STARTED: state } = temporal.api.enums.v1.PendingActivityState;
    await expect.poll(waiting).toMatchObject({ activityType: { name: 'awaitOnboardings' }, state, attempt: 1 });
    await worker.stop();
    await startWorker();
    // The activity is retried, and the batch goes on: after a minute if the worker could not report its end.
    await expect
      .poll(waiting, { timeout: 90_000 })
      .toMatchObject({ activityType: { name: 'awaitOnboardings' }, state, attempt: 2 });
    expect(await withdrawn('handed-on')).toMatchObject({ onboardings: { withdrawn: 2, running: 0 } });
  });
});

/** How many activities of a customer's onboarding were retried because the worker that ran them was gone. */
const lostActivitiesOf = async (appRegistrationId: string): Promise<number> => {
  const handle = killed.temporal.workflow.getHandle(workflowIdOfReverify(appRegistrationId));
  const { events } = await handle.fetchHistory();
  const { TIMEOUT_TYPE_HEARTBEAT: gone } = temporal.api.enums.v1.TimeoutType;
  return (events ?? []).filter(({ activityTaskStartedEventAttributes: started }) => {
    return started?.attempt === 2 && started.lastFailure?.timeoutFailureInfo?.timeoutType === gone;
  }).length;
};

// Last, because the calls of the killed worker are repeated after 15 s.
describe('a reverify whose worker was killed during a chunk', () => {
  it('continues, and repeats no change', async () => {
    const { batch, ids, sandbox } = killed;
    const { scan } = await killed.batches.progress(batch);
    expect(scan.counts).toMatchObject({ total: ids.length, results: { started: ids.length } });
    const lines = await all(killed.store.readLines(batch));
    expect(new Set(lines.map(({ appRegistrationId }) => appRegistrationId))).toEqual(new Set(ids));
    await expect.poll(async () => (await linksOf(ids, sandbox)).includes(0), { timeout: 30_000 }).toBe(false);
    const { registrationsRecreated, resendLinks, validations } = await sandbox.control.repeated();
    expect({ registrationsRecreated, validations }).toEqual({ registrationsRecreated: {}, validations: {} });
    // Sending a link is free, and is repeated once if the worker was killed before it had reported the response.
    for (const [id, sent] of Object.entries(resendLinks)) {
      expect(sent).toBe(2);
      await expect.poll(() => lostActivitiesOf(id), { message: `lost activities of ${id}` }).toBe(1);
    }
    await killed.batches.cancel(batch, { onboardings: 'withdraw' });
    const result = await killed.batches.result(batch);
    expect(result).toMatchObject({ onboardings: { withdrawn: ids.length, running: 0 } });
  });
});
