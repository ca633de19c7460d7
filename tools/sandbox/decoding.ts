import * as E from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';

/** Where an error is and what was expected there. Of a union it is the whole of it, not each of its members. */
const problem = (context: t.Context): string => {
  const path: string[] = [];
  let expected = 'another value';
  let parent: t.Decoder<unknown, unknown> | undefined;
  for (const { key, type } of context) {
    // The parts of an intersection, and the members of a union, are no fields.
    if (parent instanceof t.UnionType) break;
    if (!(parent instanceof t.IntersectionType) && key !== '') path.push(key);
    expected = type.name;
    parent = type;
  }
  return `${path.join('.') || '(root)'}: expected ${expected}`;
};

/** What is wrong with an input, by path and expectation. */
export const problems = (errors: t.Errors): string =>
  [...new Set(errors.map(({ context }) => problem(context)))].join('; ');

/** Reads an object that may have the named fields and no others, or says what is wrong with it. */
export const decodeOnly = <A>(
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

export const Rate = t.refinement(t.number, (n) => n >= 0 && n <= 1, 'a number from 0 to 1');
export const Count = t.refinement(t.number, (n) => Number.isSafeInteger(n) && n >= 0, 'a whole number from 0');
export const HttpStatus = t.refinement(
  t.number,
  (n) => Number.isInteger(n) && n >= 400 && n <= 599,
  'an HTTP status from 400 to 599',
);

export const oneOf = <K extends string>(...words: readonly [K, ...K[]]) =>
  t.keyof(Object.fromEntries(words.map((word) => [word, null])) as Record<K, null>, words.join(' or '));
