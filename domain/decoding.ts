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

/** A codec for the values that satisfy `is`; `name` says in words what is expected, for the error. */
export const refined = <C extends t.Any>(codec: C, name: string, is: (a: t.TypeOf<C>) => boolean) =>
  new t.Type<t.TypeOf<C>, t.OutputOf<C>, unknown>(
    name,
    (u): u is t.TypeOf<C> => codec.is(u) && is(u),
    (u, context) => {
      const decoded: t.Validation<t.TypeOf<C>> = codec.validate(u, context);
      return E.isRight(decoded) && is(decoded.right) ? decoded : t.failure(u, context, name);
    },
    codec.encode,
  );

export const matching = (pattern: RegExp, name: string) => refined(t.string, name, (text) => pattern.test(text));

/** A string of 1 to `maxLength` characters that is not only white space. */
export const textUpTo = (maxLength: number) =>
  refined(t.string, `a text of 1 to ${maxLength} characters`, (text) => text.trim() !== '' && text.length <= maxLength);

export const wholeNumber = (least: number, most: number) =>
  refined(
    t.number,
    `a whole number from ${least} to ${most}`,
    (n) => Number.isSafeInteger(n) && n >= least && n <= most,
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
export const closed = <C extends t.HasProps>(codec: C): t.Type<t.TypeOf<C>, t.OutputOf<C>, unknown> => {
  const known = new Set(keysOf(codec));
  return new t.Type<t.TypeOf<C>, t.OutputOf<C>, unknown>(
    codec.name,
    (u): u is t.TypeOf<C> => codec.is(u) && Object.keys(u).every((key) => known.has(key)),
    (u, context) => {
      // The wrapped codec stands in the context in this one's place, so that paths read as without the wrapping.
      const inner = context.map((entry, index) => (index === context.length - 1 ? { ...entry, type: codec } : entry));
      const decoded: t.Validation<t.TypeOf<C>> = codec.validate(u, inner);
      const unknown = typeof u === 'object' && u !== null ? Object.keys(u).filter((key) => !known.has(key)) : [];
      if (unknown.length === 0) return decoded;
      const errors = unknown.map((key): t.ValidationError => {
        const message = 'no such field';
        return { value: undefined, context: [...context, { key, type: t.never }], message };
      });
      return t.failures(E.isLeft(decoded) ? [...decoded.left, ...errors] : errors);
    },
    codec.encode,
  );
};
