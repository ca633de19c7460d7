import * as E from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';

/** One thing wrong with an input: where, and what was expected there. Never the value itself: it may be personal data. */
export interface FieldError {
  /** Path from the input's root, such as `contact.countryCode`; `(root)` for the whole input. */
  readonly field: string;
  readonly expected: string;
}

/** The field errors as one line for people. */
export const describeFieldErrors = (errors: readonly FieldError[]): string =>
  errors.map(({ field, expected }) => `${field}: expected ${expected}`).join('; ');

// The names that io-ts itself makes for objects are code, not words.
const nameOf = ({ name }: t.Decoder<unknown, unknown>): string => (/[{<&]/.test(name) ? 'an object' : name);

const toFieldError = (error: t.ValidationError): FieldError => {
  // Members of unions and intersections have numeric keys in the context which are no part of the input's own path.
  const path = error.context.filter(({ key }, index) => {
    const parent = error.context[index - 1]?.type;
    return key !== '' && !(parent instanceof t.UnionType) && !(parent instanceof t.IntersectionType);
  });
  const last = error.context[error.context.length - 1];
  return {
    field: path.length === 0 ? '(root)' : path.map(({ key }) => key).join('.'),
    expected: error.message ?? (last === undefined ? 'another value' : nameOf(last.type)),
  };
};

/** Decodes and, on failure, says each field that is wrong once. */
export const decodeFields =
  <A>(codec: t.Decoder<unknown, A>) =>
  (input: unknown): E.Either<readonly FieldError[], A> =>
    E.mapLeft((errors: t.Errors) => {
      const byField = new Map<string, FieldError>();
      for (const fieldError of errors.map(toFieldError)) {
        const seen = byField.get(fieldError.field);
        const expected = seen ? `${seen.expected} or ${fieldError.expected}` : fieldError.expected;
        byField.set(fieldError.field, seen?.expected === fieldError.expected ? seen : { ...fieldError, expected });
      }
      return [...byField.values()];
    })(codec.decode(input));

/** What a codec takes and what it means, in the words of JSON Schema (draft 2020-12). Read by documents, never by the decoding. */
export interface SchemaWords {
  readonly title?: string;
  readonly description?: string;
  readonly examples?: readonly unknown[];
  readonly type?: 'integer';
  readonly format?: string;
  readonly pattern?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minItems?: number;
  readonly uniqueItems?: boolean;
  readonly additionalProperties?: false;
}

/** How a codec that stands for another one decodes. */
interface Decoding<A> {
  readonly is: t.Is<A>;
  readonly validate: t.Validate<unknown, A>;
}

/** A codec that takes what its `base` takes, but for what the words say. */
export class DescribedType<C extends t.Any> extends t.Type<t.TypeOf<C>, t.OutputOf<C>, unknown> {
  readonly base: C;
  readonly words: SchemaWords;

  constructor(name: string, base: C, words: SchemaWords, { is, validate }: Decoding<t.TypeOf<C>>) {
    super(name, is, validate, base.encode);
    this.base = base;
    this.words = words;
  }
}

/** The codec stands in the context in the place of the one around it, so that paths read as without the wrapping. */
const inPlace = (codec: t.Any, context: t.Context): t.Context =>
  context.map((entry, index) => (index === context.length - 1 ? { ...entry, type: codec } : entry));

/** The same codec, with words for documents. */
export const documented = <C extends t.Any>(codec: C, words: SchemaWords): DescribedType<C> =>
  new DescribedType(codec.name, codec, words, {
    is: codec.is,
    validate: (u, context) => codec.validate(u, inPlace(codec, context)),
  });

/** A codec for the values that satisfy `is`; `name` says in words what is expected, for the error, and `words` for documents. */
export const refined = <C extends t.Any>(
  codec: C,
  name: string,
  is: (a: t.TypeOf<C>) => boolean,
  words: SchemaWords = {},
): DescribedType<C> =>
  new DescribedType(name, codec, words, {
    is: (u): u is t.TypeOf<C> => codec.is(u) && is(u),
    validate: (u, context) => {
      const decoded: t.Validation<t.TypeOf<C>> = codec.validate(u, context);
      return E.isRight(decoded) && is(decoded.right) ? decoded : t.failure(u, context, name);
    },
  });

export const matching = (pattern: RegExp, name: string, words: SchemaWords = {}) =>
  refined(t.string, name, (text) => pattern.test(text), { pattern: pattern.source, ...words });

/** A codec for some words. */
export class WordsType<A extends string> extends t.Type<A, A, unknown> {
  readonly words: readonly A[];

  constructor(words: readonly A[]) {
    const name = words.join(', ');
    const find = (u: unknown) => words.find((word) => word === u);
    super(
      name,
      (u): u is A => find(u) !== undefined,
      (u, context) => {
        const word = find(u);
        return word === undefined ? t.failure(u, context, name) : t.success(word);
      },
      t.identity,
    );
    this.words = words;
  }
}

/** One of the words. */
export const oneOf = <A extends string>(words: readonly A[]): WordsType<A> => new WordsType(words);

/** A string of 1 to `maxLength` characters that is not only white space. */
export const textUpTo = (maxLength: number) =>
  refined(
    t.string,
    `a text of 1 to ${maxLength} characters`,
    (text) => text.trim() !== '' && [...text].length <= maxLength,
    { minLength: 1, maxLength, pattern: '\\S' },
  );

export const wholeNumber = (least: number, most: number) =>
  refined(
    t.number,
    `a whole number from ${least} to ${most}`,
    (n) => Number.isSafeInteger(n) && n >= least && n <= most,
    { type: 'integer', minimum: least, maximum: most },
  );

const keysOf = (codec: t.HasProps): readonly string[] => {
  switch (codec._tag) {
    case 'IntersectionType':
      return codec.types.flatMap(keysOf);
    case 'RefinementType':
    case 'ReadonlyType':
      return keysOf(codec.type);
    default:
      return Object.keys(codec.props);
  }
};

/** Refuses fields that the codec does not know, so that a misspelt setting is told and not ignored. */
export const closed = <C extends t.HasProps>(codec: C): DescribedType<C> => {
  const known = new Set(keysOf(codec));
  return new DescribedType(
    codec.name,
    codec,
    { additionalProperties: false },
    {
      is: (u): u is t.TypeOf<C> => codec.is(u) && Object.keys(u).every((key) => known.has(key)),
      validate: (u, context) => {
        const decoded: t.Validation<t.TypeOf<C>> = codec.validate(u, inPlace(codec, context));
        const unknown = typeof u === 'object' && u !== null ? Object.keys(u).filter((key) => !known.has(key)) : [];
        if (unknown.length === 0) return decoded;
        const errors = unknown.map((key): t.ValidationError => {
          const message = 'no such field';
          return { value: undefined, context: [...context, { key, type: t.never }], message };
        });
        return t.failures(E.isLeft(decoded) ? [...decoded.left, ...errors] : errors);
      },
    },
  );
};
