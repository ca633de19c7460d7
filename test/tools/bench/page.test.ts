import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { pageOf } from '../../../tools/bench/page/index.js';
import { NO_RESULTS, readResults } from '../../../tools/bench/results.js';

const doc = (name: string): Promise<string> =>
  readFile(fileURLToPath(new URL(`../../../docs/${name}`, import.meta.url)), 'utf8');

it('says in docs/performance.md and its charts what is in docs/performance.json, and nothing else', async () => {
  const page = await pageOf(readResults(await doc('performance.json')));
  expect([...page.keys()]).toContain('performance.md');
  for (const [name, content] of page) expect(content, name).toBe(await doc(name));
});

it('leaves out what was not measured', async () => {
  const page = await pageOf(NO_RESULTS);
  expect([...page.keys()]).toEqual(['performance.md']);
  expect(page.get('performance.md')).not.toContain('##');
});

it('refuses results that it cannot read, by the name of the field', () => {
  expect(() => readResults('{"production": {"audit": {"at": 3}}, "development": {}}')).toThrow(/production\.audit\.at/);
});
