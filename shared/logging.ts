import { type DestinationStream, type Logger, pino } from 'pino';
import { defined } from './defined.js';
import { replaceEmails, SENSITIVE_FIELDS, withoutTokens } from './masking.js';

/** Escape sequences of JSON, which are kept: the character after a backslash is not text. */
const ESCAPES = /(\\(?:u[0-9a-f]{4}|.))/;

const scrubText = (text: string): string => replaceEmails(withoutTokens(text), () => '[email]');

/** Replaces email addresses and JSON web tokens in a line of the log, in whichever field they are. */
const scrub = (line: string): string =>
  line
    .split(ESCAPES)
    .map((part, index) => (index % 2 === 0 ? scrubText(part) : part))
    .join('');

/** The fields of an error that are logged. */
export const shownError = (error: unknown) =>
  error instanceof Error ? defined({ name: error.name, message: error.message, stack: error.stack }) : {};

const stackFrames = ({ stack = '' }: Error): readonly string[] =>
  stack.split('\n').filter((line) => /^\s+at /.test(line));

/**
 * The name and stack frames of an error, and the frames of its cause, without their messages: these may repeat parts of
 * a request.
 */
export const errorWithoutMessage = (error: unknown): Readonly<Record<string, unknown>> =>
  error instanceof Error
    ? defined({
        name: error.name,
        frames: stackFrames(error),
        cause: error.cause instanceof Error ? stackFrames(error.cause) : undefined,
      })
    : {};

/**
 * Creates a logger that writes JSON lines without secrets and personal data to `destination` (default: standard
 * output).
 */
export const createLogger = (level: string, destination?: DestinationStream): Logger =>
  pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      // At the top level of an entry or one level below it.
      redact: {
        paths: Object.keys(SENSITIVE_FIELDS).flatMap((field) => [field, `*.${field}`]),
        censor: '[redacted]',
      },
      hooks: { streamWrite: scrub },
    },
    // Synchronous: the process may exit right after its last entry.
    destination ?? pino.destination({ dest: 1, sync: true }),
  );
