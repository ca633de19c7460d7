import { randomBytes } from 'node:crypto';
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join } from 'node:path';
import * as E from 'fp-ts/lib/Either.js';
import type { FieldError } from '../shared/decoding.js';
import { type KeyProvider, KeyProviderError, type KeyRingSource, keyRingOf, parseKeyRing } from './keys.js';

/** What tells where the keys are, by environment variable or in a configuration file. Read by every process that meets payloads. */
export const KEY_VARIABLES = {
  keys: 'ONBOARDING_ENCRYPTION_KEYS',
  file: 'ONBOARDING_ENCRYPTION_KEYS_FILE',
} as const;

/** Keys in a file of JSON, read again whenever they are asked for: rotating is replacing the file. */
export const fileKeys = (path: string): KeyProvider => ({
  read: async () => {
    const text = await readFile(path, 'utf8').catch(() => {
      throw new KeyProviderError(`The encryption keys cannot be read: ${KEY_VARIABLES.file} names no readable file`);
    });
    return keyRingOf(text, KEY_VARIABLES.file);
  },
});

/** Beside other data of this user's programs (XDG Base Directory Specification), so that no checkout holds it. */
export const developmentKeysPath = (env: NodeJS.ProcessEnv = process.env): string => {
  const home = env['XDG_DATA_HOME'];
  const data = home && isAbsolute(home) ? home : join(homedir(), '.local', 'share');
  return join(data, 'verifik-onboarding', 'development-keys.json');
};

const newKeyRing = (): string =>
  `${JSON.stringify({ current: 'development', keys: { development: randomBytes(32).toString('base64') } })}\n`;

const isTaken = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === 'EEXIST';

/** Makes the file unless it is there; of several processes that do so at once, one makes the key of all. */
const makeOnce = async (path: string): Promise<void> => {
  const own = `${path}.${process.pid}.${randomBytes(4).toString('hex')}`;
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await writeFile(own, newKeyRing(), { mode: 0o600, flag: 'wx' });
  try {
    await link(own, path);
  } catch (error) {
    if (!isTaken(error)) throw error;
  } finally {
    await rm(own, { force: true });
  }
};

const readOrMake = async (path: string): Promise<string> => {
  const present = await readFile(path, 'utf8').catch(() => undefined);
  if (present !== undefined) return present;
  await makeOnce(path);
  return readFile(path, 'utf8');
};

/** A key for development alone, made on first use and shared by this user's processes. */
export const developmentKeys = (path = developmentKeysPath()): KeyProvider => ({
  read: async () => {
    const text = await readOrMake(path).catch(() => {
      throw new KeyProviderError(`The development key can neither be read nor made: ${path} has to be a file of yours`);
    });
    return keyRingOf(text, path);
  },
});

export interface KeySettings {
  /** The key ring's JSON text. */
  readonly keys?: string | undefined;
  /** The path of a file that holds it. */
  readonly file?: string | undefined;
  /** In production there is no key without a setting. */
  readonly production: boolean;
}

/** The provider that the settings name: exactly one of the two or, in development alone, a key that is made on first use. */
export const configuredKeys = ({
  keys,
  file,
  production,
}: KeySettings): E.Either<readonly FieldError[], KeyProvider> => {
  const field = `${KEY_VARIABLES.keys} or ${KEY_VARIABLES.file}`;
  if (keys !== undefined && file !== undefined) return E.left([{ field, expected: 'one of the two, not both' }]);
  if (file !== undefined) return E.right(fileKeys(file));
  if (keys === undefined)
    return production
      ? E.left([{ field, expected: 'the keys that encrypt payloads, or a file that holds them (docs/encryption.md)' }])
      : E.right(developmentKeys());
  return E.bimap(
    (errors: readonly FieldError[]) =>
      errors.map((error) => ({ field: `${KEY_VARIABLES.keys}.${error.field}`, expected: error.expected })),
    (ring: KeyRingSource): KeyProvider => ({ read: async () => ring }),
  )(parseKeyRing(keys));
};
