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

/** The machine that is measured on, and the code that is measured: as it was before any results were written, which are kept beside it. */
export const thisMachine = (): Promise<Machine> => {
  asked ??= ask();
  return asked;
};
