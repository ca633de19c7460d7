import { randomBytes } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { KeyProvider } from '../../codec/index.js';

/** Creates a key in the format of the key ring file. */
export const newKey = (): string => randomBytes(32).toString('base64');

/** Writes or overwrites a key ring file. */
export const writeKeys = (file: string, current: string, keys: Readonly<Record<string, string>>): void =>
  writeFileSync(file, JSON.stringify({ current, keys }), { mode: 0o600 });

/** Creates a key ring file with one key. */
export const newKeysFile = (): string => {
  const file = join(mkdtempSync(join(tmpdir(), 'onboarding-keys-')), 'keys.json');
  writeKeys(file, 'test', { test: newKey() });
  return file;
};

/** A secret in the error of a key provider. */
export const PROVIDER_SECRET = 'QUJDSECRET';

/** Creates a module whose key provider fails with an error that contains a secret. */
export const newFailingProvider = (): string => {
  const file = join(mkdtempSync(join(tmpdir(), 'onboarding-provider-')), 'provider.mjs');
  const read = `() => Promise.reject(new Error('vault said: key=${PROVIDER_SECRET}'))`;
  writeFileSync(file, `export default { read: ${read} };`);
  return file;
};

const KEY = randomBytes(32);

/** A key ring with one key per process. */
export const keysOfTests: KeyProvider = { read: async () => ({ current: 'test', keys: new Map([['test', KEY]]) }) };

/** The key of the histories under `test/histories/`. It is no secret: they contain only invented people. */
export const keysOfHistories: KeyProvider = {
  read: async () => ({
    current: 'histories',
    keys: new Map([['histories', Buffer.from('this key is no secret to anybody')]]),
  }),
};
