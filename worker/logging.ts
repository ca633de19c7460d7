import { DefaultLogger, type LogEntry, type Logger as TemporalLogger } from '@temporalio/worker';
import { type DestinationStream, type Logger, pino } from 'pino';

/** Fields that may hold a secret or personal data, at the top of an entry or one level down. */
const SENSITIVE_FIELDS = [
  'token',
  'accessToken',
  'authorization',
  'email',
  'phone',
  'fullName',
  'firstName',
  'lastName',
  'otp',
  'contact',
];

// What slips into a text all the same: addresses and JSON web tokens.
const EMAIL = /[\w.+-]+@[\w-]+(\.[\w-]+)+/g;
const JWT = /eyJ[\w-]+\.[\w-]+\.[\w-]*/g;

const scrub = (line: string): string => line.replace(JWT, '[token]').replace(EMAIL, '[email]');

/** JSON lines on standard output (or `destination`), without secrets and personal data. */
export const createLogger = (level: string, destination?: DestinationStream): Logger =>
  pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: SENSITIVE_FIELDS.flatMap((field) => [field, `*.${field}`]), censor: '[redacted]' },
      hooks: { streamWrite: scrub },
    },
    destination ?? pino.destination({ dest: 1, sync: false }),
  );

const PINO_LEVELS = { TRACE: 'trace', DEBUG: 'debug', INFO: 'info', WARN: 'warn', ERROR: 'error' } as const;

/** Temporal's own log, in the same form and to the same place. */
export const temporalLogger = (logger: Logger): TemporalLogger =>
  new DefaultLogger('TRACE', ({ level, message, meta }: LogEntry) => {
    const { error, ...rest }: Record<string, unknown> = { ...meta };
    const shown =
      error instanceof Error ? { error: { name: error.name, message: error.message, stack: error.stack } } : {};
    logger[PINO_LEVELS[level]]({ ...rest, ...shown }, message);
  });
