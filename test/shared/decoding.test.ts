import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as E from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';
import { describe, expect, it } from 'vitest';
import { closed, decodeFields, describeFieldErrors } from '../../shared/decoding.js';
import { openJsonFile } from '../../shared/json-file.js';

const Entry = closed(t.type({ url: t.string }));
const decode = decodeFields(closed(t.intersection([t.type({ entry: Entry }), t.partial({ hosts: t.string })])));

const errorsOf = (input: unknown): string => E.match(describeFieldErrors, () => 'none')(decode(input));

describe('the errors of an object with fixed fields', () => {
  it.each([
    ['a misspelt field, by its name', { entry: { url: 'u', ulr: 'u' } }, 'entry.ulr: expected no such field'],
    [
      'fields whose names can be data, once and without them',
      { entry: { url: 'u', 'maria@example.com': 1, '+57 300': 2 } },
      'entry: expected no fields but url',
    ],
    ['a list in its place', [{ name: 'first' }], '(root): expected an object'],
    ['a list in the place of one of its fields', { entry: ['maria@example.com'] }, 'entry: expected an object'],
  ])('name %s', (_what, input, message) => {
    expect(errorsOf(input)).toBe(message);
  });

  it('name a file without a path in it, if the whole file is wrong', async () => {
    const path = join(mkdtempSync(join(tmpdir(), 'decoding-')), 'entries.json');
    const open = (content: unknown) => {
      writeFileSync(path, JSON.stringify(content));
      return openJsonFile({ path, env: 'ENTRIES_FILE', what: 'file of entries', decode });
    };
    await expect(open([])).rejects.toThrow(`The file of entries is wrong. ENTRIES_FILE (${path}): expected an object`);
    await expect(open({ entry: 1, 'a b': 2 })).rejects.toThrow(
      `ENTRIES_FILE (${path}): entry: expected an object; expected no fields but entry, hosts`,
    );
  });
});
