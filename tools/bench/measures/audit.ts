import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { BatchClient } from '../../../client/index.js';
import type { Audit, LiveStarts } from '../results.js';
import { CALLS_PER_SECOND, type Servers } from '../setting/servers.js';
import { quantileOf, ratiosOf, spreadOf } from '../statistics.js';
import { inTurns } from './alternate.js';
import { timeStarts } from './start-latency.js';

/** Ids are asked for one a call, so that calls are what it takes. */
const READ = 'GET /v2/app-registrations/:id';

/** With that of the servers. */
const WORKERS = 3;

const LOOK_AGAIN_MS = 100;

export interface AuditOptions {
  readonly registrations: number;
  readonly rounds: number;
  readonly startsPerRound: number;
}

/** Starts an audit of these, as fast as the limit of calls lets it, and answers with its id. */
const startAudit = async (batches: BatchClient, ids: readonly string[]): Promise<string> => {
  const batch = `bench-${randomUUID()}`;
  await batches.start(
    { mode: 'audit', source: { kind: 'ids', ids }, assume: 'verified', callsPerSecond: CALLS_PER_SECOND },
    { batch },
  );
  return batch;
};

const measureLimit = async (
  { control }: Servers['sandbox'],
  batches: BatchClient,
  ids: readonly string[],
): Promise<Pick<Audit, 'callsPerSecond' | 'busiestTenSeconds'>> => {
  await control.resetBusiest();
  const before = (await control.totals()).calls[READ] ?? 0;
  const began = performance.now();
  await batches.result(await startAudit(batches, ids));
  const seconds = (performance.now() - began) / 1_000;
  const { calls, busiest } = await control.totals();
  return { callsPerSecond: ((calls[READ] ?? 0) - before) / seconds, busiestTenSeconds: busiest.tenSeconds };
};

const takenOf = async (batches: BatchClient, batch: string): Promise<number> =>
  (await batches.progress(batch)).walked.position.taken;

/** What is measured while an audit of these walks: fails where it did not do so all the time. */
const beside = async <A>(batches: BatchClient, ids: readonly string[], measure: () => Promise<A>): Promise<A> => {
  const batch = await startAudit(batches, ids);
  while ((await takenOf(batches, batch)) === 0) await pause(LOOK_AGAIN_MS);
  const measured = await measure();
  if ((await takenOf(batches, batch)) >= ids.length) throw new Error('the audit ended before what was to be beside it');
  await batches.cancel(batch, { onboardings: 'keep' });
  await batches.result(batch);
  return measured;
};

/** How long live callers wait, one at a time, with an audit and without, in turns. */
const measureLiveStarts = async (
  { onboarding }: Servers,
  batches: BatchClient,
  ids: readonly string[],
  { rounds, startsPerRound }: AuditOptions,
): Promise<LiveStarts> => {
  const starts = async () => quantileOf(await timeStarts(onboarding, startsPerRound, 1), 0.5);
  const idle: number[] = [];
  const busy: number[] = [];
  await inTurns(
    rounds,
    async () => idle.push(await starts()),
    async () => busy.push(await beside(batches, ids, starts)),
  );
  return { startsPerRound, idleMs: spreadOf(idle), besideMs: spreadOf(busy), ratio: ratiosOf(busy, idle) };
};

/** How near audits come to the limit of calls that three workers share, and what their walking does to live starts. */
export const measureAudit = async (servers: Servers, options: AuditOptions): Promise<Audit> => {
  const { temporal, sandbox, opened } = servers;
  const { registrations } = options;
  for (let workers = 1; workers < WORKERS; workers += 1) opened.add(await servers.startWorker());
  const former = new Set(await sandbox.control.ids());
  await sandbox.control.population({ count: registrations });
  const ids = (await sandbox.control.ids()).filter((id) => !former.has(id));
  const batches = new BatchClient(temporal);
  return {
    ...{ limit: CALLS_PER_SECOND, workers: WORKERS, registrations },
    ...(await measureLimit(sandbox, batches, ids)),
    liveStarts: await measureLiveStarts(servers, batches, ids, options),
  };
};
