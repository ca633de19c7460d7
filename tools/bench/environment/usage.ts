import pidusage from 'pidusage';

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

/** Returns the sum of a metric's samples on a Prometheus page, of those whose labels contain the text. */
export const metricOn = async (url: string, name: string, label = ''): Promise<number> => {
  const lines = (await (await fetch(url)).text()).split('\n');
  const samples = lines.filter(
    (line) => line.startsWith(name) && /[{ ]/.test(line[name.length] ?? '') && line.includes(label),
  );
  return samples.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
};
