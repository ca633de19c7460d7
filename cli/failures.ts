import * as E from 'fp-ts/lib/Either.js';
import { describeFieldErrors, type FieldError } from '../shared/decoding.js';
import { EXIT_OF_ERROR, EXITS, type ExitName } from './exit-codes.js';
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

export const wrongUsage = (...fields: readonly FieldError[]): CliFailure =>
  new CliFailure('usage', describeFieldErrors(fields), fields);

/** Returns the decoded value. @throws CliFailure that names the wrong fields. */
export const orFail = <A>(decoded: E.Either<readonly FieldError[], A>, exit: ExitName = 'usage'): A => {
  if (E.isRight(decoded)) return decoded.right;
  throw new CliFailure(exit, describeFieldErrors(decoded.left), decoded.left);
};

export interface FailureReport {
  readonly exit: ExitName;
  readonly line: string;
  /** For `--json`. */
  readonly error: Readonly<Record<string, unknown>>;
}

const sentence = (text: string): string => (/[.!?…]$/.test(text) ? text : `${text}.`);

const createReport = (
  exit: ExitName,
  type: string,
  message: string,
  { advice, ...more }: Readonly<Record<string, unknown>> & { readonly advice?: string },
): FailureReport => {
  const text = plain(message);
  return {
    exit,
    line: `error: ${advice === undefined ? text : `${sentence(text)} ${advice}`}`,
    error: { type, message: text, ...(advice === undefined ? {} : { advice }), ...more, exitCode: EXITS[exit].code },
  };
};

/**
 * Converts a thrown value. Loads the client only on demand: it takes longer to load than the rest of the command line.
 */
export const reportFailure = async (thrown: unknown): Promise<FailureReport> => {
  if (thrown instanceof CliFailure)
    return createReport(
      thrown.exit,
      thrown.exit,
      thrown.message,
      thrown.fields.length === 0 ? {} : { fields: thrown.fields },
    );
  const { OnboardingError } = await import('../client/index.js');
  if (thrown instanceof OnboardingError) {
    const { type, message, advice, fields, erased } = thrown;
    const more = { ...(fields.length === 0 ? {} : { fields }), ...(erased === undefined ? {} : { erased }) };
    // An error with fields needs no advice.
    return createReport(EXIT_OF_ERROR[type], type, message, { ...more, ...(fields.length === 0 ? { advice } : {}) });
  }
  return createReport('failed', 'Unexpected', thrown instanceof Error ? thrown.message : 'an unknown error', {});
};
