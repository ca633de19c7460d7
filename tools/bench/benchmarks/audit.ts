import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { BatchClient } from '../../../client/index.js';
import { CALLS_PER_SECOND, type Servers } from '../environment/servers.js';
import type { Figures } from '../results.js';
import { inTurns, quantileOf, ratiosOf, spreadOf, timed } from '../rounds.js';
import { timeStarts } from './start-latency.js';

/** An audit by ids makes one such call for each. */
const READ = 'GET /v2/app-registrations/:id';

const WORKERS = 3;

const POLL_INTERVAL_MS = 100;

type Audit = Figures<'audit'>;

export interface AuditOptions {
  readonly registrations: number;
  readonly rounds: number;
  readonly startsPerRound: number;
}

/** Starts an audit of the ids at the maximum call rate, and returns its id. */
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
  const { ms } = await timed(async () => batches.result(await startAudit(batches, ids)));
  const { calls, busiest } = await control.totals();
  return { callsPerSecond: (((calls[READ] ?? 0) - before) / ms) * 1_000, busiestTenSeconds: busiest.tenSeconds };
};

const takenOf = async (batches: BatchClient, batch: string): Promise<number> =>
  (await batches.progress(batch)).scan.position.taken;

/** Measures while an audit of the ids is in progress. Fails if the audit ends before the measurement. */
const duringAudit = async <A>(batches: BatchClient, ids: readonly string[], measure: () => Promise<A>): Promise<A> => {
  const batch = await startAudit(batches, ids);
  while ((await takenOf(batches, batch)) === 0) await pause(POLL_INTERVAL_MS);
  const measured = await measure();
  if ((await takenOf(batches, batch)) >= ids.length) throw new Error('the audit ended before the measurement');
  await batches.cancel(batch, { onboardings: 'keep' });
  await batches.result(batch);
  return measured;
};

/** Measures sequential starts with and without an audit in progress, in turns. */
const measureLiveStarts = async (
  { onboarding }: Servers,
  batches: BatchClient,
  ids: readonly string[],
  { rounds, startsPerRound }: AuditOptions,
): Promise<Audit['liveStarts']> => {
  const starts = async () => quantileOf(await timeStarts(onboarding, startsPerRound, 1), 0.5);
  const idle: number[] = [];
  const busy: number[] = [];
  await inTurns(
    rounds,
    async () => idle.push(await starts()),
    async () => busy.push(await duringAudit(batches, ids, starts)),
  );
  return { startsPerRound, idleMs: spreadOf(idle), besideMs: spreadOf(busy), ratio: ratiosOf(busy, idle) };
};

/**
 * Measures the call rate of an audit on three workers that share the limit, and the latency of starts during an audit.
 */
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
