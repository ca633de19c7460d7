import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { freePort } from '../devserver/index.js';

export interface WorkerProcessOptions {
  readonly temporalAddress: string;
  readonly namespace: string;
  readonly verifikBaseUrl: string;
  readonly clientToken: string;
  readonly taskQueue?: string;
  /** The worker's log goes there, appended. */
  readonly logFile: string;
}

/** A worker in a process of its own, as it runs in production. */
export interface WorkerProcess {
  readonly pid: number;
  readonly metricsUrl: string;
  /** Drains and stops it. */
  stop(): Promise<void>;
  /** Ends it at once, as a crash would. */
  kill(): Promise<void>;
}

// A process needs compiled code, also where this file itself runs as its source.
const COMPILED = import.meta.url.endsWith('.ts') ? '../dist/worker/main.js' : '../worker/main.js';
const MAIN = fileURLToPath(new URL(COMPILED, import.meta.url));
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

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

const environment = (
  { temporalAddress, namespace, verifikBaseUrl, clientToken, taskQueue }: WorkerProcessOptions,
  addresses: { readonly health: string; readonly metrics: string },
): Record<string, string> => ({
  TEMPORAL_ADDRESS: temporalAddress,
  TEMPORAL_NAMESPACE: namespace,
  VERIFIK_BASE_URL: verifikBaseUrl,
  VERIFIK_CLIENT_TOKEN: clientToken,
  ONBOARDING_HEALTH_ADDRESS: addresses.health,
  ONBOARDING_METRICS_ADDRESS: addresses.metrics,
  NODE_ENV: 'production',
  ...(taskQueue === undefined ? {} : { ONBOARDING_TASK_QUEUE: taskQueue }),
});

/** Starts a worker and answers when it takes tasks. */
export const startWorkerProcess = async (options: WorkerProcessOptions): Promise<WorkerProcess> => {
  const health = `127.0.0.1:${await freePort()}`;
  const metrics = `127.0.0.1:${await freePort()}`;
  // A process group of its own: Ctrl-C on the terminal is for us, who stop the worker before the server.
  const child = execa(process.execPath, [MAIN], {
    detached: true,
    reject: false,
    stdin: 'ignore',
    stdout: { file: options.logFile, append: true },
    stderr: { file: options.logFile, append: true },
    env: environment(options, { health, metrics }),
    forceKillAfterDelay: STOP_WITHIN_MS,
  });
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
  while (!(await isReady(health))) {
    if (exited || Date.now() > deadline) {
      await end('SIGKILL');
      const tail = (await readFile(options.logFile, 'utf8')).split('\n').slice(-10).join('\n');
      throw new Error(`The worker did not start. The end of its log:\n${tail}`);
    }
    await pause(ASK_AGAIN_MS);
  }
  return {
    pid: child.pid ?? 0,
    metricsUrl: `http://${metrics}/metrics`,
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
  };
};
