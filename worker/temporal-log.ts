import { DefaultLogger, type LogEntry, type Logger as TemporalLogger } from '@temporalio/worker';
import type { Logger } from 'pino';
import { shownError } from '../shared/logging.js';

const PINO_LEVELS = { TRACE: 'trace', DEBUG: 'debug', INFO: 'info', WARN: 'warn', ERROR: 'error' } as const;

/** Temporal's own log, in the same form and to the same place. */
export const temporalLogger = (logger: Logger): TemporalLogger =>
  new DefaultLogger('TRACE', ({ level, message, meta }: LogEntry) => {
    const { error, ...rest }: Record<string, unknown> = { ...meta };
    const shown = error instanceof Error ? { error: shownError(error) } : {};
    logger[PINO_LEVELS[level]]({ ...rest, ...shown }, message);
  });
