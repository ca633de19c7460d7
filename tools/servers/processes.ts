import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { execa } from 'execa';
import { withoutSettings } from '../../shared/config.js';

export interface ServerProcessOptions {
  /** The log file. Output is appended. Default: only the last lines are kept, in memory. */
  readonly logFile?: string | undefined;
  /** Further environment variables. The process inherits no settings from the shell (`withoutSettings`). */
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** The user and the group of the process. Default: those of this process. */
  readonly uid?: number;
  readonly gid?: number;
  readonly stopSignal?: 'SIGTERM' | 'SIGINT';
  /** Time to stop before SIGKILL. Default 5 s. */
  readonly stopWithinMs?: number;
}

/** A server in its own process. It ends with this process, except if this one receives SIGKILL. */
export interface ServerProcess {
  readonly pid: number;
  /** The end of its output, or undefined while it runs. */
  lastWords(): string | undefined;
  /** Sends the stop signal, and SIGKILL if the process does not exit in time. */
  stop(): Promise<void>;
  /** Sends SIGKILL. */
  kill(): Promise<void>;
  /** Resolves when the process has exited, for any reason. */
  readonly ended: Promise<void>;
}

const LOG_TAIL_LINES = 20;

/** Reads all output, because a process blocks when its pipe is full. */
const readOutput = (output: NodeJS.ReadableStream, logFile: string | undefined) => {
  const file = logFile === undefined ? undefined : createWriteStream(logFile, { flags: 'a' });
  const tail: string[] = [];
  const lines = createInterface({ input: output });
  lines.on('line', (line) => {
    if (tail.push(line) > LOG_TAIL_LINES) tail.shift();
    file?.write(`${line}\n`);
  });
  const closed = once(lines, 'close').then(() => void file?.end());
  return { tail, closed };
};

/** Starts a server's process. Returns before the server serves. */
export const startProcess = (
  command: string,
  args: readonly string[],
  { logFile, env, stopSignal = 'SIGTERM', stopWithinMs = 5_000, ...options }: ServerProcessOptions = {},
): ServerProcess => {
  const child = execa(command, args, {
    // In its own process group: Ctrl-C on the terminal reaches only this process, which stops the server last.
    detached: true,
    reject: false,
    stdin: 'ignore',
    killSignal: stopSignal,
    forceKillAfterDelay: stopWithinMs,
    all: true,
    buffer: false,
    extendEnv: false,
    env: { ...withoutSettings(process.env), ...env },
    ...options,
  });
  const killOnExit = () => void child.kill('SIGKILL');
  process.once('exit', killOnExit);
  const { tail, closed } = readOutput(child.all, logFile);
  let lastWords: string | undefined;
  const ended = Promise.all([child, closed]).then(([{ message }]) => {
    process.off('exit', killOnExit);
    lastWords = tail.length > 0 ? tail.join('\n') : (message ?? '');
  });
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (lastWords === undefined) child.kill(signal);
    await ended;
  };
  return {
    pid: child.pid ?? 0,
    lastWords: () => lastWords,
    stop: () => end(stopSignal),
    kill: () => end('SIGKILL'),
    ended,
  };
};

type Flag = string | number | boolean | undefined;

/** Formats command-line options. `true` is an option without a value, and a list repeats its option. */
export const flags = (options: Readonly<Record<string, Flag | readonly string[]>>): readonly string[] =>
  Object.entries(options).flatMap(([name, value]) =>
    [value].flat().flatMap((one) => {
      if (one === undefined || one === false) return [];
      return one === true ? [`--${name}`] : [`--${name}`, String(one)];
    }),
  );
