import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as t from 'io-ts';
import { decodeFields, type FieldError, refined } from '../shared/decoding.js';
import { isToken } from './token.js';

/** Decodes a response of any API generation. Ignores unknown fields and names missing ones. */
export type Decode<A> = (body: unknown) => E.Either<readonly FieldError[], A>;

/** Verifik sends null for an absent value, or omits the field. */
export const orNull = <C extends t.Mixed>(codec: C) => t.union([codec, t.null, t.undefined]);

export const Id = refined(t.string, 'an id', (id) => id !== '');

export const Token = refined(t.string, 'a token', isToken);

const underData = (errors: readonly FieldError[]): readonly FieldError[] =>
  errors.map(({ field, expected }) => ({ field: `data.${field}`, expected }));

const Data = t.type({ data: t.UnknownRecord });

export const inData =
  <A>(decode: Decode<A>): Decode<A> =>
  (body) =>
    pipe(
      decodeFields(Data)(body),
      E.chain(({ data }) => pipe(decode(data), E.mapLeft(underData))),
    );

export const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined;

/** Returns Verifik's code word in a text, in lower case: `409:liveness_failed@0.45` → `liveness_failed`. */
export const codeWordOf = (text: string): string => {
  const [word = ''] = text
    .trim()
    .replace(/^\d{3}:/, '')
    .split('@', 1);
  return word.trim().toLowerCase();
};

const HasId = t.type({ _id: Id });

export const idOf = (reference: unknown): string | undefined =>
  HasId.is(reference) ? reference._id : textOf(reference);
