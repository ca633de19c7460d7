import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { pageOf } from '../../../tools/bench/page/index.js';
import { NO_RESULTS, readResults } from '../../../tools/bench/results.js';

const doc = (name: string): Promise<string> =>
  readFile(fileURLToPath(new URL(`../../../docs/${name}`, import.meta.url)), 'utf8');

it('docs/performance.md and its charts are generated from docs/performance.json', async () => {
  const page = await pageOf(readResults(await doc('performance.json')));
  expect([...page.keys()]).toContain('performance.md');
  for (const [name, content] of page) expect(content, name).toBe(await doc(name));
});

it('the page has no section for a part that was not measured', async () => {
  const page = await pageOf(NO_RESULTS);
  expect([...page.keys()]).toEqual(['performance.md']);
  expect(page.get('performance.md')).not.toContain('##');
});

it('readResults rejects invalid results with the name of the field', () => {
  expect(() => readResults('{"production": {"audit": {"at": 3}}, "development": {}}')).toThrow(/production\.audit\.at/);
});
