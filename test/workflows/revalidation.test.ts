import { randomUUID } from 'node:crypto';
import { Context } from '@temporalio/activity';
import { Client, Connection } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { NativeConnection, Worker } from '@temporalio/worker';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { reverifyEntry } from '../../activities/revalidation/reverify.js';
import type { Vendor } from '../../activities/revalidation/vendor.js';
import { REPEATED_UNTIL_CLOSED } from '../../client/calls/ended-calls.js';
import {
  batchQuery,
  cancelBatchSignal,
  changeRateUpdate,
  onboardingsOfBatch,
  pauseSignal,
  REVALIDATION_WORKFLOW,
  type RevalidationInput,
  resumeSignal,
  workflowIdOfBatch,
  workflowIdOfReverify,
} from '../../contract/revalidation.js';
import {
  type BatchActivities,
  FOLDER_UNAVAILABLE,
  type ScanInput,
  type ScanOutcome,
} from '../../contract/revalidation-activities.js';
import { SEARCH_ATTRIBUTES } from '../../contract/search-attributes.js';
import { backgroundTaskQueue } from '../../contract/task-queues.js';
import { NO_COUNTS, NO_ONBOARDINGS } from '../../domain/revalidation/counts.js';
import type { ScanProgress } from '../../domain/revalidation/progress.js';
import { type BatchRequestInput, DEFAULT_BATCH } from '../../domain/revalidation/request.js';
import { defined } from '../../shared/defined.js';
import { type DevServer, startDevServer } from '../../tools/servers/index.js';
import type { AppRegistrationListItem } from '../../verifik/index.js';
import { bundleBuild } from '../support/builds.js';
import { installQuietRuntime } from '../support/quiet-runtime.js';

/** The stubbed activities of a batch, and the calls they received. */
interface Script {
  readonly asked: { readonly activity: keyof BatchActivities; readonly input: unknown }[];
  readonly chunk: (input: ScanInput, nth: number) => Promise<ScanOutcome>;
  readonly activities: Partial<BatchActivities>;
}

let server: DevServer;
let connection: Connection;
let native: NativeConnection;
let client: Client;
let workers: readonly Worker[] = [];
let running: Promise<unknown> | undefined;
/** A batch whose chunk has lost its worker. Started first, because the heartbeat timeout takes 10 seconds. */
let lost: ReturnType<typeof begin>;
const taskQueue = 'batches';
const scripts = new Map<string, Script>();

const scriptOf = (batch: string): Script => {
  const script = scripts.get(batch);
  if (script === undefined) throw new Error('no such batch');
  return script;
};

const noted = (batch: string, activity: keyof BatchActivities, input: unknown): Script => {
  const script = scriptOf(batch);
  script.asked.push({ activity, input });
  return script;
};

const activities: BatchActivities = {
  scanBatch: async (input) => {
    const script = noted(input.batch, 'scanBatch', input);
    return script.chunk(input, script.asked.filter(({ activity }) => activity === 'scanBatch').length);
  },
  awaitOnboardings: async (input) =>
    (await noted(input.batch, 'awaitOnboardings', input).activities.awaitOnboardings?.(input)) ?? NO_ONBOARDINGS,
  withdrawOnboardings: async (input) =>
    (await noted(input.batch, 'withdrawOnboardings', input).activities.withdrawOnboardings?.(input)) ?? 0,
  countOnboardings: async (input) =>
    (await noted(input.batch, 'countOnboardings', input).activities.countOnboardings?.(input)) ?? NO_ONBOARDINGS,
  writeSummary: async (input) => noted(input.result.batch, 'writeSummary', input).activities.writeSummary?.(input),
};

/** The history length at which the server suggests to continue as new. */
const SUGGESTED_AT = 60;

beforeAll(async () => {
  installQuietRuntime();
  // The time-skipping server retries cancelled activities, so that a real server is needed.
  server = await startDevServer({
    searchAttributes: Object.values(SEARCH_ATTRIBUTES),
    dynamicConfig: { 'limit.historyCount.suggestContinueAsNew': `${SUGGESTED_AT}` },
  });
  connection = await Connection.connect({ address: server.address, ...REPEATED_UNTIL_CLOSED });
  client = new Client({ connection, namespace: server.namespace });
  native = await NativeConnection.connect({ address: server.address });
  const common = { connection: native, namespace: server.namespace };
  workers = await Promise.all([
    Worker.create({ ...common, taskQueue, workflowBundle: { codePath: await bundleBuild('sources') } }),
    Worker.create({
      ...common,
      taskQueue: backgroundTaskQueue(taskQueue),
      activities,
      maxHeartbeatThrottleInterval: 50,
      defaultHeartbeatThrottleInterval: 50,
    }),
  ]);
  running = Promise.all(workers.map((worker) => worker.run()));
  lost = begin(AUDIT, (_input, nth) => (nth === 1 ? silent() : Promise.resolve(done(9))));
  const { handle, askedFor } = await lost;
  await vi.waitFor(() => expect(askedFor('scanBatch')).toHaveLength(1), { timeout: 20_000 });
  await handle.executeUpdate(changeRateUpdate, { args: [1] });
});

afterAll(async () => {
  letGo();
  for (const worker of workers) worker.shutdown();
  await running;
  await native?.close();
  await connection?.close();
  await server?.kill();
});

/** Ends the lost chunk. */
let letGo: () => void = () => undefined;
const theEnd = new Promise<void>((resolve) => {
  letGo = resolve;
});

/** A chunk whose worker is lost after a heartbeat. */
const silent = async (): Promise<ScanOutcome> => {
  Context.current().heartbeat(scannedTo(5));
  await theEnd;
  return done(0);
};

const AUDIT: BatchRequestInput = { mode: 'audit', source: { kind: 'ids', ids: ['a'] } };
const REVERIFY: BatchRequestInput = { mode: 'reverify', source: { kind: 'ids', ids: ['a'] }, checks: ['document'] };

const scannedTo = (taken: number, started = 0): ScanProgress => ({
  position: { taken },
  counts: { ...NO_COUNTS, total: taken, results: started === 0 ? {} : { started } },
});

const done = (taken: number, started = 0): ScanOutcome => ({ scan: scannedTo(taken, started), why: 'done' });

/** Runs a chunk until it is cancelled, and then returns this result. */
const untilStopped =
  (then: () => ScanOutcome | Promise<ScanOutcome>, details?: unknown) => async (): Promise<ScanOutcome> => {
    const { cancelled } = Context.current();
    const beat = setInterval(() => Context.current().heartbeat(details), 50);
    await cancelled.catch(() => undefined).finally(() => clearInterval(beat));
    return then();
  };

const waitsUntilStopped = async () => {
  await stoppedAt(0)();
  return NO_ONBOARDINGS;
};

const stoppedAt = (taken: number, started = 0) =>
  untilStopped(() => ({ scan: scannedTo(taken, started), why: 'stopped' }));

const begin = async (
  request: BatchRequestInput,
  chunk: Script['chunk'],
  {
    activities: more = {},
    carried,
  }: { activities?: Script['activities']; carried?: RevalidationInput['carried'] } = {},
) => {
  const batch = `batch-${randomUUID()}`;
  const script: Script = { asked: [], chunk, activities: more };
  scripts.set(batch, script);
  const handle = await client.workflow.start(REVALIDATION_WORKFLOW, {
    taskQueue,
    workflowId: workflowIdOfBatch(batch),
    args: [{ request, ...defined({ carried }) }],
  });
  const askedFor = (activity: keyof BatchActivities) =>
    script.asked.filter((one) => one.activity === activity).map(({ input }) => input);
  return {
    handle,
    askedFor,
    progress: () => handle.query(batchQuery),
    status: async () => (await handle.describe()).typedSearchAttributes.get(SEARCH_ATTRIBUTES.status),
    /** Waits until the activity has been called so many times. */
    isAskedFor: (activity: keyof BatchActivities, times = 1) =>
      expect.poll(() => askedFor(activity).length, { message: activity }).toBe(times),
  };
};

describe('a batch', () => {
  it('starts each chunk where the last one ended, and returns the counts at its end', async () => {
    const batch = await begin(AUDIT, async (_input, nth) =>
      nth === 3 ? done(30) : { scan: scannedTo(nth * 10), why: 'time' },
    );
    expect(await batch.handle.result()).toMatchObject({ mode: 'audit', dryRun: false, total: 30 });
    expect(batch.askedFor('scanBatch')).toMatchObject([
      { from: { position: { taken: 0 } }, callsPerSecond: 10 },
      { from: { position: { taken: 10 } } },
      { from: { position: { taken: 20 } } },
    ]);
    // An audit starts no onboardings to wait for.
    expect(batch.askedFor('awaitOnboardings')).toEqual([]);
    expect(batch.askedFor('writeSummary')).toMatchObject([{ result: { total: 30 } }]);
    expect(await batch.status()).toBe('ended');
  });

  it('that is paused scans nothing until it is resumed, and then continues from there at the new rate', async () => {
    const batch = await begin(AUDIT, (_input, nth) => (nth === 1 ? stoppedAt(7)() : Promise.resolve(done(20))));
    await batch.isAskedFor('scanBatch');
    await batch.handle.signal(pauseSignal);
    await expect.poll(batch.progress).toMatchObject({ status: 'paused', scan: { position: { taken: 7 } } });
    expect(await batch.progress()).not.toHaveProperty('activity');
    await expect.poll(batch.status).toBe('paused');
    expect(await batch.handle.executeUpdate(changeRateUpdate, { args: [3] })).toMatchObject({ callsPerSecond: 3 });
    expect(batch.askedFor('scanBatch')).toHaveLength(1);
    await batch.handle.signal(resumeSignal);
    expect(await batch.handle.result()).toMatchObject({ total: 20 });
    expect(batch.askedFor('scanBatch').at(-1)).toMatchObject({ from: { position: { taken: 7 } }, callsPerSecond: 3 });
  });

  it('whose last chunk ends while it is being paused has ended, and does not scan when it is resumed', async () => {
    const batch = await begin(
      REVERIFY,
      untilStopped(() => done(5, 5)),
      { activities: { awaitOnboardings: waitsUntilStopped } },
    );
    await batch.isAskedFor('scanBatch');
    await batch.handle.signal(pauseSignal);
    await batch.isAskedFor('awaitOnboardings');
    expect(await batch.progress()).toMatchObject({ status: 'waiting' });
    await batch.handle.signal(resumeSignal);
    await batch.handle.signal(pauseSignal);
    expect(await batch.progress()).toMatchObject({ status: 'waiting', activity: 'awaitOnboardings' });
    await batch.handle.signal(cancelBatchSignal, { onboardings: 'keep' });
    expect(await batch.handle.result()).toMatchObject({ stopped: 'cancelled', total: 5 });
    expect(await batch.status()).toBe('cancelled');
  });

  it('keeps its progress, rate, start time and pause in a new run', async () => {
    const carried = { scan: scannedTo(40), callsPerSecond: 2.5, paused: true, startedAt: 1_000 };
    const batch = await begin(AUDIT, async () => done(50), { carried });
    expect(await batch.progress()).toMatchObject({ status: 'paused', ...{ scan: carried.scan, startedAt: 1_000 } });
    await expect.poll(batch.status).toBe('paused');
    expect(batch.askedFor('scanBatch')).toEqual([]);
    await batch.handle.signal(resumeSignal);
    expect(await batch.handle.result()).toMatchObject({ total: 50, startedAt: 1_000 });
    expect(batch.askedFor('scanBatch')).toMatchObject([{ from: carried.scan, callsPerSecond: 2.5 }]);
  });

  it('continues as new when the server suggests it, without visible effect', async () => {
    const chunks = 15;
    let goOn = () => {};
    const rated = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    const batch = await begin(AUDIT, async (_input, nth) => {
      await rated;
      return nth === chunks ? done(chunks) : { scan: scannedTo(nth), why: 'time' };
    });
    await batch.isAskedFor('scanBatch');
    await batch.handle.executeUpdate(changeRateUpdate, { args: [3] });
    goOn();
    const { startedAt } = await batch.progress();
    expect(await batch.handle.result()).toMatchObject({ total: chunks, startedAt });
    const { runId, raw } = await batch.handle.describe();
    expect(raw.workflowExecutionInfo?.firstRunId).not.toBe(runId);
    const asked = batch.askedFor('scanBatch');
    expect(asked.at(-1)).toMatchObject({ from: { position: { taken: chunks - 1 } }, callsPerSecond: 3 });
    expect(await batch.status()).toBe('ended');
  });

  it('that has spent its budget reports it, and waits for its onboardings', async () => {
    const batch = await begin(REVERIFY, async () => ({ scan: scannedTo(9, 4), why: 'budget' }), {
      activities: { countOnboardings: async () => ({ ...NO_ONBOARDINGS, verified: 4 }) },
    });
    const result = { stopped: 'budget', total: 9, onboardings: { verified: 4 } };
    expect(await batch.handle.result()).toMatchObject(result);
    expect(batch.askedFor('awaitOnboardings')).toMatchObject([{ started: 4 }]);
    expect(batch.askedFor('writeSummary')).toMatchObject([{ result }]);
    expect(await batch.status()).toBe('ended');
  });

  it('that is cancelled after it has spent its budget reports both, and what it did not reach', async () => {
    const batch = await begin(REVERIFY, async () => ({ scan: { ...scannedTo(9, 4), of: 20 }, why: 'budget' }), {
      activities: { awaitOnboardings: waitsUntilStopped },
    });
    await batch.isAskedFor('awaitOnboardings');
    expect(await batch.progress()).toMatchObject({ stopped: 'budget', budgetSpent: true });
    await batch.handle.signal(cancelBatchSignal, { onboardings: 'keep' });
    const result = { stopped: 'cancelled', budgetSpent: true, unprocessed: 11, total: 9 };
    expect(await batch.handle.result()).toMatchObject(result);
    expect(batch.askedFor('writeSummary')).toMatchObject([{ result }]);
    expect(await batch.progress()).toMatchObject({ stopped: 'cancelled', budgetSpent: true });
  });

  it.each([{ args: { onboardings: 'keep' } }, { args: undefined }, { args: 'whatever' }])(
    'that is cancelled with $args keeps its onboardings, and returns the counts so far',
    async ({ args }) => {
      const batch = await begin(REVERIFY, stoppedAt(6, 6));
      await batch.isAskedFor('scanBatch');
      await batch.handle.signal('cancelBatch', args);
      expect(await batch.handle.result()).toMatchObject({ stopped: 'cancelled', total: 6 });
      expect(batch.askedFor('withdrawOnboardings')).toEqual([]);
      expect(batch.askedFor('countOnboardings')).toHaveLength(1);
    },
  );

  it('ignores a cancellation while its report is being written: result and status agree', async () => {
    let write = () => {};
    const written = new Promise<void>((resolve) => {
      write = resolve;
    });
    const batch = await begin(AUDIT, async () => done(4), { activities: { writeSummary: () => written } });
    await batch.isAskedFor('writeSummary');
    await batch.handle.signal(cancelBatchSignal, { onboardings: 'withdraw' });
    expect(await batch.progress()).not.toHaveProperty('stopped');
    write();
    expect(await batch.handle.result()).not.toHaveProperty('stopped');
    expect(await batch.progress()).not.toHaveProperty('stopped');
    expect(await batch.status()).toBe('ended');
  });

  it.each(
    (['scanning', 'paused', 'waiting'] as const).flatMap((at) => [
      { at, by: 'a signal' },
      { at, by: 'Temporal' },
    ]),
  )('that is cancelled by $by while $at ends with a report', async ({ at, by }) => {
    const batch = await begin(REVERIFY, at === 'waiting' ? async () => done(8, 8) : stoppedAt(8, 8), {
      activities: { awaitOnboardings: waitsUntilStopped },
    });
    await batch.isAskedFor(at === 'waiting' ? 'awaitOnboardings' : 'scanBatch');
    if (at === 'paused') await batch.handle.signal(pauseSignal);
    await expect.poll(batch.progress).toMatchObject({ status: at });
    const withdraws = by === 'a signal';
    if (withdraws) await batch.handle.signal(cancelBatchSignal, { onboardings: 'withdraw' });
    else await batch.handle.cancel();
    const result = { stopped: 'cancelled', total: 8 };
    expect(await batch.handle.result()).toMatchObject(result);
    expect(batch.askedFor('writeSummary')).toMatchObject([{ result }]);
    expect(batch.askedFor('withdrawOnboardings')).toMatchObject(withdraws ? [{ started: 8 }] : []);
    expect(await batch.status()).toBe('cancelled');
  });
});

describe('a batch whose folder is unavailable', () => {
  const problem = 'the folder is read-only';
  const unavailable = (...details: readonly unknown[]) =>
    ApplicationFailure.nonRetryable(problem, FOLDER_UNAVAILABLE, ...details);

  it('shows the reason until it can continue from its last progress', async () => {
    const batch = await begin(AUDIT, async (_input, nth) => {
      if (nth === 1) throw unavailable(scannedTo(5));
      return done(9);
    });
    await expect.poll(batch.progress).toMatchObject({ problem, scan: { position: { taken: 5 } } });
    const details = await batch.handle.query('__temporal_workflow_metadata');
    expect(details).toMatchObject({ currentDetails: expect.stringContaining(`**Problem:** ${problem}`) });
    // Changes at once what would otherwise be tried again later.
    await batch.handle.executeUpdate(changeRateUpdate, { args: [7] });
    expect(await batch.handle.result()).toMatchObject({ total: 9 });
    expect(batch.askedFor('scanBatch').at(-1)).toMatchObject({ from: { position: { taken: 5 } }, callsPerSecond: 7 });
    expect(await batch.progress()).not.toHaveProperty('problem');
  });

  it('ends when its report can be written', async () => {
    let writes = 0;
    const writeSummary = async () => {
      writes += 1;
      if (writes === 1) throw unavailable();
    };
    const batch = await begin(AUDIT, async () => done(4), { activities: { writeSummary } });
    await expect.poll(batch.progress).toMatchObject({ problem });
    await batch.handle.executeUpdate(changeRateUpdate, { args: [7] });
    expect(await batch.handle.result()).toMatchObject({ total: 4 });
    expect(await batch.progress()).toMatchObject({ status: 'ended' });
    expect(writes).toBe(2);
  });

  it.each(['a signal', 'Temporal'])('ends without a report when it is cancelled by %s', async (by) => {
    const batch = await begin(AUDIT, async () => done(4), {
      activities: { writeSummary: () => Promise.reject(unavailable()) },
    });
    await expect.poll(batch.progress).toMatchObject({ problem, scan: { position: { taken: 4 } } });
    if (by === 'Temporal') await batch.handle.cancel();
    else await batch.handle.signal(cancelBatchSignal, { onboardings: 'keep' });
    expect(await batch.handle.result()).toMatchObject({ stopped: 'cancelled', total: 4 });
    expect(await batch.progress()).toMatchObject({ status: 'cancelled', problem });
    expect(batch.askedFor('writeSummary')).toHaveLength(2);
  });
});

describe('a chunk that fails when it is cancelled', () => {
  const failing = (failure: ApplicationFailure) =>
    untilStopped(() => {
      throw failure;
    });

  it('does not end the batch, and is repeated', async () => {
    const failure = ApplicationFailure.create({ type: 'Transient', message: 'the vendor is down' });
    const batch = await begin(AUDIT, (_input, nth) => (nth === 1 ? failing(failure)() : Promise.resolve(done(9))));
    await batch.isAskedFor('scanBatch');
    await batch.handle.signal(pauseSignal);
    await expect.poll(batch.progress).toMatchObject({ status: 'paused' });
    await batch.handle.signal(resumeSignal);
    expect(await batch.handle.result()).toMatchObject({ total: 9 });
    expect(batch.askedFor('scanBatch')).toMatchObject([{}, { from: { position: { taken: 0 } } }]);
  });

  it('lets the batch withdraw onboardings that were not counted', async () => {
    const failure = ApplicationFailure.create({ type: 'Transient', message: 'the vendor is down' });
    const batch = await begin(REVERIFY, failing(failure));
    await batch.isAskedFor('scanBatch');
    await batch.handle.signal(cancelBatchSignal, { onboardings: 'withdraw' });
    expect(await batch.handle.result()).toMatchObject({ stopped: 'cancelled', total: 0 });
    expect(batch.askedFor('withdrawOnboardings')).toHaveLength(1);
  });

  it('because its worker is lost continues from the last heartbeat', async () => {
    const batch = await lost;
    await batch.isAskedFor('scanBatch', 2);
    expect(batch.askedFor('scanBatch').at(-1)).toMatchObject({ from: { position: { taken: 5 } }, callsPerSecond: 1 });
    expect(await batch.handle.result()).toMatchObject({ total: 9 });
  });

  it('with a non-retryable failure fails the batch', async () => {
    const failure = ApplicationFailure.nonRetryable('there is no such file', 'SourceUnreadable');
    const batch = await begin(AUDIT, failing(failure));
    await batch.isAskedFor('scanBatch');
    await batch.handle.signal(pauseSignal);
    await expect(batch.handle.result()).rejects.toMatchObject({ cause: { cause: { type: 'SourceUnreadable' } } });
  });
});

describe('a batch that is started by hand', () => {
  it('fails with the names of the invalid fields', async () => {
    const wrong = { ...AUDIT, callsPerSecond: 0.016 };
    const batch = await begin(wrong, async () => done(0));
    await expect(batch.handle.result()).rejects.toMatchObject({
      cause: { type: 'InvalidRequest', details: [[{ field: 'callsPerSecond' }]] },
    });
  });

  it('rejects an invalid rate', async () => {
    const batch = await begin(AUDIT, stoppedAt(0));
    await expect(batch.handle.executeUpdate('changeRate', { args: [0.016] })).rejects.toMatchObject({
      cause: { type: 'InvalidRequest' },
    });
    await batch.handle.signal(cancelBatchSignal, { onboardings: 'keep' });
    expect(await batch.handle.result()).toMatchObject({ stopped: 'cancelled' });
  });
});

describe('an applicant in several batches', () => {
  const itemOf = (appRegistrationId: string): AppRegistrationListItem => ({
    appRegistrationId,
    status: 'completed',
    project: 'p',
    projectFlow: 'f',
    email: 'applicant@example.com',
    phone: undefined,
    countryCode: undefined,
    fullName: 'A B',
    language: undefined,
    createdAt: undefined,
    updatedAt: undefined,
    vendorRegistration: { appRegistrationId, status: 'completed', checks: {} },
  });

  /**
   * Returns the batch's result for the applicant, and the number of calls it waited for. No worker runs the onboarding.
   */
  const ask = async (appRegistrationId: string, batch: string, { ordinal = 1, invite = true } = {}) => {
    let acquired = 0;
    const vendor: Vendor = {
      acquire: async (calls) => {
        acquired += calls;
        return true;
      },
      list: () => Promise.reject(new Error('unexpected call')),
      read: () => Promise.reject(new Error('unexpected call')),
    };
    const entry = { appRegistrationId, project: 'p', after: { taken: ordinal }, listed: itemOf(appRegistrationId) };
    const request = { ...DEFAULT_BATCH, ...REVERIFY, tariff: DEFAULT_BATCH.tariff, invite };
    const done = await reverifyEntry(entry, {}, vendor, {
      ...{ batch, request, temporal: client, taskQueue: 'unserved' },
      accountFor: async () => undefined,
    });
    return { acquired, result: done?.result };
  };

  it("counts against the batch's rate with the calls that their onboarding makes", async () => {
    expect(await ask('invited', 'a')).toEqual({ acquired: 2, result: 'started' });
    expect(await ask('uninvited', 'a', { invite: false })).toEqual({ acquired: 1, result: 'started' });
  });

  it('is asked by only one of two batches at the same time, and each batch recognises its own onboarding', async () => {
    const resultsOf = async (...batches: readonly string[]) =>
      Promise.all(batches.map(async (batch) => (await ask('both', batch)).result));
    const [one, other] = ['one', 'other'];
    const [first] = await resultsOf(one, other);
    const [winner, loser] = first === 'started' ? [one, other] : [other, one];
    expect(await resultsOf(winner, loser, winner)).toEqual(['started', 'alreadyRunning', 'started']);
    expect(await ask('both', winner, { ordinal: 2 })).toMatchObject({ result: 'repeated' });
    const handle = client.workflow.getHandle(workflowIdOfReverify('both'));
    const { runId } = await handle.describe();
    await handle.terminate();
    expect(await resultsOf(winner)).toEqual(['started']);
    expect((await handle.describe()).runId).toBe(runId);
    const isListed = `${onboardingsOfBatch(winner)} AND ExecutionStatus = "Terminated"`;
    await expect.poll(async () => (await client.workflow.count(isListed)).count).toBe(1);
    expect(await resultsOf(loser)).toEqual(['started']);
    const { runId: next } = await handle.describe();
    expect(next).not.toBe(runId);
    expect(await resultsOf(winner, loser)).toEqual(['started', 'started']);
    expect((await handle.describe()).runId).toBe(next);
  });
});
