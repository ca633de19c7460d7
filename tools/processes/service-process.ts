import { KEY_VARIABLES } from '../../codec/index.js';
import { answersWell, startNodeProcess } from './node-process.js';

/** One of our services in a process of its own, as it runs in production. */
export interface ServiceProcess {
  readonly pid: number;
  /** Drains and stops it. */
  stop(): Promise<void>;
  /** Ends it at once, as a crash would. */
  kill(): Promise<void>;
  /** Settled as soon as it has ended, whoever ended it. */
  readonly ended: Promise<void>;
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

const STOP_WITHIN_MS = 20_000;

/** Starts a service and answers when it is ready. Rejects with the end of its log where it ends before. */
export const startService = ({
  room,
  env,
  keysFile,
  healthAddress,
  logFile,
}: ServiceOptions): Promise<ServiceProcess> =>
  startNodeProcess(`${room}/main.js`, [], {
    name: `The ${room}`,
    logFile,
    env: { ...env, NODE_ENV: 'production', [KEY_VARIABLES.keys]: '', [KEY_VARIABLES.file]: keysFile },
    stopWithinMs: STOP_WITHIN_MS,
    isReady: () => answersWell(`http://${healthAddress}/readyz`),
  });
