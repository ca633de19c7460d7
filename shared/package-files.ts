import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';

/** The package's own description, which is found from sources, from `dist/` and from an installed package. */
const PACKAGE_JSON = createRequire(import.meta.url).resolve('verifik-onboarding/package.json');

/** Returns the version of the package. */
export const packageVersion = (): string => JSON.parse(readFileSync(PACKAGE_JSON, 'utf8')).version;

/**
 * Returns the path of a document in the package, such as `node_modules/verifik-onboarding/docs/cli.md`: relative to the
 * working directory if it is inside, otherwise absolute.
 */
export const documentPath = (name: `${string}.md`): string => {
  const path = join(dirname(PACKAGE_JSON), 'docs', name);
  const fromHere = relative(process.cwd(), path);
  return fromHere.startsWith('..') ? path : fromHere;
};
