import { randomBytes } from 'node:crypto';
import { link, mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import type { Environment } from '../shared/config.js';
import { describeFieldErrors, type Read, textUpTo, wrongField } from '../shared/decoding.js';
import { dataFolder } from '../shared/folders.js';
import { FilePath, optional, type SettingValues } from '../shared/settings.js';
import { fieldOfFile, readText } from '../shared/text-file.js';
import { decodeKeyRing, keyRingOf, parseKeyRing } from './key-ring-json.js';
import { type KeyProvider, KeyProviderError } from './keys.js';
import { moduleKeys } from './module-keys.js';

export const KEY_VARIABLES = {
  keys: 'ONBOARDING_ENCRYPTION_KEYS',
  file: 'ONBOARDING_ENCRYPTION_KEYS_FILE',
  module: 'ONBOARDING_KEY_PROVIDER_MODULE',
} as const;

/** The settings of the keys, for each process that reads or writes payloads. At most one of them is set. */
export const ENCRYPTION_SETTINGS = {
  encryptionKeys: optional(
    KEY_VARIABLES.keys,
    textUpTo(65_536),
    'The keys that encrypt payloads, as JSON: `{"current": "2026-11", "keys": {"2026-11": "<base64 of 32 bytes>"}}`. A secret.',
  ),
  encryptionKeysFile: optional(
    KEY_VARIABLES.file,
    FilePath,
    'A file that holds the encryption keys instead. It is read again every 30 s, and when a payload names an unknown key.',
  ),
  keyProviderModule: optional(
    KEY_VARIABLES.module,
    FilePath,
    'A JavaScript module that provides the encryption keys instead: its default export is a `KeyProvider` (docs/encryption.md).',
  ),
} as const;

/** Provides keys from a JSON file, which is read each time: replacing the file rotates the keys. */
export const fileKeys = (path: string): KeyProvider => ({
  read: async () => {
    const text = await readText(KEY_VARIABLES.file, path);
    if (E.isRight(text)) return keyRingOf(text.right, fieldOfFile(KEY_VARIABLES.file, path));
    throw new KeyProviderError(describeFieldErrors(text.left));
  },
});

/** The path of the development key. */
export const developmentKeysPath = (env?: Environment): string => join(dataFolder(env), 'development-keys.json');

const newKeyRing = (): string =>
  `${JSON.stringify({ current: 'development', keys: { development: randomBytes(32).toString('base64') } })}\n`;

const alreadyExists = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === 'EEXIST';

/** Creates the file unless it exists. If several processes do so at once, all use the file of the first. */
const createOnce = async (path: string): Promise<void> => {
  const own = `${path}.${process.pid}.${randomBytes(4).toString('hex')}`;
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await writeFile(own, newKeyRing(), { mode: 0o600, flag: 'wx' });
  try {
    await link(own, path);
  } catch (error) {
    if (!alreadyExists(error)) throw error;
  } finally {
    await rm(own, { force: true });
  }
};

const readOrCreate = async (path: string): Promise<string | undefined> => {
  const present = await readText('the development key', path);
  if (E.isRight(present)) return present.right;
  await createOnce(path).catch(() => undefined);
  return E.getOrElseW(() => undefined)(await readText('the development key', path));
};

/** Provides a key for development, which is created on first use and shared by the user's processes. */
export const developmentKeys = (path = developmentKeysPath()): KeyProvider => ({
  read: async () => {
    const text = await readOrCreate(path);
    if (text !== undefined) return keyRingOf(text, path);
    throw new KeyProviderError(
      `The development key can be neither read nor created: make ${path} readable and writable`,
    );
  },
});

export type KeySettings = Partial<SettingValues<typeof ENCRYPTION_SETTINGS>>;

/** Returns which of the settings of the keys are set. */
export const namedKeySources = ({
  encryptionKeys: keys,
  encryptionKeysFile: file,
  keyProviderModule: module,
}: KeySettings): readonly (keyof typeof KEY_VARIABLES)[] => {
  const named = { keys, file, module };
  return (['keys', 'file', 'module'] as const).filter((source) => named[source] !== undefined);
};

/**
 * Creates the key provider that the settings name. Without a setting, it provides the development key, except in
 * production, where the error refers to `guide`.
 */
export const configuredKeys = (
  settings: KeySettings,
  production: boolean,
  guide = 'docs/encryption.md',
): Read<KeyProvider> => {
  const { encryptionKeys: keys, encryptionKeysFile: file, keyProviderModule: module } = settings;
  if (namedKeySources(settings).length > 1)
    return wrongField(Object.values(KEY_VARIABLES).join(', '), 'only one of them');
  if (file !== undefined) return E.right(fileKeys(file));
  if (module !== undefined) return E.right(moduleKeys(fieldOfFile(KEY_VARIABLES.module, module), module));
  if (keys === undefined)
    return production
      ? wrongField(
          `${KEY_VARIABLES.keys} or ${KEY_VARIABLES.file}`,
          `the keys that encrypt payloads, or a file that holds them: ${guide}`,
        )
      : E.right(developmentKeys());
  return pipe(
    parseKeyRing(keys, decodeKeyRing),
    E.bimap(
      (errors) =>
        errors.map(({ field: at, expected }) => ({
          field: at === '(root)' ? KEY_VARIABLES.keys : `${KEY_VARIABLES.keys}.${at}`,
          expected,
        })),
      (ring) => ({ read: async () => ring }),
    ),
  );
};
