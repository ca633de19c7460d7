import * as t from 'io-ts';
import { DescribedType } from './decoding.js';

/** A JSON Schema of draft 2020-12, as in OpenAPI 3.1. */
export interface JsonSchema {
  readonly [keyword: string]: unknown;
  readonly properties?: JsonSchemas;
  readonly required?: readonly string[];
}

export type JsonSchemas = Readonly<Record<string, JsonSchema>>;

const ofObject = (properties: JsonSchemas, required: readonly string[]): JsonSchema => ({
  type: 'object',
  properties,
  ...(required.length === 0 ? {} : { required }),
});

/** Merges the schemas of an intersection, by which codecs combine required and optional fields of an object. */
const merged = (schemas: readonly JsonSchema[]): JsonSchema => ({
  ...Object.assign({}, ...schemas),
  ...ofObject(
    Object.assign({}, ...schemas.map(({ properties }) => properties)),
    schemas.flatMap(({ required = [] }) => required),
  ),
});

type Components = Record<string, JsonSchema>;

/** Converts a codec to its schema instead of a reference to it, also if it has a title. */
const inlined = (codec: t.Any, components?: Components): JsonSchema => {
  if (!(codec instanceof DescribedType)) return jsonSchemaOf(codec, components);
  const schema = jsonSchemaOf(codec.base, components);
  // Many tools ignore what is next to a reference.
  return { ...('$ref' in schema ? { allOf: [schema] } : schema), ...codec.keywords };
};

const ofDescribed = (codec: DescribedType<t.Any>, components?: Components): JsonSchema => {
  const schema = inlined(codec, components);
  const { title } = codec.keywords;
  if (components === undefined || title === undefined) return schema;
  components[title] = schema;
  return { $ref: `#/components/schemas/${title}` };
};

/**
 * Converts a codec to JSON Schema, so that the document and the validation cannot differ. If `components` is given,
 * schemas with a title are added to it, and the result refers to them.
 *
 * @throws Error for a codec without a JSON Schema.
 */
export const jsonSchemaOf = (codec: t.Any, components?: Components): JsonSchema => {
  const schemaOf = (inner: t.Any) => jsonSchemaOf(inner, components);
  const schemasOf = (props: t.Props) =>
    Object.fromEntries(Object.entries(props).map(([name, inner]) => [name, schemaOf(inner)]));
  if (codec instanceof DescribedType) return ofDescribed(codec, components);
  if (codec instanceof t.StringType) return { type: 'string' };
  if (codec instanceof t.NumberType) return { type: 'number' };
  if (codec instanceof t.BooleanType) return { type: 'boolean' };
  if (codec instanceof t.UnknownType) return {};
  if (codec instanceof t.LiteralType) return { type: typeof codec.value, const: codec.value };
  if (codec instanceof t.KeyofType) return { type: 'string', enum: Object.keys(codec.keys) };
  if (codec instanceof t.ArrayType || codec instanceof t.ReadonlyArrayType)
    return { type: 'array', items: schemaOf(codec.type) };
  if (codec instanceof t.DictionaryType) return { type: 'object', additionalProperties: schemaOf(codec.codomain) };
  if (codec instanceof t.InterfaceType) return ofObject(schemasOf(codec.props), Object.keys(codec.props));
  if (codec instanceof t.PartialType) return ofObject(schemasOf(codec.props), []);
  if (codec instanceof t.IntersectionType) return merged(codec.types.map((part: t.Any) => inlined(part, components)));
  if (codec instanceof t.UnionType) return { anyOf: codec.types.map(schemaOf) };
  throw new Error(`The codec ${codec.name} has no JSON Schema.`);
};
