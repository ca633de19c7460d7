import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const FOLDER = fileURLToPath(new URL('../../support/verifik-examples/', import.meta.url));

/** The names of all examples: responses of Verifik, or requests to it, as its pages and clients show them. */
export const EXAMPLES: readonly string[] = readdirSync(FOLDER)
  .filter((file) => file.endsWith('.json'))
  .map((file) => file.replace('.json', ''));

export const readExample = (name: string): unknown => JSON.parse(readFileSync(`${FOLDER}${name}.json`, 'utf8'));

/** The HTTP status in the name of an example, such as 409 for `resend-link.409-status`. */
export const statusOf = (name: string): number => Number(name.match(/\.(\d{3})/)?.[1] ?? 200);

const typeOf = (value: unknown): string => {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
};

const childrenOf = (value: unknown): readonly (readonly [string, unknown])[] => {
  if (Array.isArray(value)) return value.map((one) => ['[]', one] as const);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).map(([key, child]) => [`.${key}`, child] as const);
};

/** Lists every path of a JSON value with its type, such as `.data.status string` or `.data[]._id string`. */
export const pathsOf = (value: unknown, path = ''): readonly string[] => [
  ...new Set([
    `${path || '.'} ${typeOf(value)}`,
    ...childrenOf(value).flatMap(([key, child]) => pathsOf(child, `${path}${key}`)),
  ]),
];
