import * as E from 'fp-ts/lib/Either.js';
import { describeFieldErrors, type FieldError } from '../shared/decoding.js';
import { EXIT_OF_ERROR, EXITS, type ExitName } from './exits.js';
import { plain } from './showing/plain.js';

/** Why a command ends otherwise than `ok`. The message names fields, never values. */
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

/** Something that the command was given is wrong. */
export const wrongUsage = (...fields: readonly FieldError[]): CliFailure =>
  new CliFailure('usage', describeFieldErrors(fields), fields);

/** What was read, or the end of the command with what is wrong with it. */
export const orFail = <A>(read: E.Either<readonly FieldError[], A>, exit: ExitName = 'usage'): A => {
  if (E.isRight(read)) return read.right;
  throw new CliFailure(exit, describeFieldErrors(read.left), read.left);
};

/** How a failure is told. */
export interface ToldFailure {
  readonly exit: ExitName;
  /** One line for people. */
  readonly line: string;
  /** The same as JSON. */
  readonly error: Readonly<Record<string, unknown>>;
}

const sentence = (text: string): string => (/[.!?…]$/.test(text) ? text : `${text}.`);

const told = (
  exit: ExitName,
  type: string,
  message: string,
  { advice, ...more }: Readonly<Record<string, unknown>> & { readonly advice?: string },
): ToldFailure => {
  const said = plain(message);
  return {
    exit,
    line: `error: ${advice === undefined ? said : `${sentence(said)} ${advice}`}`,
    error: { type, message: said, ...(advice === undefined ? {} : { advice }), ...more, exitCode: EXITS[exit].code },
  };
};

/** What is told of whatever was thrown. The client is loaded only then: it takes longer to load than all the rest. */
export const tellFailure = async (thrown: unknown): Promise<ToldFailure> => {
  if (thrown instanceof CliFailure)
    return told(thrown.exit, thrown.exit, thrown.message, thrown.fields.length === 0 ? {} : { fields: thrown.fields });
  const { OnboardingError } = await import('../client/index.js');
  if (thrown instanceof OnboardingError) {
    const { type, message, advice, fields, erased } = thrown;
    const more = { ...(fields.length === 0 ? {} : { fields }), ...(erased === undefined ? {} : { erased }) };
    // A field says by itself what to do about it.
    return told(EXIT_OF_ERROR[type], type, message, { ...more, ...(fields.length === 0 ? { advice } : {}) });
  }
  return told('failed', 'Unexpected', thrown instanceof Error ? thrown.message : 'something failed', {});
};
