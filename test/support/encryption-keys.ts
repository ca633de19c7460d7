import { randomBytes } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { KeyProvider } from '../../codec/index.js';

/** A new key, as a key ring's file has it. */
export const newKey = (): string => randomBytes(32).toString('base64');

/** Writes a key ring's file, or writes over it. */
export const writeKeys = (file: string, current: string, keys: Readonly<Record<string, string>>): void =>
  writeFileSync(file, JSON.stringify({ current, keys }), { mode: 0o600 });

/** A file of its own with one key in it. */
export const newKeysFile = (): string => {
  const file = join(mkdtempSync(join(tmpdir(), 'onboarding-keys-')), 'keys.json');
  writeKeys(file, 'test', { test: newKey() });
  return file;
};

const KEY = randomBytes(32);

/** One key for all of a test's process. */
export const keysOfTests: KeyProvider = { read: async () => ({ current: 'test', keys: new Map([['test', KEY]]) }) };

/** The key of the encrypted histories under `test/histories/`: they hold what the sandbox invented, and nothing else. */
export const keysOfHistories: KeyProvider = {
  read: async () => ({
    current: 'histories',
    keys: new Map([['histories', Buffer.from('this key is no secret to anybody')]]),
  }),
};
