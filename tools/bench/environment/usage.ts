import { cpus } from 'node:os';
import pidusage from 'pidusage';
import { sum } from 'simple-statistics';

/** The resource usage of a process. */
export interface Usage {
  /** CPU time since its start, in ms. */
  readonly cpuMs: number;
  readonly residentBytes: number;
}

export const usageOf = async (pid: number): Promise<Usage> => {
  const { ctime, memory } = await pidusage(pid);
  return { cpuMs: ctime, residentBytes: memory };
};

/** Returns the CPU time of the whole machine, in ms. */
export const machineCpuMs = (): number =>
  sum(cpus().map(({ times: { user, nice, sys, irq } }) => user + nice + sys + irq));

/** Returns the number of onboardings in the cache of a worker, from its Prometheus page. */
export const cachedWorkflowsOf = async ({ metricsUrl }: { readonly metricsUrl: string }): Promise<number> => {
  const lines = (await (await fetch(metricsUrl)).text()).split('\n');
  const samples = lines.filter((line) => /^temporal_sticky_cache_size\{.*verifik-onboarding/.test(line));
  return sum(samples.map((line) => Number(line.slice(line.lastIndexOf(' ') + 1))));
};
