import { createHash } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as t from 'io-ts';
import { describe, expect, it } from 'vitest';
import { closed } from '../../shared/decoding.js';
import { openHashedSecrets, Sha256 } from '../../shared/hashed-secrets.js';
import { createLogger } from '../../shared/logging.js';

const entry = closed(t.type({ name: t.string, sha256: Sha256 }));

const sha256 = (secret: string) => createHash('sha256').update(secret).digest('hex');

const open = (content: unknown) => {
  const path = join(mkdtempSync(join(tmpdir(), 'secrets-')), 'secrets.json');
  writeFileSync(path, JSON.stringify(content));
  return openHashedSecrets({
    path,
    env: 'SECRETS_FILE',
    entry,
    what: 'secrets',
    logger: createLogger('error', { write: () => undefined }),
  });
};

describe('hashed secrets', () => {
  it('are found by the secret of their entry', async () => {
    const entries = ['a', 'b', 'c'].map((secret, index) => ({ name: `${index}`, sha256: sha256(secret) }));
    const secrets = await open(entries);
    const namesOf = async (secret: string) => (await secrets.entriesOf(secret)).map(({ name }) => name);
    expect(await namesOf('a')).toEqual(['0']);
    expect(await namesOf('c')).toEqual(['2']);
    expect(await namesOf('')).toEqual([]);
  });

  it('may have digests in upper case', async () => {
    const secrets = await open([{ name: 'a', sha256: sha256('a').toUpperCase() }]);
    expect(await secrets.entriesOf('a')).toHaveLength(1);
  });

  it.each([
    ['is empty', [], 'expected a list of one or more secrets'],
    [
      'has the digest of the empty text, which an unset variable has',
      [{ name: 'a', sha256: sha256('').toUpperCase() }],
      '0.sha256: expected a SHA-256: 64 hexadecimal digits, not those of the empty text',
    ],
    [
      'has a secret twice, of which one entry would have no effect',
      [
        { name: 'a', sha256: sha256('a') },
        { name: 'b', sha256: sha256('b') },
        { name: 'c', sha256: sha256('a').toUpperCase() },
      ],
      '2.sha256: expected another one than that of entry 0',
    ],
  ])('cannot be opened if the file %s', async (_what, content, said) => {
    await expect(open(content)).rejects.toThrow(said);
  });

  it('cannot be opened while the file is wrong, and the message names the field and no digest', async () => {
    const wrong = `${sha256('a')}0`;
    const opening = open([{ name: 'a', sha256: wrong }]);
    await expect(opening).rejects.toThrow(
      /^The file of secrets is wrong\. SECRETS_FILE \(\/.*\): 0\.sha256: expected a SHA-256/,
    );
    await expect(opening).rejects.not.toThrow(wrong);
  });
});
