import pMap from 'p-map';
import { type Candidate, goThrough } from '../candidates.js';
import type { Servers } from '../environment/servers.js';
import { usageOf } from '../environment/usage.js';
import type { Throughput } from '../results.js';
import { compared } from '../statistics.js';
import { alternate, each } from './alternate.js';

export interface ThroughputOptions {
  readonly concurrency: number;
  readonly perRound: number;
}

/** Runs executions to their end, and returns their rate and the CPU time of the worker's process for each, in ms. */
export const timeMany = async (candidate: Candidate, { concurrency, perRound }: ThroughputOptions) => {
  const before = await usageOf(candidate.workerPid());
  const began = performance.now();
  await pMap(Array.from({ length: perRound }), () => goThrough(candidate), { concurrency });
  const seconds = (performance.now() - began) / 1_000;
  const after = await usageOf(candidate.workerPid());
  return { perSecond: perRound / seconds, cpuMs: (after.cpuMs - before.cpuMs) / perRound };
};

export const measureThroughput = async (
  servers: Pick<Servers, 'onboarding' | 'baseline'>,
  { rounds, ...options }: ThroughputOptions & { readonly rounds: number },
): Promise<Throughput> => {
  const measured = await alternate(servers, rounds, (candidate) => timeMany(candidate, options));
  return {
    ...options,
    perSecond: compared(each(measured, ({ perSecond }) => perSecond)),
    workerCpuMs: compared(each(measured, ({ cpuMs }) => cpuMs)),
  };
};
