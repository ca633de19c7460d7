import type * as E from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';
import { closed, decodeFields, type FieldError, textUpTo } from '../shared/decoding.js';
import { Reference } from './reference.js';

/** Who wants what is held about a customer to be kept, and why. */
export interface LegalHoldRequest {
  /** The id in the caller's own system of who places the hold. Never a name: it is shown to everyone who may see the hold. */
  readonly placedBy: string;
  /** In words, for people. The hold outlives an erasure, so it must not hold the customer's personal data. */
  readonly reason?: string;
}

export interface LegalHoldInput extends LegalHoldRequest {
  readonly reference: string;
}

export interface LiftHoldArgs {
  /** The id in the caller's own system of who lifts the hold. */
  readonly liftedBy: string;
}

const Who = textUpTo(200);

const LegalHoldFields = closed(
  t.intersection([t.type({ reference: Reference, placedBy: Who }), t.partial({ reason: textUpTo(2000) })]),
);

const LiftFields = closed(t.type({ liftedBy: Who }));

export const decodeLegalHold = (input: unknown): E.Either<readonly FieldError[], LegalHoldInput> =>
  decodeFields(LegalHoldFields)(input);

export const decodeLift = (input: unknown): E.Either<readonly FieldError[], LiftHoldArgs> =>
  decodeFields(LiftFields)(input);
