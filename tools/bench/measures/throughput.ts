import pMap from 'p-map';
import { type Contender, goThrough } from '../contenders.js';
import type { Throughput } from '../results.js';
import type { Servers } from '../setting/servers.js';
import { usageOf } from '../setting/usage.js';
import { compared } from '../statistics.js';
import { alternate, each } from './alternate.js';

export interface ThroughputOptions {
  readonly concurrency: number;
  readonly perRound: number;
}

/** Takes many all the way: how many a second, and the CPU time that each costs the worker's process, in ms. */
export const timeMany = async (contender: Contender, { concurrency, perRound }: ThroughputOptions) => {
  const before = await usageOf(contender.workerPid());
  const began = performance.now();
  await pMap(Array.from({ length: perRound }), () => goThrough(contender), { concurrency });
  const seconds = (performance.now() - began) / 1_000;
  const after = await usageOf(contender.workerPid());
  return { perSecond: perRound / seconds, cpuMs: (after.cpuMs - before.cpuMs) / perRound };
};

export const measureThroughput = async (
  servers: Pick<Servers, 'onboarding' | 'floor'>,
  { rounds, ...options }: ThroughputOptions & { readonly rounds: number },
): Promise<Throughput> => {
  const measured = await alternate(servers, rounds, (contender) => timeMany(contender, options));
  return {
    ...options,
    perSecond: compared(each(measured, ({ perSecond }) => perSecond)),
    workerCpuMs: compared(each(measured, ({ cpuMs }) => cpuMs)),
  };
};
