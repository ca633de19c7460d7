import * as E from 'fp-ts/lib/Either.js';
import type { Logger } from 'pino';
import type { Read } from './config.js';
import { describeFieldErrors } from './decoding.js';
import { createLogger, shownError } from './logging.js';
import { MisconfiguredError } from './misconfigured-error.js';

/** EX_CONFIG of sysexits.h: what a process exits with that was told something wrong. */
const MISCONFIGURED = 78;

/**
 * Runs a long-running process to its end. A wrong configuration is told on standard error, and the exit code is 78; any other error is
 * logged, and the exit code is 1.
 */
export const runService = async <C extends { readonly logLevel: string }>(
  name: string,
  config: Read<C>,
  run: (config: C, logger: Logger) => Promise<void>,
): Promise<void> => {
  const refuseToStart = (problem: string): void => {
    process.stderr.write(`The ${name}'s configuration is wrong. ${problem}\n`);
    process.exitCode = MISCONFIGURED;
  };
  if (E.isLeft(config)) return refuseToStart(describeFieldErrors(config.left));
  const logger = createLogger(config.right.logLevel);
  try {
    await run(config.right, logger);
  } catch (error) {
    if (error instanceof MisconfiguredError) return refuseToStart(error.message);
    logger.fatal({ error: shownError(error) }, `${name} failed`);
    process.exitCode = 1;
  }
};

/** Waits for SIGTERM or SIGINT, and answers which it was. */
export const stopSignal = (): Promise<string> =>
  new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, resolve);
  });
