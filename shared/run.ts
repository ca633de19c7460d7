import * as E from 'fp-ts/lib/Either.js';
import { type Logger, pino } from 'pino';
import { type Environment, MisconfiguredError } from './config.js';
import { describeFieldErrors, type Read } from './decoding.js';
import { createLogger, shownError } from './logging.js';
import { logProcess } from './process-log.js';
import { type Program, refuseArguments } from './program.js';
import { receiveStopSignal } from './stop-signal.js';
import { TemporalUnreachableError } from './temporal-connection.js';

/** The exit code for a wrong configuration: EX_CONFIG of sysexits.h. */
const MISCONFIGURED = 78;

const FAILED = 1;

/** A service that has started. */
export interface RunningService {
  /** Fields of the log entry about the start. */
  readonly details: Readonly<Record<string, unknown>>;
  /** Settles when the service has ended, and rejects if it has failed. Default: it runs until it is closed. */
  readonly ended?: Promise<unknown>;
  /** Stops the service, and waits for the work in progress. */
  readonly close: () => Promise<void>;
}

type Start<C> = (config: C, logger: Logger) => Promise<RunningService>;

interface Service<C> extends Program {
  /** The name in logs and messages, such as `worker`. */
  readonly name: string;
  readonly readConfig: (env: Environment) => Read<C>;
  readonly start: Start<C>;
}

const run = async <C>({ name, start }: Service<C>, config: C, logger: Logger): Promise<void> => {
  const signalled = receiveStopSignal();
  const started = await Promise.race([start(config, logger), signalled]);
  if (typeof started === 'string') return logger.info({ signal: started }, `${name} stopped before it had started`);
  logger.info(started.details, `${name} started`);
  const signal = await Promise.race([signalled, started.ended ?? signalled]);
  logger.info({ signal }, `${name} stopping`);
  await started.close();
  logger.info(`${name} stopped`);
};

const runToEnd = async <C extends { readonly logLevel: string }>(service: Service<C>, logger: Logger) => {
  const refuse = (problem: string): number => {
    const message = `The ${service.name}'s configuration is wrong. ${problem}`;
    createLogger('info', pino.destination({ dest: 2, sync: true })).fatal(message);
    return MISCONFIGURED;
  };
  const config = service.readConfig(process.env);
  if (E.isLeft(config)) return refuse(describeFieldErrors(config.left));
  logger.level = config.right.logLevel;
  try {
    await run(service, config.right, logger);
    return 0;
  } catch (error) {
    if (error instanceof MisconfiguredError && !error.temporary) return refuse(error.message);
    if (error instanceof TemporalUnreachableError) logger.fatal({ reason: error.reason }, error.message);
    else if (error instanceof MisconfiguredError) logger.fatal(error.message);
    else logger.fatal({ error: shownError(error) }, `${service.name} failed`);
    return FAILED;
  }
};

/**
 * Runs a service until the process receives SIGTERM or SIGINT, also during the start, and exits: with code 0; with 78
 * if the configuration is wrong, which is reported on standard error; with 1 after any other error; with 2 if there are
 * arguments. Every line of the output is JSON.
 */
export const runService = async <C extends { readonly logLevel: string }>(service: Service<C>): Promise<never> => {
  refuseArguments(service);
  const logger = createLogger('info');
  logProcess(logger);
  // Connections and servers that are still open would keep the process alive.
  process.exit(await runToEnd(service, logger));
};
