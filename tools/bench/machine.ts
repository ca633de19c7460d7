import { arch, cpus, platform, release, totalmem } from 'node:os';
import { execa } from 'execa';
import type { Machine } from './results.js';

const ask = async (): Promise<Machine> => {
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

let asked: Promise<Machine> | undefined;

/** Describes the machine and the commit. Asks once, because saving results makes the work tree dirty. */
export const thisMachine = (): Promise<Machine> => {
  asked ??= ask();
  return asked;
};
