type Json = Readonly<Record<string, unknown>>;

const isJson = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Puts every schema that has a title among the components, and a reference in its place. */
const lift = (value: unknown, schemas: Record<string, unknown>): unknown => {
  if (Array.isArray(value)) return value.map((item) => lift(item, schemas));
  if (!isJson(value)) return value;
  const lifted = Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, lift(inner, schemas)]));
  const { title } = value;
  if (typeof title !== 'string' || !('type' in value)) return lifted;
  schemas[title] = lifted;
  return { $ref: `#/components/schemas/${title}` };
};

/** The document with each named schema once. */
export const withComponents = <D extends object>(document: D): D => {
  const schemas: Record<string, unknown> = {};
  if (!('paths' in document)) return document;
  const paths = lift(document.paths, schemas);
  const components = 'components' in document && isJson(document.components) ? document.components : {};
  return { ...document, paths, components: { ...components, schemas } };
};
