import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const WORKFLOWS = fileURLToPath(new URL('../../workflows/', import.meta.url));
const SHARED = 'shared-modules.ts';

/** What the file imports at run time, by its path from the project's root where it is one of ours. */
const importsOf = (file: string): readonly string[] =>
  [...readFileSync(join(WORKFLOWS, file), 'utf8').matchAll(/^import (?!type )(?:[^;]*? from )?'([^']+)';/gms)]
    .map(([, name = '']) => name)
    .map((name) => (name.startsWith('.') ? normalize(join('workflows', dirname(file), name)) : name));

const isPure = (name: string): boolean => /^(domain|verifik)\/|^(io|fp)-ts/.test(name);

it('is every pure module that a workflow imports: each of them is loaded once, not for every workflow', () => {
  const files = readdirSync(WORKFLOWS, { recursive: true, encoding: 'utf8' });
  const code = files.filter((name) => name.endsWith('.ts') && basename(name) !== SHARED);
  const imported = new Set(code.flatMap(importsOf).filter(isPure));
  expect(imported.size).toBeGreaterThan(20);
  expect(new Set(importsOf(SHARED))).toEqual(imported);
});
