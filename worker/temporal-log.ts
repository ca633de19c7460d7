import { DefaultLogger, type LogEntry, type Logger as TemporalLogger } from '@temporalio/worker';
import type { Logger } from 'pino';
import { shownError } from '../shared/logging.js';

const PINO_LEVELS = { TRACE: 'trace', DEBUG: 'debug', INFO: 'info', WARN: 'warn', ERROR: 'error' } as const;

/** Creates a logger for the SDK that writes to pino. */
export const temporalLogger = (logger: Logger): TemporalLogger =>
  new DefaultLogger('TRACE', ({ level, message, meta }: LogEntry) => {
    const { error, ...rest }: Record<string, unknown> = { ...meta };
    const shown = error instanceof Error ? { error: shownError(error) } : {};
    logger[PINO_LEVELS[level]]({ ...rest, ...shown }, message);
  });
