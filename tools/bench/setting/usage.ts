import pidusage from 'pidusage';

/** What a process has used. */
export interface Usage {
  /** CPU time since it began, in ms. */
  readonly cpuMs: number;
  /** Resident bytes now. */
  readonly residentBytes: number;
}

export const usageOf = async (pid: number): Promise<Usage> => {
  const { ctime, memory } = await pidusage(pid);
  return { cpuMs: ctime, residentBytes: memory };
};
