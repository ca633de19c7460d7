import { fileURLToPath } from 'node:url';
import { type ServerProcess, type ServerProcessOptions, startProcess, startServing } from '../servers/index.js';

export interface NodeProcessOptions extends Pick<ServerProcessOptions, 'env' | 'logFile' | 'stopWithinMs'> {
  /** How it is called where it does not start. Default: its path. */
  readonly name?: string;
  readonly isReady: () => Promise<boolean>;
}

// A process needs compiled code, also where this file itself runs as its source.
const COMPILED = import.meta.url.endsWith('.ts') ? '../../dist/' : '../../';

/**
 * Starts a compiled program of ours, such as `tools/sandbox/main.js`, in a process of its own, and answers once it is ready. It ends with
 * ours. Rejects with its last words where it ends before.
 */
export const startNodeProcess = (
  program: string,
  args: readonly string[],
  { isReady, name = program, ...options }: NodeProcessOptions,
): Promise<ServerProcess> => {
  const main = fileURLToPath(new URL(`${COMPILED}${program}`, import.meta.url));
  return startServing(name, startProcess(process.execPath, [main, ...args], options), isReady);
};

/** Whether the address answers that all is well. */
export const answersWell = async (url: string): Promise<boolean> => {
  try {
    return (await fetch(url)).ok;
  } catch {
    return false;
  }
};
