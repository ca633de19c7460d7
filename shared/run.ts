import * as E from 'fp-ts/lib/Either.js';
import type { Logger } from 'pino';
import { MisconfiguredError } from './config.js';
import { describeFieldErrors, type Read } from './decoding.js';
import type { Endpoint } from './http.js';
import { createLogger, shownError } from './logging.js';

/** The exit code for a wrong configuration: EX_CONFIG of sysexits.h. */
const MISCONFIGURED = 78;

/**
 * Runs a service to its end. A wrong configuration is reported on standard error and sets exit code 78; any other error
 * is logged and sets exit code 1.
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

export interface RunningServer {
  readonly server: Endpoint;
  readonly metrics: Endpoint;
  /** Further fields of the log entry about the start. */
  readonly details: Readonly<Record<string, unknown>>;
}

/**
 * Runs a server until the process receives SIGTERM or SIGINT, then closes it, which completes requests in flight, and
 * its metrics. Errors have the same effects as in `runService`.
 */
export const runServer = <C extends { readonly logLevel: string }>(
  name: string,
  config: Read<C>,
  start: (config: C, logger: Logger) => Promise<RunningServer>,
): Promise<void> =>
  runService(name, config, async (values, logger) => {
    // Listens for signals before the start, so that an early one is not lost.
    const stopped = new Promise<string>((resolve) => {
      for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, resolve);
    });
    const { server, metrics, details } = await start(values, logger);
    logger.info({ url: server.url, metrics: metrics.url, ...details }, `${name} started`);
    const signal = await stopped;
    logger.info({ signal }, `${name} stopping`);
    await server.close();
    await metrics.close();
    logger.info(`${name} stopped`);
  });
