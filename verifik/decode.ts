import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as t from 'io-ts';
import { decodeFields, type FieldError, refined } from '../shared/decoding.js';
import { isToken } from './token.js';

/** Reads an answer of Verifik in any of its generations; what is new in it is passed over, what is missing is named. */
export type Decode<A> = (body: unknown) => E.Either<readonly FieldError[], A>;

/** Verifik writes null where there is nothing, or leaves the field out. */
export const orNull = <C extends t.Mixed>(codec: C) => t.union([codec, t.null, t.undefined]);

/** The id of a registration or a validation. */
export const Id = refined(t.string, 'an id', (id) => id !== '');

/** A token as an answer holds it. */
export const Token = refined(t.string, 'a token', isToken);

const underData = (errors: readonly FieldError[]): readonly FieldError[] =>
  errors.map(({ field, expected }) => ({ field: `data.${field}`, expected }));

const Data = t.type({ data: t.UnknownRecord });

/** Reads what the answer holds under `data`. */
export const inData =
  <A>(decode: Decode<A>): Decode<A> =>
  (body) =>
    pipe(
      decodeFields(Data)(body),
      E.chain(({ data }) => pipe(decode(data), E.mapLeft(underData))),
    );

/** A text that is there and not empty. */
export const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined;

const HasId = t.type({ _id: Id });

/** The id of what is referred to, populated or not. */
export const idOf = (reference: unknown): string | undefined =>
  HasId.is(reference) ? reference._id : textOf(reference);
