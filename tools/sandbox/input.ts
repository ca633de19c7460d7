import * as E from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';
import { Refusal } from './answers/refusals.js';
import { decodeExact, problems } from './decoding.js';

/** Formats the missing fields as Verifik does, in the order of the codec. */
const missingFields = (errors: t.Errors): string =>
  [...new Set(errors.map(({ context }) => `missing ${context.findLast(({ key }) => /^[a-z]/i.test(key))?.key}`))].join(
    '\n. ',
  );

/**
 * Decodes a body, a query or a path. Throws Verifik's refusal for a missing parameter, with the wrong field as detail.
 */
export const read = <A>(codec: t.Decoder<unknown, A>, input: unknown): A => {
  const decoded = codec.decode(input ?? {});
  if (E.isLeft(decoded))
    throw new Refusal('MissingParameter', { detail: problems(decoded.left), documented: missingFields(decoded.left) });
  return decoded.right;
};

export const Text = t.refinement(t.string, (text) => text.trim() !== '', 'a text');
/** A contact, in which the hosted form can leave spaces. Decodes to the contact without spaces. */
export const Contact = new t.Type<string, string, unknown>(
  'a text',
  Text.is,
  (input, context) => E.map((text: string) => text.replace(/\s/g, ''))(Text.validate(input, context)),
  t.identity,
);
export const TextOrNumber = t.union([Text, t.number], 'a text');
export const IdParams = t.type({ id: t.string });

const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;
export const Base64 = t.refinement(
  t.string,
  (text) => BASE64.test(text.replace(/^data:[^,]+,/, '')),
  'an image in base64',
);

const Texts = t.union([t.string, t.array(t.string)]);

export const queryValues = (query: unknown, name: string): readonly string[] => {
  const given = t.UnknownRecord.is(query) ? query[name] : undefined;
  if (!Texts.is(given)) return [];
  return typeof given === 'string' ? [given] : given;
};

/** Returns a query parameter that is a whole number from 1 to `max`. */
export const queryNumber = (query: unknown, name: string, fallback: number, max = Number.MAX_SAFE_INTEGER): number => {
  const value = Number(queryValues(query, name)[0] ?? fallback);
  if (!Number.isInteger(value) || value < 1 || value > max)
    throw new Refusal('MissingParameter', {
      detail: `${name}: expected a whole number from 1 to ${max}`,
      documented: `Invalid parameter: ${name} must be between 1 and ${max}`,
    });
  return value;
};

/** An invalid input of a control. The response is 400 with the message. */
export class InvalidControlInput extends Error {
  readonly statusCode = 400;
}

export const orThrow = <A>(read: E.Either<string, A>): A => {
  if (E.isLeft(read)) throw new InvalidControlInput(read.left);
  return read.right;
};

/** Decodes an input of a control, which must not have other fields than the codec. */
export const decodeControl = <A>(
  codec: t.Decoder<unknown, A> & { readonly props: Readonly<Record<string, unknown>> },
  input: unknown,
): A => orThrow(decodeExact(codec, Object.keys(codec.props), input ?? {}));
