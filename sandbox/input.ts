import * as E from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';
import { Refusal, type RefusalCode } from './refusals.js';

/** Reads a body or a query, refusing it with the code that Verifik would use. */
export const read = <A>(codec: t.Decoder<unknown, A>, input: unknown, code: RefusalCode = 'MissingParameter'): A => {
  const decoded = codec.decode(input ?? {});
  if (E.isLeft(decoded)) throw new Refusal(code);
  return decoded.right;
};

export const Text = t.refinement(t.string, (text) => text.trim() !== '', 'a text');

const Texts = t.union([t.string, t.array(t.string)]);

/** A parameter that may stand once or several times. */
export const several = (query: unknown, name: string): readonly string[] => {
  const given = t.UnknownRecord.is(query) ? query[name] : undefined;
  if (!Texts.is(given)) return [];
  return typeof given === 'string' ? [given] : given;
};
