/** Reads of JSON of unknown shape. A value that is missing or of another type is undefined. */
const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const at = (value: unknown, ...path: readonly string[]): unknown =>
  path.reduce<unknown>((inner, key) => (isRecord(inner) ? inner[key] : undefined), value);

const reader =
  <A>(isWanted: (found: unknown) => found is A) =>
  (value: unknown, ...path: readonly string[]): A | undefined => {
    const found = at(value, ...path);
    return isWanted(found) ? found : undefined;
  };

export const textAt = reader((found) => typeof found === 'string');

export const numberAt = reader((found) => typeof found === 'number');

const arrayAt = reader((found): found is readonly unknown[] => Array.isArray(found));

export const listAt = (...path: Parameters<typeof at>): readonly unknown[] => arrayAt(...path) ?? [];

export const entriesAt = (...path: Parameters<typeof at>): readonly (readonly [string, unknown])[] =>
  Object.entries(reader(isRecord)(...path) ?? {});

export const textsAt = (...path: Parameters<typeof at>): readonly string[] =>
  listAt(...path).filter((one) => typeof one === 'string');

export const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};
