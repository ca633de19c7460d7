import * as t from 'io-ts';
import prettyMs from 'pretty-ms';
import { DescribedType, type SchemaKeywords } from '../../shared/decoding.js';

/** A field of an input as a table of the documents shows it. */
export interface FieldRow {
  /** The path, such as `contact.email`. */
  readonly path: string;
  readonly isRequired: boolean;
  readonly limits: string;
  readonly meaning: string;
}

const keywordsOf = (codec: t.Any): SchemaKeywords =>
  codec instanceof DescribedType ? { ...keywordsOf(codec.base), ...codec.keywords } : {};

type Field = readonly [name: string, codec: t.Any, isRequired: boolean];

const fieldsOf = (codec: t.Any): readonly Field[] => {
  if (codec instanceof DescribedType) return fieldsOf(codec.base);
  if (codec instanceof t.IntersectionType) return codec.types.flatMap(fieldsOf);
  if (codec instanceof t.InterfaceType || codec instanceof t.PartialType)
    return Object.entries<t.Any>(codec.props).map(([name, inner]) => [name, inner, codec instanceof t.InterfaceType]);
  return [];
};

/** Shows a duration in words if the field's name has its unit. */
export const inWords = (path: string, value: unknown): string =>
  typeof value === 'number' && path.endsWith('Ms') ? prettyMs(value, { verbose: true }) : String(value);

const limitsOf = (path: string, codec: t.Any): string => {
  const { minimum, maximum } = keywordsOf(codec);
  if (minimum !== undefined) return `${inWords(path, minimum)} to ${inWords(path, maximum)}`;
  if (fieldsOf(codec).length > 0) return 'an object';
  const inner = codec instanceof DescribedType && codec.base instanceof t.ArrayType ? codec.base : codec;
  if (inner instanceof t.ArrayType) return `some of ${inner.type.name}`;
  return codec.name;
};

/** Returns the rows of all fields of a codec, with those of nested objects below their object. */
export const fieldRows = (codec: t.Any, prefix = ''): readonly FieldRow[] =>
  fieldsOf(codec).flatMap(([name, inner, isRequired]) => {
    const path = `${prefix}${name}`;
    const meaning = keywordsOf(inner).description ?? '';
    return [{ path, isRequired, limits: limitsOf(path, inner), meaning }, ...fieldRows(inner, `${path}.`)];
  });
