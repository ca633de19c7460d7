import type * as E from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';
import { closed, decodeFields, type FieldError, textUpTo } from '../shared/decoding.js';
import { PersonId, Reference } from './ids.js';

export interface LegalHoldRequest {
  /** The placing person's id in the caller's own system. Never a name: everyone who may see the hold sees it. */
  readonly placedBy: string;
  /** A reason for people to read. It outlives an erasure, so it must not contain personal data of the customer. */
  readonly reason?: string;
}

export interface LegalHoldInput extends LegalHoldRequest {
  readonly reference: string;
}

export interface LiftHoldArgs {
  readonly liftedBy: string;
}

const LegalHoldFields = closed(
  t.intersection([t.type({ reference: Reference, placedBy: PersonId }), t.partial({ reason: textUpTo(2000) })]),
);

const LiftFields = closed(t.type({ liftedBy: PersonId }));

export const decodeLegalHold = (input: unknown): E.Either<readonly FieldError[], LegalHoldInput> =>
  decodeFields(LegalHoldFields)(input);

export const decodeLift = (input: unknown): E.Either<readonly FieldError[], LiftHoldArgs> =>
  decodeFields(LiftFields)(input);
