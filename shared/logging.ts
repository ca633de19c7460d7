import { type DestinationStream, type Logger, pino } from 'pino';
import { replaceEmails, SENSITIVE_FIELDS, withoutTokens } from './masking.js';

/** Escapes of JSON: what follows a backslash is no part of a text that may be replaced. */
const ESCAPES = /(\\(?:u[0-9a-f]{4}|.))/;

const scrubText = (text: string): string => replaceEmails(withoutTokens(text), () => '[email]');

/** What slips into a text all the same: addresses and JSON web tokens. */
const scrub = (line: string): string =>
  line
    .split(ESCAPES)
    .map((part, index) => (index % 2 === 0 ? scrubText(part) : part))
    .join('');

/** An error as an entry of the log has it. */
export const shownError = (
  error: unknown,
): { readonly name?: string; readonly message?: string; readonly stack?: string } =>
  error instanceof Error
    ? { name: error.name, message: error.message, ...(error.stack === undefined ? {} : { stack: error.stack }) }
    : {};

/** Where in the code an error arose, for where its message may hold what was sent. */
export const framesOf = ({ stack = '' }: Error): readonly string[] =>
  stack.split('\n').filter((line) => /^\s+at /.test(line));

/** JSON lines on standard output (or `destination`), without secrets and personal data. */
export const createLogger = (level: string, destination?: DestinationStream): Logger =>
  pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      // At the top of an entry or one level down.
      redact: {
        paths: Object.keys(SENSITIVE_FIELDS).flatMap((field) => [field, `*.${field}`]),
        censor: '[redacted]',
      },
      hooks: { streamWrite: scrub },
    },
    destination ?? pino.destination({ dest: 1, sync: false }),
  );
