import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { execa } from 'execa';

export interface ServerProcessOptions {
  /** Where all that it says is kept, after what is there already. Without it the last lines alone are kept, in memory. */
  readonly logFile?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** The folder that it runs in. Default: ours. */
  readonly cwd?: string;
  /** Whom it runs as. Default: as whom we do. */
  readonly owner?: { readonly uid: number; readonly gid: number };
  /** What asks it to stop. Default SIGTERM. */
  readonly stopSignal?: 'SIGTERM' | 'SIGINT';
  /** How long it may take to stop before it is ended by SIGKILL. */
  readonly stopWithinMs?: number;
}

/** A server in a process of its own, which ends with ours, unless ours is ended by SIGKILL. */
export interface ServerProcess {
  readonly pid: number;
  /** What it said last; undefined while it runs. */
  lastWords(): string | undefined;
  /** Asks it to stop, and ends it by SIGKILL if it does not. */
  stop(): Promise<void>;
  /** Ends it at once, as a crash would. */
  kill(): Promise<void>;
  /** Settled as soon as it has ended, whoever ended it. */
  readonly ended: Promise<void>;
}

const STOP_WITHIN_MS = 5_000;
const LOG_TAIL_LINES = 20;

/** Follows what a process says: to its end, whatever nobody reads of it would block the process. */
const follow = (output: NodeJS.ReadableStream, logFile: string | undefined) => {
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

/** Starts a server's process. It is running, though it need not serve yet. */
export const startProcess = (
  command: string,
  args: readonly string[],
  { logFile, env = {}, cwd, owner, stopSignal = 'SIGTERM', stopWithinMs = STOP_WITHIN_MS }: ServerProcessOptions = {},
): ServerProcess => {
  const child = execa(command, args, {
    // A process group of its own: Ctrl-C on the terminal is for us, who stop the server last.
    detached: true,
    reject: false,
    stdin: 'ignore',
    killSignal: stopSignal,
    forceKillAfterDelay: stopWithinMs,
    all: true,
    buffer: false,
    env,
    ...(cwd === undefined ? {} : { cwd }),
    ...owner,
  });
  const killWithUs = () => void child.kill('SIGKILL');
  process.once('exit', killWithUs);
  const { tail, closed } = follow(child.all, logFile);
  let lastWords: string | undefined;
  const ended = Promise.all([child, closed]).then(([{ message }]) => {
    process.off('exit', killWithUs);
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
