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

/** Runs executions to their end, and returns their rate and the CPU time of the worker's process for each, in ms. */
export const timeMany = async (candidate: Candidate, { concurrency, perRound }: ThroughputOptions) => {
  const before = await usageOf(candidate.workerPid());
  const { ms } = await timed(() => pMap(Array.from({ length: perRound }), () => goThrough(candidate), { concurrency }));
  const after = await usageOf(candidate.workerPid());
  return { perSecond: (perRound / ms) * 1_000, cpuMs: (after.cpuMs - before.cpuMs) / perRound };
};

export const measureThroughput = async (
  servers: Servers,
  { rounds, ...options }: ThroughputOptions & { readonly rounds: number },
): Promise<Figures<'throughput'>> => {
  const measured = await alternate(servers, rounds, (candidate) => timeMany(candidate, options));
  return {
    ...options,
    perSecond: compared(measured, ({ perSecond }) => perSecond),
    workerCpuMs: compared(measured, ({ cpuMs }) => cpuMs),
  };
};
