import pMap from 'p-map';
import { type Candidate, goThrough } from '../candidates.js';
import type { Servers } from '../environment/servers.js';
import { usageOf } from '../environment/usage.js';
import type { Figures } from '../results.js';
import { alternate, compared, timed } from '../rounds.js';

export interface ThroughputOptions {
  readonly concurrency: number;
  readonly perRound: number;
}

/** Longer than a workflow task takes on a busy machine. */
const BETWEEN_REPORTS_MS = 2_000;

/** Many enough that the pauses do not idle the worker. */
const PACED = 100;

/**
 * Runs executions to their end, with a pause before each report or none, and returns their rate and the CPU time of the
 * worker's process for each, in ms.
 */
export const timeMany = async (
  candidate: Candidate,
  { concurrency, perRound }: ThroughputOptions,
  betweenMs?: number,
) => {
  const before = await usageOf(candidate.workerPid());
  const { ms } = await timed(() =>
    pMap(Array.from({ length: perRound }), () => goThrough(candidate, betweenMs), { concurrency }),
  );
  const after = await usageOf(candidate.workerPid());
  return { perSecond: (perRound / ms) * 1_000, cpuMs: (after.cpuMs - before.cpuMs) / perRound };
};

export const measureThroughput = async (
  servers: Servers,
  { rounds, ...options }: ThroughputOptions & { readonly rounds: number },
): Promise<Figures<'throughput'>> => {
  const measured = await alternate(servers, rounds, (candidate) => timeMany(candidate, options));
  const paced = await alternate(servers, rounds, (candidate) =>
    timeMany(candidate, { concurrency: PACED, perRound: PACED }, BETWEEN_REPORTS_MS),
  );
  return {
    ...options,
    perSecond: compared(measured, ({ perSecond }) => perSecond),
    workerCpuMs: compared(measured, ({ cpuMs }) => cpuMs),
    paced: { betweenMs: BETWEEN_REPORTS_MS, workerCpuMs: compared(paced, ({ cpuMs }) => cpuMs) },
  };
};
