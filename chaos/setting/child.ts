import { fileURLToPath } from 'node:url';
import { type ServerProcess, startProcess, startServing } from '../../devserver/index.js';

export interface ChildOptions {
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** What it says goes there, appended. */
  readonly logFile: string;
}

// Children run compiled code, also where this file itself runs as its source.
const DIST = import.meta.url.endsWith('.ts') ? '../../dist/' : '../../';

/** The compiled file of the path within the project, such as `sandbox/main.js`. */
export const compiled = (path: string): string => fileURLToPath(new URL(`${DIST}${path}`, import.meta.url));

/** Starts a process that is none of the product's services, and answers when it is ready. It ends with ours. */
export const startChild = (
  { command, args, ...options }: ChildOptions,
  isReady: () => Promise<boolean>,
): Promise<ServerProcess> =>
  startServing(`${command} ${args[0] ?? ''}`, startProcess(command, args, options), () => isReady().catch(() => false));
