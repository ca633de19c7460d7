import { ApplicationFailure } from '@temporalio/common';
import * as E from 'fp-ts/lib/Either.js';
import { describeFieldErrors, type FieldError } from '../shared/decoding.js';
import type { FailureType } from './messages.js';

/**
 * Creates a non-retryable failure of one of the documented types. Its message contains codes and field paths, never
 * values.
 */
export const failure = (type: FailureType, message: string, details: readonly unknown[] = []): ApplicationFailure =>
  ApplicationFailure.create({ type, message, nonRetryable: true, details: [...details] });

export const invalidRequest = (errors: readonly FieldError[]): ApplicationFailure =>
  failure('InvalidRequest', describeFieldErrors(errors), errors);

/** The failure type of an update that finds an onboarding which has failed and is about to close: repeat it. */
export const CLOSING = 'Closing';

/** Returns the decoded value. @throws ApplicationFailure `InvalidRequest`, naming each invalid field. */
export const orThrow = <A>(decoded: E.Either<readonly FieldError[], A>): A => {
  if (E.isLeft(decoded)) throw invalidRequest(decoded.left);
  return decoded.right;
};
