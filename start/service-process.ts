import { readFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { KEY_VARIABLES } from '../codec/index.js';

/** One of our services in a process of its own, as it runs in production. */
export interface ServiceProcess {
  readonly pid: number;
  /** Drains and stops it. */
  stop(): Promise<void>;
  /** Ends it at once, as a crash would. */
  kill(): Promise<void>;
}

export interface ServiceOptions {
  /** The service's room, whose `main` is run. */
  readonly room: 'worker' | 'codec-server' | 'gateway';
  readonly env: Readonly<Record<string, string>>;
  /** The file of the key ring that encrypts payloads. */
  readonly keysFile: string;
  /** Where `/readyz` answers. */
  readonly healthAddress: string;
  /** The service's log goes there, appended. */
  readonly logFile: string;
}

// A process needs compiled code, also where this file itself runs as its source.
const ROOMS = import.meta.url.endsWith('.ts') ? '../dist/' : '../';
const READY_WITHIN_MS = 60_000;
const ASK_AGAIN_MS = 50;
const STOP_WITHIN_MS = 20_000;

const isReady = async (address: string): Promise<boolean> => {
  try {
    return (await fetch(`http://${address}/readyz`)).ok;
  } catch {
    return false;
  }
};

const spawn = ({ room, env, keysFile, logFile }: ServiceOptions) =>
  // A process group of its own: Ctrl-C on the terminal is for us, who stop the services before the server.
  execa(process.execPath, [fileURLToPath(new URL(`${ROOMS}${room}/main.js`, import.meta.url))], {
    detached: true,
    reject: false,
    stdin: 'ignore',
    stdout: { file: logFile, append: true },
    stderr: { file: logFile, append: true },
    env: { ...env, NODE_ENV: 'production', [KEY_VARIABLES.keys]: '', [KEY_VARIABLES.file]: keysFile },
    forceKillAfterDelay: STOP_WITHIN_MS,
  });

/** Starts a service and answers when it is ready. */
export const startService = async (options: ServiceOptions): Promise<ServiceProcess> => {
  const child = spawn(options);
  const killWithUs = () => void child.kill('SIGKILL');
  process.once('exit', killWithUs);
  let exited = false;
  const ended = child.then(() => {
    exited = true;
    process.off('exit', killWithUs);
  });
  const end = async (signal: 'SIGTERM' | 'SIGKILL'): Promise<void> => {
    if (!exited) child.kill(signal);
    await ended;
  };
  const deadline = Date.now() + READY_WITHIN_MS;
  while (!(await isReady(options.healthAddress))) {
    if (exited || Date.now() > deadline) {
      await end('SIGKILL');
      const tail = (await readFile(options.logFile, 'utf8')).split('\n').slice(-10).join('\n');
      throw new Error(`The ${options.room} did not start. The end of its log:\n${tail}`);
    }
    await pause(ASK_AGAIN_MS);
  }
  return { pid: child.pid ?? 0, stop: () => end('SIGTERM'), kill: () => end('SIGKILL') };
};
