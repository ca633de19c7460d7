import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { waitUntil } from './wait.js';

/** A program of ours in a process of its own. */
export interface NodeProcess {
  readonly pid: number;
  /** Ends it; answers when it has. */
  stop(): Promise<void>;
}

const STOP_WITHIN_MS = 10_000;

/** Starts a compiled program, named from the root of what is compiled, and answers once `isReady` does; its log goes to the file. */
export const startNodeProcess = async (
  program: string,
  args: readonly string[],
  {
    env,
    logFile,
    until,
  }: {
    readonly env: Readonly<Record<string, string>>;
    readonly logFile: string;
    readonly until: () => Promise<boolean>;
  },
): Promise<NodeProcess> => {
  const child = execa(process.execPath, [fileURLToPath(new URL(`../../${program}`, import.meta.url)), ...args], {
    // A process group of its own: Ctrl-C is for us, who stop it.
    detached: true,
    reject: false,
    stdin: 'ignore',
    stdout: { file: logFile, append: true },
    stderr: { file: logFile, append: true },
    env,
    forceKillAfterDelay: STOP_WITHIN_MS,
  });
  const killWithUs = () => void child.kill('SIGKILL');
  process.once('exit', killWithUs);
  let hasEnded = false;
  const ended = child.then(() => {
    hasEnded = true;
    process.off('exit', killWithUs);
  });
  await waitUntil(async () => {
    if (hasEnded) throw new Error(`${program} did not start: see ${logFile}`);
    return until();
  }, `${program} to start`);
  return {
    pid: child.pid ?? 0,
    stop: async () => {
      if (!hasEnded) child.kill('SIGTERM');
      await ended;
    },
  };
};
