import { fileURLToPath } from 'node:url';
import { type ServerProcess, type ServerProcessOptions, startProcess, startServing } from '../servers/index.js';

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
