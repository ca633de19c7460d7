import { readFileSync } from 'node:fs';
import { dirname, normalize, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { WORKFLOWS } from '../../worker/bundle.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** Returns the project's files that a file imports at run time. */
const importsOf = (file: string): readonly string[] =>
  [...readFileSync(file, 'utf8').matchAll(/^(?:import|export) (?!type )(?:[^;]*? from )?'(\.[^']+)\.js';/gms)].map(
    ([, name]) => normalize(`${dirname(file)}/${name}.ts`),
  );

const reachedFrom = (file: string, reached = new Set<string>()): ReadonlySet<string> => {
  if (!reached.has(file)) {
    reached.add(file);
    for (const imported of importsOf(file)) reachedFrom(imported, reached);
  }
  return reached;
};

/** Matches mutable declarations that are not indented: those of the module, not of a function. */
const STATE = /^(?:export )?(?:let |var |const [^=]*= (?:new (?:Weak)?(?:Map|Set)\(\)|\[\]|\{\});)/gm;

it('no module of the workflows has mutable state, because a worker loads each module once for all workflows', () => {
  const modules = [...reachedFrom(WORKFLOWS)];
  const names = modules.map((file) => relative(ROOT, file).split(sep).join('/'));
  expect(names).toEqual(
    expect.arrayContaining([
      'workflows/onboarding/onboarding.ts',
      'workflows/onboarding/vendor.ts',
      'domain/decide.ts',
    ]),
  );
  const kept = modules.flatMap((file) => [...readFileSync(file, 'utf8').matchAll(STATE)].map(([line]) => [file, line]));
  expect(kept).toEqual([]);
});
