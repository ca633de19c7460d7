import { fileURLToPath } from 'node:url';
import { type ServerProcess, startProcess, startServing } from '../../devserver/index.js';

export interface NodeProcessOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly logFile: string;
  readonly isReady: () => Promise<boolean>;
}

/** Starts a compiled program, named from the root of what is compiled, and answers once it is ready. */
export const startNodeProcess = (
  program: string,
  args: readonly string[],
  { isReady, ...options }: NodeProcessOptions,
): Promise<ServerProcess> => {
  const main = fileURLToPath(new URL(`../../${program}`, import.meta.url));
  return startServing(program, startProcess(process.execPath, [main, ...args], options), isReady);
};

/** Whether the address answers that all is well. */
export const answersWell = async (url: string): Promise<boolean> => {
  try {
    return (await fetch(url)).ok;
  } catch {
    return false;
  }
};
