import type * as E from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';
import { closed, decodeFields, type FieldError, lineUpTo, textUpTo } from '../shared/decoding.js';
import { Reference } from './ids.js';

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

const Who = lineUpTo(200);

const LegalHoldFields = closed(
  t.intersection([t.type({ reference: Reference, placedBy: Who }), t.partial({ reason: textUpTo(2000) })]),
);

const LiftFields = closed(t.type({ liftedBy: Who }));

export const decodeLegalHold = (input: unknown): E.Either<readonly FieldError[], LegalHoldInput> =>
  decodeFields(LegalHoldFields)(input);

export const decodeLift = (input: unknown): E.Either<readonly FieldError[], LiftHoldArgs> =>
  decodeFields(LiftFields)(input);
