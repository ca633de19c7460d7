import { format } from 'node:util';
import type { Logger } from 'pino';
import { shownError } from './logging.js';

const CONSOLE_LEVELS = { debug: 'debug', log: 'info', info: 'info', warn: 'warn', error: 'error' } as const;

const entriesOf = Object.entries<'debug' | 'info' | 'warn' | 'error'>;

/**
 * Logs everything that Node and libraries would print as text: warnings, output to the console, and errors that nothing
 * handles, which end the process with exit code 1.
 */
export const logProcess = (logger: Logger): void => {
  for (const [method, level] of entriesOf(CONSOLE_LEVELS))
    Object.assign(console, { [method]: (...parts: readonly unknown[]) => logger[level](format(...parts)) });
  // Node's own listener prints warnings.
  process.removeAllListeners('warning');
  process.on('warning', ({ name, message }) => logger.warn({ warning: name }, message));
  const fail = (error: unknown): never => {
    logger.fatal({ error: shownError(error) }, 'an error was not handled');
    process.exit(1);
  };
  process.on('uncaughtException', fail);
  process.on('unhandledRejection', fail);
};
