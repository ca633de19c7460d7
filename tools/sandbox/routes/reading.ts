import * as E from 'fp-ts/lib/Either.js';
import type * as t from 'io-ts';
import { decodeOnly } from '../decoding.js';

/** A control that was told something wrong: answered with 400 and what is wrong. */
export class BadControl extends Error {
  readonly statusCode = 400;
}

/** The value, or an answer 400 that names the field. */
export const orBad = <A>(read: E.Either<string, A>): A => {
  if (E.isLeft(read)) throw new BadControl(read.left);
  return read.right;
};

/** Reads an input that may have the codec's fields and no others. */
export const readOnly = <A>(
  codec: t.Decoder<unknown, A> & { readonly props: Readonly<Record<string, unknown>> },
  input: unknown,
): A => orBad(decodeOnly(codec, Object.keys(codec.props), input ?? {}));
