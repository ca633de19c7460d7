import * as E from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';

/** Formats a decoding error as a path and the expected value. For a union, it names the whole union. */
const formatProblem = (context: t.Context): string => {
  const path: string[] = [];
  let expected = 'another value';
  let parent: t.Decoder<unknown, unknown> | undefined;
  for (const { key, type } of context) {
    // Members of intersections and unions are not fields.
    if (parent instanceof t.UnionType) break;
    if (!(parent instanceof t.IntersectionType) && key !== '') path.push(key);
    expected = type.name;
    parent = type;
  }
  return `${path.join('.') || '(root)'}: expected ${expected}`;
};

export const problems = (errors: t.Errors): string =>
  [...new Set(errors.map(({ context }) => formatProblem(context)))].join('; ');

/** Decodes an object that has no other fields than the given ones. Left contains the error message. */
export const decodeExact = <A>(
  codec: t.Decoder<unknown, A>,
  fields: readonly string[],
  input: unknown,
): E.Either<string, A> => {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) return E.left('(root): expected an object');
  const unknownFields = Object.keys(input).filter((key) => !fields.includes(key));
  if (unknownFields.length > 0)
    return E.left(
      unknownFields.map((key) => `${key}: no such field; expected some of ${fields.join(', ')}`).join('; '),
    );
  return E.mapLeft(problems)(codec.decode(input));
};

export const isHttpUrl = (text: string): boolean => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);

export const StatusWord = t.refinement(t.string, (word) => word.trim() !== '', 'a status word');
export const Rate = t.refinement(t.number, (n) => n >= 0 && n <= 1, 'a number from 0 to 1');
export const Count = t.refinement(t.number, (n) => Number.isSafeInteger(n) && n >= 0, 'a whole number from 0');
export const HttpStatus = t.refinement(
  t.number,
  (n) => Number.isInteger(n) && n >= 400 && n <= 599,
  'an HTTP status from 400 to 599',
);

export const oneOf = <K extends string>(...words: readonly [K, ...K[]]) =>
  t.keyof(Object.fromEntries(words.map((word) => [word, null])) as Record<K, null>, words.join(' or '));
