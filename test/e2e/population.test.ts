import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { folderBatchStore } from '../../activities/revalidation/files/store.js';
import { BatchClient, type BatchRequestInput, type BatchResult } from '../../client/index.js';
import { workflowIdOfBatch } from '../../contract/revalidation.js';
import type { WorkerProcess } from '../../tools/processes/worker-process.js';
import { all, streamOf } from '../support/batch-store.js';
import { openRealServers, type RealServers } from './real-servers.js';

/** `npm run test:population` sets twenty thousand. Not part of `npm test`, because each crash takes ten seconds. */
const COUNT = Number(process.env['REGISTRATIONS'] ?? 0);
const DRIFT = { failed: Math.floor(COUNT / 100), expired: Math.floor(COUNT / 100), unknownWord: 2, forgotten: 3 };
const WORKER_CRASHES = 5;
/** The worker crash that the server crashes with. */
const SERVER_CRASH = 3;
const TIMEOUT_MS = 120_000 + COUNT * 300;

let real: RealServers;
let batches: BatchClient;
let batchFolder: string;
const workers: WorkerProcess[] = [];

const startWorker = async (): Promise<void> => {
  workers.push(await real.startWorker({ batchFolder, callsPerSecond: 1_000 }));
};

beforeAll(async () => {
  if (COUNT === 0) return;
  real = await openRealServers();
  batchFolder = join(dirname(real.logFile), 'batches');
  batches = new BatchClient(real.temporal);
  await startWorker();
  await startWorker();
  await real.sandbox.control.population({ count: COUNT, drift: DRIFT });
});

afterAll(() => real?.close());

/** Kills one of the two workers, and starts another. */
const crashWorker = async (): Promise<void> => {
  await workers.shift()?.kill();
  await startWorker();
};

const putIds = async (batch: string): Promise<void> => {
  const ids = await real.sandbox.control.ids();
  const file = streamOf([Buffer.from(`appRegistrationId\n${ids.join('\n')}\n`)]);
  await folderBatchStore(batchFolder).putSource(batch, file);
};

const taken = async (batch: string): Promise<number> => (await batches.progress(batch)).scan.position.taken;

/** Runs the batch, and kills a worker five times and the server once meanwhile. */
const throughCrashes = async (batch: string, request: BatchRequestInput): Promise<BatchResult> => {
  await batches.start(request, { batch });
  for (let crash = 1; crash <= WORKER_CRASHES; crash += 1) {
    const due = Math.floor((COUNT * crash) / (WORKER_CRASHES + 2));
    await expect.poll(() => taken(batch).catch(() => 0), { timeout: TIMEOUT_MS, interval: 250 }).toBeGreaterThan(due);
    if (crash === SERVER_CRASH) await real.crashServer();
    await crashWorker();
  }
  return batches.result(batch);
};

/** Returns the number of history events of all runs of the batch. */
const eventsOf = async (batch: string): Promise<number> => {
  let events = 0;
  for await (const run of real.temporal.workflow.list({ query: `WorkflowId = "${workflowIdOfBatch(batch)}"` }))
    events += run.historyLength ?? 0;
  return events;
};

const expectFewEvents = async (batch: string): Promise<void> => {
  if (COUNT >= 1_000) await expect.poll(async () => (await eventsOf(batch)) * 5).toBeLessThan(COUNT);
};

describe.skipIf(COUNT === 0)('a batch whose workers are killed five times, and the server once', () => {
  it(
    'audits every registration of a file exactly once',
    async () => {
      await putIds('audit');
      const { results, total } = await throughCrashes('audit', {
        mode: 'audit',
        source: { kind: 'file', format: 'csv' },
        callsPerSecond: Math.max(COUNT / 40, 10),
      });
      expect({ results, total }).toEqual({
        total: COUNT,
        results: {
          unknownHere: COUNT - DRIFT.expired - DRIFT.unknownWord - DRIFT.forgotten,
          expired: DRIFT.expired,
          unknownWord: DRIFT.unknownWord,
          notFound: DRIFT.forgotten,
        },
      });
      const lines = await all(folderBatchStore(batchFolder).readLines('audit'));
      expect(lines.map(({ ordinal }) => ordinal)).toEqual(Array.from({ length: COUNT }, (_, index) => index + 1));
      await expectFewEvents('audit');
    },
    TIMEOUT_MS,
  );

  it(
    'asks every applicant once, and repeats no change at Verifik',
    async () => {
      const { project, projectFlow, control } = real.sandbox;
      const before = await control.totals();
      const { results, total, onboardings, credits } = await throughCrashes('reverify', {
        mode: 'reverify',
        source: { kind: 'list', project, projectFlow },
        checks: ['email', 'document'],
        callsPerSecond: Math.min(Math.max(COUNT / 20, 8), 12),
        deadlineMs: 60_000,
        invite: false,
      });
      const listed = COUNT - DRIFT.forgotten;
      expect({ results, total, credits }).toEqual({ total: listed, results: { started: listed }, credits: 2 * listed });
      expect(onboardings).toEqual({ verified: 0, rejected: 0, expired: listed, withdrawn: 0, running: 0, failed: 0 });
      const after = await control.totals();
      expect(after.registrationsRecreated - before.registrationsRecreated).toBe(listed);
      expect(after.registrationsCreated).toBe(before.registrationsCreated);
      expect(await control.repeated()).toEqual({ registrationsRecreated: {}, resendLinks: {}, validations: {} });
      await expectFewEvents('reverify');
    },
    TIMEOUT_MS,
  );
});
