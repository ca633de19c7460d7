import { KEY_VARIABLES } from '../../codec/index.js';
import { answersWell, startNodeProcess } from './node-process.js';

/** A service of this project in its own process, with production settings. */
export interface ServiceProcess {
  readonly pid: number;
  /** Stops it gracefully. */
  stop(): Promise<void>;
  /** Sends SIGKILL. */
  kill(): Promise<void>;
  /** Resolves when the process has exited, for any reason. */
  readonly ended: Promise<void>;
}

export interface ServiceOptions {
  /** The service to run: the folder of its `main.js`. */
  readonly service: 'worker' | 'codec-server' | 'gateway';
  readonly env: Readonly<Record<string, string>>;
  readonly keysFile: string;
  readonly healthAddress: string;
  readonly logFile: string;
}

const STOP_WITHIN_MS = 20_000;

/** Starts a service and resolves when it is ready. Rejects with the end of its log if it exits before. */
export const startService = ({
  service,
  env,
  keysFile,
  healthAddress,
  logFile,
}: ServiceOptions): Promise<ServiceProcess> =>
  startNodeProcess(`${service}/main.js`, [], {
    name: `The ${service}`,
    logFile,
    env: { ...env, NODE_ENV: 'production', [KEY_VARIABLES.keys]: '', [KEY_VARIABLES.file]: keysFile },
    stopWithinMs: STOP_WITHIN_MS,
    isReady: () => answersWell(`http://${healthAddress}/readyz`),
  });
