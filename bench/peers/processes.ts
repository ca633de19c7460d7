import { readFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { execa } from 'execa';

export interface Command {
  readonly file: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  /** What it prints goes there, appended. */
  readonly logFile: string;
}

/** A process that ends with ours, unless ours is ended by SIGKILL. */
export interface Process {
  readonly pid: number;
  readonly hasEnded: () => boolean;
  readonly end: (signal: 'SIGTERM' | 'SIGKILL') => Promise<void>;
}

const READY_WITHIN_MS = 60_000;
const ASK_AGAIN_MS = 50;
const STOP_WITHIN_MS = 20_000;
const LOG_TAIL_LINES = 20;

export const startProcess = ({ file, args, env, cwd, logFile }: Command): Process => {
  const child = execa(file, args, {
    cwd,
    env,
    // A process group of its own: Ctrl-C on the terminal is for us, who stop what we started.
    detached: true,
    reject: false,
    stdin: 'ignore',
    stdout: { file: logFile, append: true },
    stderr: { file: logFile, append: true },
    forceKillAfterDelay: STOP_WITHIN_MS,
  });
  const killWithUs = () => void child.kill('SIGKILL');
  process.once('exit', killWithUs);
  let ended = false;
  const end = child.then(() => {
    ended = true;
    process.off('exit', killWithUs);
  });
  return {
    pid: child.pid ?? 0,
    hasEnded: () => ended,
    end: async (signal) => {
      if (!ended) child.kill(signal);
      await end;
    },
  };
};

const answers = async (url: string): Promise<boolean> => {
  try {
    return (await fetch(url)).ok;
  } catch {
    return false;
  }
};

/**
 * Waits until the URL answers.
 *
 * @throws Error with the end of the log when the process ends before, or does not answer within a minute.
 */
export const untilReady = async (url: string, process: Process, logFile: string): Promise<void> => {
  const deadline = Date.now() + READY_WITHIN_MS;
  while (!(await answers(url))) {
    if (process.hasEnded() || Date.now() > deadline) {
      const tail = (await readFile(logFile, 'utf8')).split('\n').slice(-LOG_TAIL_LINES).join('\n');
      throw new Error(`Nothing answers at ${url}. The end of the log:\n${tail}`);
    }
    await pause(ASK_AGAIN_MS);
  }
};
