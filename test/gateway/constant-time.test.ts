import crypto, { createHash } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { openApiKeys } from '../../gateway/auth/api-keys.js';
import { openWebhookSecrets } from '../../gateway/webhooks/index.js';
import { createLogger } from '../../shared/logging.js';

const compare = vi.spyOn(crypto, 'timingSafeEqual');
syncBuiltinESMExports();

afterAll(() => {
  compare.mockRestore();
  syncBuiltinESMExports();
});

const DIGEST_BYTES = 32;

const sha256 = (secret: string) => createHash('sha256').update(secret).digest();

const KEYS = ['first-key-of-the-file', 'a-key-in-the-middle-00', 'last-key-of-the-file'];

const fileOf = (entries: readonly unknown[]): string => {
  const path = join(mkdtempSync(join(tmpdir(), 'secrets-')), 'secrets.json');
  writeFileSync(path, JSON.stringify(entries));
  return path;
};

const logger = createLogger('error', { write: () => undefined });

const hashes = KEYS.map((key) => sha256(key).toString('hex'));

const OPENED = {
  'an API key': async () => {
    const entries = hashes.map((hash, n) => ({ name: `${n}`, tenant: `tenant-${n}`, scopes: ['read'], sha256: hash }));
    const { keyOf } = await openApiKeys(fileOf(entries), logger);
    return async (secret: string) => (await keyOf(secret))?.name;
  },
  'a webhook secret': async () => {
    const entries = hashes.map((hash, n) => ({ name: `${n}`, sha256: hash }));
    const { nameOf } = await openWebhookSecrets(fileOf(entries), logger);
    return nameOf;
  },
};

const GIVEN: readonly (readonly [string, string, string | undefined])[] = [
  ['right, the first one', KEYS[0] ?? '', '0'],
  ['right, the last one', KEYS[2] ?? '', '2'],
  ['wrong in its last character', `${KEYS[1]?.slice(0, -1)}1`, undefined],
  ['a right beginning', KEYS[1]?.slice(0, 8) ?? '', undefined],
  ['wrong altogether', 'x'.repeat(22), undefined],
  ['empty', '', undefined],
  ['long', 'x'.repeat(10_000), undefined],
  ['the digest of a right one', hashes[0] ?? '', undefined],
];

describe.each(Object.entries(OPENED))('the time to find %s', (_what, open) => {
  it.each(GIVEN)(
    'tells nothing of one that is %s: its digest is compared with each, in constant time',
    async (...given) => {
      const [, secret, name] = given;
      const find = await open();
      compare.mockClear();
      expect(await find(secret)).toBe(name);
      expect(compare.mock.calls).toEqual(hashes.map((hash) => [sha256(secret), Buffer.from(hash, 'hex')]));
      for (const digests of compare.mock.calls)
        expect(digests.map(({ byteLength }) => byteLength)).toEqual([DIGEST_BYTES, DIGEST_BYTES]);
    },
  );
});
