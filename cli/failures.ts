import * as E from 'fp-ts/lib/Either.js';
import type { OnboardingError, OnboardingErrorType } from '../client/index.js';
import { describeFieldErrors, type FieldError } from '../shared/decoding.js';
import { defined } from '../shared/defined.js';
import { adviceOn } from './advice.js';
import { EXITS, type ExitName, exitOfError } from './exit-codes.js';
import { plain } from './format/text.js';

/** An error that ends a command. The message names fields, never values. */
export class CliFailure extends Error {
  override readonly name = 'CliFailure';
  readonly exit: ExitName;
  readonly fields: readonly FieldError[];

  constructor(exit: ExitName, message: string, fields: readonly FieldError[] = []) {
    super(message);
    this.exit = exit;
    this.fields = fields;
  }
}

export const wrongFields = (exit: ExitName, ...fields: readonly FieldError[]): CliFailure =>
  new CliFailure(exit, describeFieldErrors(fields), fields);

export const wrongUsage = (...fields: readonly FieldError[]): CliFailure => wrongFields('usage', ...fields);

/** Returns the decoded value. @throws CliFailure that names the wrong fields. */
export const orFail = <A>(decoded: E.Either<readonly FieldError[], A>, exit: ExitName = 'usage'): A => {
  if (E.isRight(decoded)) return decoded.right;
  throw wrongFields(exit, ...decoded.left);
};

/**
 * Returns the value if it is an error of the client. Loads the client on demand: it takes longer to load than the rest
 * of the command line.
 */
export const asClientError = async (thrown: unknown): Promise<OnboardingError | undefined> => {
  const { OnboardingError } = await import('../client/index.js');
  return thrown instanceof OnboardingError ? thrown : undefined;
};

/** Makes a call, and handles the client's errors of one type. */
export const onClientError = async <A, B>(
  call: () => Promise<A>,
  type: OnboardingErrorType,
  handle: (error: OnboardingError) => B | Promise<B>,
): Promise<A | B> => {
  try {
    return await call();
  } catch (thrown) {
    const error = await asClientError(thrown);
    if (error?.type !== type) throw thrown;
    return handle(error);
  }
};

const sentence = (text: string): string => (/[.!?…]$/.test(text) ? text : `${text}.`);

interface Details extends Partial<Pick<OnboardingError, 'erased'>> {
  readonly advice?: string | undefined;
  readonly fields?: readonly FieldError[];
}

const createReport = (exit: ExitName, type: string, thrown: string, { advice, fields = [], erased }: Details = {}) => {
  const message = plain(thrown);
  // The fields say how to correct the request.
  const hasAdvice = advice !== undefined && (fields.length === 0 || type === 'RequestMismatch');
  const shown = { advice: hasAdvice ? advice : undefined, fields: fields.length === 0 ? undefined : fields, erased };
  return {
    exit,
    line: `error: ${hasAdvice ? `${sentence(message)} ${advice}` : message}`,
    error: defined({ type, message, ...shown, exitCode: EXITS[exit].code }),
  };
};

/** Converts a thrown value to an exit code, a line, and an error for `--json`. */
export const reportFailure = async (thrown: unknown) => {
  if (thrown instanceof CliFailure) return createReport(thrown.exit, thrown.exit, thrown.message, thrown);
  const error = await asClientError(thrown);
  if (error !== undefined)
    return createReport(exitOfError(error), error.type, error.message, {
      ...defined({ erased: error.erased }),
      fields: error.fields,
      advice: await adviceOn(error),
    });
  return createReport('failed', 'Unexpected', thrown instanceof Error ? thrown.message : 'an unknown error');
};
