import { arch, cpus, platform, release, totalmem } from 'node:os';
import { execa } from 'execa';
import type { Machine } from './results.js';

/** The machine that is measured on, and the code that is measured. */
export const thisMachine = async (): Promise<Machine> => {
  const { stdout: commit } = await execa('git', ['describe', '--always', '--dirty'], { reject: false });
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: cpus().length,
    memoryBytes: totalmem(),
    node: process.version,
    system: `${platform()} ${release()} ${arch()}`,
    commit: commit || 'unknown',
  };
};
