import { fileURLToPath } from 'node:url';
import { KEY_VARIABLES } from '../../codec/index.js';
import { defined } from '../../shared/defined.js';
import {
  answersWell,
  type ServerProcess,
  type ServerProcessOptions,
  startProcess,
  startServing,
} from '../servers/index.js';

export { answersWell } from '../servers/index.js';

export interface NodeProcessOptions extends Pick<ServerProcessOptions, 'env' | 'logFile' | 'stopWithinMs'> {
  /** The name in error messages. Default: the program's path. */
  readonly name?: string;
  readonly isReady: () => Promise<boolean>;
}

// Processes run compiled code, even if this file itself runs from source in a test.
const COMPILED = import.meta.url.endsWith('.ts') ? '../../dist/' : '../../';

/**
 * Starts a compiled program of this project, such as `tools/sandbox/main.js`, and resolves when it is ready. The
 * process ends with this one. Rejects with the end of its output if it exits before it is ready.
 */
export const startNodeProcess = (
  program: string,
  args: readonly string[],
  { isReady, name = program, ...options }: NodeProcessOptions,
): Promise<ServerProcess> => {
  const main = fileURLToPath(new URL(`${COMPILED}${program}`, import.meta.url));
  return startServing(name, startProcess(process.execPath, [main, ...args], options), isReady);
};

/** A service of this project in its own process, with production settings. `stop` stops it gracefully. */
export type ServiceProcess = Omit<ServerProcess, 'lastWords'>;

interface ServiceOptions {
  /** The service to run: the folder of its `main.js`. */
  readonly service: 'worker' | 'codec-server' | 'gateway';
  /** Environment variables. An undefined one is not set. */
  readonly env: Readonly<Record<string, string | number | undefined>>;
  readonly keysFile: string;
  readonly healthAddress: string;
  readonly logFile: string;
}

const STOP_WITHIN_MS = 20_000;

/** Starts a service and resolves when it is ready. Rejects with the end of its log if it exits before. */
export const startService = (options: ServiceOptions): Promise<ServiceProcess> => {
  const { service, keysFile, healthAddress, logFile } = options;
  const env = Object.entries(defined(options.env)).map(([name, value]) => [name, String(value)]);
  return startNodeProcess(`${service}/main.js`, [], {
    name: `The ${service}`,
    logFile,
    env: {
      ...Object.fromEntries(env),
      NODE_ENV: 'production',
      [KEY_VARIABLES.file]: keysFile,
    },
    stopWithinMs: STOP_WITHIN_MS,
    isReady: () => answersWell(`http://${healthAddress}/readyz`),
  });
};
