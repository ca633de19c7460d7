import * as E from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';
import { problems } from './decoding.js';
import { Refusal } from './refusals.js';

/** Reads a body, a query or a path, refusing it as Verifik does, with the field that is wrong and what was expected. */
export const read = <A>(codec: t.Decoder<unknown, A>, input: unknown): A => {
  const decoded = codec.decode(input ?? {});
  if (E.isLeft(decoded)) throw new Refusal('MissingParameter', { detail: problems(decoded.left) });
  return decoded.right;
};

export const Text = t.refinement(t.string, (text) => text.trim() !== '', 'a text');
export const IdParams = t.type({ id: t.string });

const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;
export const Base64 = t.refinement(
  t.string,
  (text) => BASE64.test(text.replace(/^data:[^,]+,/, '')),
  'an image in base64',
);
export const DataUri = t.refinement(t.string, (text) => /^data:[^,]*,./.test(text), 'an image as a data URI');

const Texts = t.union([t.string, t.array(t.string)]);

/** A parameter that may stand once or several times. */
export const several = (query: unknown, name: string): readonly string[] => {
  const given = t.UnknownRecord.is(query) ? query[name] : undefined;
  if (!Texts.is(given)) return [];
  return typeof given === 'string' ? [given] : given;
};

/** A whole number in a query. Refuses all else. */
export const wholeNumber = (query: unknown, name: string, fallback: number, most = Number.MAX_SAFE_INTEGER): number => {
  const value = Number(several(query, name)[0] ?? fallback);
  if (!Number.isInteger(value) || value < 1 || value > most)
    throw new Refusal('MissingParameter', { detail: `${name}: expected a whole number from 1 to ${most}` });
  return value;
};
