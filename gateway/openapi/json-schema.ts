import * as t from 'io-ts';
import { DescribedType } from '../../shared/decoding.js';

/** A JSON Schema of draft 2020-12, as in OpenAPI 3.1. */
export type JsonSchema = Readonly<Record<string, unknown>>;

type Props = Readonly<Record<string, t.Any>>;

const ofProps = (props: Props): JsonSchema =>
  Object.fromEntries(Object.entries(props).map(([name, codec]) => [name, jsonSchemaOf(codec)]));

const ofObject = (props: Props, required: readonly string[]): JsonSchema => ({
  type: 'object',
  properties: ofProps(props),
  ...(required.length === 0 ? {} : { required }),
});

const isRecord = (value: unknown): value is JsonSchema =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const listIn = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** Merges the schemas of an intersection, by which codecs combine required and optional fields of an object. */
const merged = (schemas: readonly JsonSchema[]): JsonSchema => {
  const required = schemas.flatMap((schema) => listIn(schema['required']));
  const properties = schemas.map((schema) => (isRecord(schema['properties']) ? schema['properties'] : {}));
  return Object.assign({}, ...schemas, {
    properties: Object.assign({}, ...properties),
    ...(required.length === 0 ? {} : { required }),
  });
};

/**
 * Converts a codec to JSON Schema, so that the document and the validation cannot differ.
 *
 * @throws Error for a codec without a JSON Schema.
 */
export const jsonSchemaOf = (codec: t.Any): JsonSchema => {
  if (codec instanceof DescribedType) return { ...jsonSchemaOf(codec.base), ...codec.keywords };
  if (codec instanceof t.StringType) return { type: 'string' };
  if (codec instanceof t.NumberType) return { type: 'number' };
  if (codec instanceof t.BooleanType) return { type: 'boolean' };
  if (codec instanceof t.UnknownType) return {};
  if (codec instanceof t.LiteralType) return { const: codec.value };
  if (codec instanceof t.KeyofType) return { type: 'string', enum: Object.keys(codec.keys) };
  if (codec instanceof t.ArrayType || codec instanceof t.ReadonlyArrayType)
    return { type: 'array', items: jsonSchemaOf(codec.type) };
  if (codec instanceof t.DictionaryType) return { type: 'object', additionalProperties: jsonSchemaOf(codec.codomain) };
  if (codec instanceof t.InterfaceType) return ofObject(codec.props, Object.keys(codec.props));
  if (codec instanceof t.PartialType) return ofObject(codec.props, []);
  if (codec instanceof t.IntersectionType) return merged(codec.types.map(jsonSchemaOf));
  if (codec instanceof t.UnionType) return { anyOf: codec.types.map(jsonSchemaOf) };
  throw new Error(`The codec ${codec.name} has no JSON Schema.`);
};
