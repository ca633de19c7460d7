import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as E from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import { fileKeys } from '../../codec/index.js';
import { readSettings } from '../../shared/config.js';
import { contactKeyOf } from '../../shared/contact-keys.js';
import { describeFieldErrors } from '../../shared/decoding.js';
import { openJsonFile } from '../../shared/json-file.js';
import { optional, Secret } from '../../shared/settings.js';
import { decodeText } from '../../shared/text-file.js';

const fileWith = (content: string | Buffer): string => {
  const path = join(mkdtempSync(join(tmpdir(), 'onboarding-text-')), 'file');
  writeFileSync(path, content);
  return path;
};

/** Returns the values, or the message about the wrong ones. */
const orFields = E.getOrElseW(describeFieldErrors);

/** Opens a file by each way in which processes read files, and returns the content or the message. */
const READERS: Readonly<Record<string, (path: string) => unknown>> = {
  'of settings': (path) =>
    orFields(readSettings({ secret: optional('SECRET', Secret, 'A secret.') }, 'FILE', { FILE: path })),
  'with the contact key': (path) => contactKeyOf({ contactKey: undefined, contactKeyFile: path }),
  'of encryption keys': (path) => fileKeys(path).read(),
  'of API keys, tokens or endpoints': async (path) => {
    const file = await openJsonFile({ path, env: 'THE_FILE', what: 'file', decode: E.right });
    return file.current();
  },
};

const outcomeOf = async (read: (path: string) => unknown, path: string): Promise<string> => {
  try {
    const outcome = await read(path);
    return typeof outcome === 'string' ? outcome : JSON.stringify(outcome);
  } catch (error) {
    return String(error);
  }
};

const KEYS = '{"current":"á","keys":{}}';
const SECRET = 'a-secret-of-the-té';

describe('a text file', () => {
  it.each(Object.entries(READERS))('%s is refused at its first byte that is not UTF-8', async (_which, read) => {
    const path = fileWith(Buffer.from(SECRET, 'latin1'));
    const outcome = await outcomeOf(read, path);
    expect(outcome).toContain(`(${path})`);
    expect(outcome).toContain('a file in UTF-8, but byte 18 is not');
  });

  it.each([
    ['of settings', '{"secret":"a-secret"}', 'a-secret'],
    ['with the contact key', SECRET, SECRET],
    ['of encryption keys', KEYS, 'current: expected a key id'],
    ['of API keys, tokens or endpoints', '{"a":"é"}', '{"a":"é"}'],
  ])('%s may begin with a byte order mark', async (which, content, expected) => {
    const outcome = await outcomeOf(READERS[which] ?? String, fileWith(`\uFEFF${content}`));
    expect(outcome).toContain(expected);
    expect(outcome).not.toContain('\uFEFF');
  });

  it.each(Object.entries(READERS).filter(([which]) => which !== 'with the contact key'))(
    '%s is refused if a name is in an object twice, as the first value would be lost',
    async (_which, read) => {
      const path = fileWith('{"current": "a",\n  "keys": {"a": 1, "b": {"a": 2}, "\\u0061": 3}}');
      const outcome = await outcomeOf(read, path);
      expect(outcome).toContain(path);
      expect(outcome).toContain('expected each name once in an object, but "a" is there again at line 2, column 35');
    },
  );

  it('is decoded as it is, and refused if a character is incomplete', () => {
    expect(decodeText('x', Buffer.from('\uFFFD é 𝄞'))).toEqual(E.right('\uFFFD é 𝄞'));
    const incomplete = decodeText('x', Buffer.from('a𝄞').subarray(0, 4));
    expect(incomplete).toEqual(E.left([{ field: 'x', expected: 'a file in UTF-8, but byte 2 is not' }]));
  });
});
