import * as E from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';

/** A wrong field of an input and the expected value. Never holds the value itself, which may be personal data. */
export interface FieldError {
  /** Path from the input's root, such as `contact.countryCode`; `(root)` for the whole input. */
  readonly field: string;
  readonly expected: string;
}

/** A decoded value, or every field that is wrong. */
export type Read<A> = E.Either<readonly FieldError[], A>;

export const wrongField = (field: string, expected: string): Read<never> => E.left([{ field, expected }]);

export const describeFieldErrors = (errors: readonly FieldError[]): string =>
  errors.map(({ field, expected }) => `${field}: expected ${expected}`).join('; ');

/** Names an input that is wrong as a whole. */
export const nameRoot = (name: string) =>
  E.mapLeft((errors: readonly FieldError[]) =>
    errors.map(({ field, expected }) => ({ field: field === '(root)' ? name : field, expected })),
  );

const WORDS: Readonly<Record<string, string>> = { boolean: 'true or false', string: 'a text', number: 'a number' };

// The names that io-ts generates are code, which messages must not show.
const nameOf = ({ name }: t.Decoder<unknown, unknown>): string =>
  WORDS[name] ?? (/^(Readonly)?Array</.test(name) ? 'a list' : /[{<&]/.test(name) ? 'an object' : name);

const toFieldError = (error: t.ValidationError): FieldError => {
  // Members of unions and intersections have numeric keys in the context, which are not in the input's path.
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

/** Decodes an input. On failure, each wrong field has one error. */
export const decodeFields =
  <A>(codec: t.Decoder<unknown, A>) =>
  (input: unknown): Read<A> =>
    E.mapLeft((errors: t.Errors) => {
      const byField = new Map<string, FieldError>();
      for (const fieldError of errors.map(toFieldError)) {
        const seen = byField.get(fieldError.field);
        const expected = seen ? `${seen.expected} or ${fieldError.expected}` : fieldError.expected;
        byField.set(fieldError.field, seen?.expected === fieldError.expected ? seen : { ...fieldError, expected });
      }
      return [...byField.values()];
    })(codec.decode(input));

export const parseJson = (text: string): Read<unknown> =>
  E.tryCatch(
    (): unknown => JSON.parse(text),
    () => [{ field: '(root)', expected: 'JSON' }],
  );

/** Keywords of JSON Schema (draft 2020-12) for a codec. Only the OpenAPI document uses them; decoding ignores them. */
export interface SchemaKeywords {
  readonly title?: string;
  readonly description?: string;
  readonly examples?: readonly unknown[];
  /** The value that an absent field has the effect of. */
  readonly default?: unknown;
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
  /** A keyword of OpenAPI: the property by which the schemas of a union differ. */
  readonly discriminator?: { readonly propertyName: string; readonly mapping: Readonly<Record<string, string>> };
}

/** A codec that wraps `base` and adds JSON Schema keywords. */
export class DescribedType<C extends t.Any> extends t.Type<t.TypeOf<C>, t.OutputOf<C>, unknown> {
  readonly base: C;
  readonly keywords: SchemaKeywords;

  constructor(
    name: string,
    base: C,
    keywords: SchemaKeywords,
    decoding: { readonly is: t.Is<t.TypeOf<C>>; readonly validate: t.Validate<unknown, t.TypeOf<C>> },
  ) {
    super(name, decoding.is, decoding.validate, base.encode);
    this.base = base;
    this.keywords = keywords;
  }
}

/**
 * Replaces the wrapping codec in the context by the wrapped one, so that paths in errors do not depend on the wrapping.
 */
const inPlace = (codec: t.Any, context: t.Context): t.Context =>
  context.map((entry, index) => (index === context.length - 1 ? { ...entry, type: codec } : entry));

export const documented = <C extends t.Any>(codec: C, keywords: SchemaKeywords): DescribedType<C> =>
  new DescribedType(codec.name, codec, keywords, {
    is: codec.is,
    validate: (u, context) => codec.validate(u, inPlace(codec, context)),
  });

/** Restricts a codec to the values that satisfy `is`. Errors report `name` as the expected value. */
export const refined = <C extends t.Any>(
  codec: C,
  name: string,
  is: (a: t.TypeOf<C>) => boolean,
  keywords: SchemaKeywords = {},
): DescribedType<C> =>
  new DescribedType(name, codec, keywords, {
    is: (u): u is t.TypeOf<C> => codec.is(u) && is(u),
    validate: (u, context) => {
      const decoded: t.Validation<t.TypeOf<C>> = codec.validate(u, context);
      return E.isRight(decoded) && is(decoded.right) ? decoded : t.failure(u, context, name);
    },
  });

/** A codec for a list of one or more items. Errors name each wrong item. */
export const someOf = <C extends t.Mixed>(item: C, name: string) => {
  const list = t.readonlyArray(item, name);
  type Items = t.TypeOf<typeof list>;
  const isEmpty = ({ length }: Items): boolean => length === 0;
  return new DescribedType(
    name,
    list,
    { minItems: 1 },
    {
      is: (u): u is Items => list.is(u) && !isEmpty(u),
      validate: (u, context) =>
        E.chain(
          (items: Items): t.Validation<Items> => (isEmpty(items) ? t.failure(u, context, name) : t.success(items)),
        )(list.validate(u, inPlace(list, context))),
    },
  );
};

/** A codec for values of code, such as functions, that a type guard recognises. */
export const guarded = <A>(name: string, is: t.Is<A>) =>
  new t.Type<A, A, unknown>(name, is, (u, context) => (is(u) ? t.success(u) : t.failure(u, context)), t.identity);

/** Decodes a text to the spelling that `normalize` returns, so that two spellings of one value decode as equal. */
export const spelled = <C extends t.Type<string, string, unknown>>(codec: C, normalize: (text: string) => string) => {
  const validate: t.Validate<unknown, string> = (u, context) =>
    E.chain((text: string) => codec.validate(normalize(text), context))(codec.validate(u, context));
  return new DescribedType(codec.name, codec, {}, { is: codec.is, validate });
};

/** Counts code points, as JSON Schema does, and only of a text that is short enough to have so few. */
const hasAtMost = (maxLength: number, text: string): boolean =>
  text.length <= 2 * maxLength && [...text].length <= maxLength;

/** False for a text with half of a character, which JSON can escape and UTF-8 cannot store. */
const isWellFormed = (text: string): boolean => !/\p{Surrogate}/u.test(text);

/**
 * A codec for texts that match a pattern. The length is checked first: set `maxLength` unless the pattern itself takes
 * time linear in the length of any text.
 */
export const matching = (pattern: RegExp, name: string, keywords: SchemaKeywords = {}) => {
  const { maxLength } = keywords;
  const fits = (text: string): boolean => maxLength === undefined || hasAtMost(maxLength, text);
  return refined(t.string, name, (text) => fits(text) && isWellFormed(text) && pattern.test(text), {
    pattern: pattern.source,
    ...keywords,
  });
};

/** Lists choices for a sentence: `a, b or c`. */
export const eitherOf = (choices: readonly string[]): string =>
  [choices.slice(0, -1).join(', '), ...choices.slice(-1)].filter((part) => part !== '').join(' or ');

export function oneOf<A extends string>(values: readonly A[]): t.KeyofC<Record<A, null>>;
export function oneOf(values: readonly string[]) {
  return t.keyof(Object.fromEntries(values.map((value) => [value, null])), eitherOf(values));
}

/**
 * Invisible spaces, line separators, bidirectional embeddings, overrides and isolates, lone surrogates, and the mark of
 * invalid UTF-8.
 */
const DECEPTIVE = '\\u200b\\u2028-\\u202e\\u2060\\u2066-\\u2069\\ud800-\\udfff\\ufffd';
const CONTROLS = '\\u0000-\\u001f\\u007f-\\u009f';
const CONTROLS_IN_LINES = '\\u0000-\\u0008\\u000b\\u000c\\u000e-\\u001f\\u007f-\\u009f';

/** For classes in Unicode regular expressions: what no line of text may contain. Joiners and direction marks may be. */
export const NOT_IN_A_LINE = `${CONTROLS}${DECEPTIVE}`;

const readableText = (maxLength: number, where: string, pattern: RegExp) =>
  refined(
    t.string,
    `a text in UTF-8 of 1 to ${maxLength} characters${where}, without control characters and bidirectional overrides`,
    (text) => hasAtMost(maxLength, text) && pattern.test(text),
    { minLength: 1, maxLength, pattern: pattern.source },
  );

const TEXT = `[^${CONTROLS_IN_LINES}${DECEPTIVE}]`;

/** A codec for a string of 1 to `maxLength` characters that is not only white space, for people to read. */
export const textUpTo = (maxLength: number) => readableText(maxLength, '', new RegExp(`^\\s*(?!\\s)${TEXT}+$`, 'u'));

/** Like `textUpTo`, on one line. White space at its ends may have line breaks. */
export const lineUpTo = (maxLength: number) =>
  readableText(
    maxLength,
    ' on one line',
    new RegExp(`^\\s*[^\\s${NOT_IN_A_LINE}](?:[^${NOT_IN_A_LINE}]*[^\\s${NOT_IN_A_LINE}])?\\s*$`, 'u'),
  );

export const wholeNumber = (least: number, most: number) =>
  refined(
    t.number,
    `a whole number from ${least} to ${most}`,
    (n) => Number.isSafeInteger(n) && n >= least && n <= most,
    { type: 'integer', minimum: least, maximum: most },
  );

/** A codec for values under keys that match a codec. io-ts's own codec silently drops a value under a wrong key. */
export const recordOf = <C extends t.Mixed>(key: t.Type<string, string, unknown>, value: C) => {
  const record = t.record(t.string, value);
  const hasValidKeys = (entries: object): boolean => Object.keys(entries).every(key.is);
  return new DescribedType(
    record.name,
    record,
    {},
    {
      is: (u): u is t.TypeOf<typeof record> => record.is(u) && hasValidKeys(u),
      validate: (u, context) => {
        const decoded = record.validate(u, inPlace(record, context));
        return E.isRight(decoded) && !hasValidKeys(decoded.right)
          ? t.failure(u, context, `each under ${key.name}`)
          : decoded;
      },
    },
  );
};

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

/** A misspelt field. Other texts are not repeated: a caller's mistake can put personal data there. */
const FIELD_NAME = /^[A-Za-z_]\w{0,63}$/;

const unknownKeysOf = (u: unknown, known: ReadonlySet<string>): readonly string[] =>
  typeof u === 'object' && u !== null && !Array.isArray(u) ? Object.keys(u).filter((key) => !known.has(key)) : [];

/** Rejects fields that the codec does not know, so that a misspelt field is an error. */
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
        const unknown = unknownKeysOf(u, known);
        if (unknown.length === 0) return decoded;
        const errors = unknown.map(
          (key): t.ValidationError =>
            FIELD_NAME.test(key)
              ? { value: undefined, context: [...context, { key, type: t.never }], message: 'no such field' }
              : { value: undefined, context, message: `no fields but ${[...known].join(', ')}` },
        );
        return t.failures(E.isLeft(decoded) ? [...decoded.left, ...errors] : errors);
      },
    },
  );
};
