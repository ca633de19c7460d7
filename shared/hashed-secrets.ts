import { createHash, timingSafeEqual } from 'node:crypto';
import * as t from 'io-ts';
import type { Logger } from 'pino';
import { decodeFields, matching } from './decoding.js';
import { JsonFileError, openJsonFile } from './json-file.js';

export const Sha256 = matching(/^[0-9a-fA-F]{64}$/, 'a SHA-256: 64 hexadecimal digits');

export interface Hashed {
  readonly sha256: string;
}

export interface HashedSecretsOptions<A extends Hashed> {
  readonly path: string;
  /** The variable that names the file. */
  readonly env: string;
  readonly entry: t.Type<A, unknown, unknown>;
  /** The kind of secrets in messages, such as `tokens`. */
  readonly what: string;
  readonly logger: Logger;
}

/** Secrets known by their digests only. */
export interface HashedSecrets<A> {
  /** Finds the entries of a secret in the file's current content. Finds none while the file is wrong. */
  readonly entriesOf: (secret: string) => Promise<readonly A[]>;
}

/**
 * Opens a file with the digests of secrets. The file is checked for changes on each use, so that secrets can be added
 * and revoked without a restart. While the file is wrong, every secret is rejected: a revoked one must not stay valid
 * because another entry is wrong.
 *
 * @throws JsonFileError when the file is wrong at the start.
 */
export const openHashedSecrets = async <A extends Hashed>({
  path,
  env,
  entry,
  what,
  logger,
}: HashedSecretsOptions<A>): Promise<HashedSecrets<A>> => {
  const decode = decodeFields(t.array(entry, `a list of ${what}`));
  const file = await openJsonFile<readonly A[]>({ path, env, what: `file of ${what}`, decode });
  const currentEntries = async (): Promise<readonly A[]> => {
    try {
      return await file.current();
    } catch (error) {
      if (!(error instanceof JsonFileError)) throw error;
      logger.error({ problem: error.message }, `${what} are refused`);
      return [];
    }
  };
  return {
    entriesOf: async (secret) => {
      const digest = createHash('sha256').update(secret).digest();
      const entries = await currentEntries();
      // Compares every entry, so that the response time does not reveal which one matches.
      return entries.filter(({ sha256 }) => timingSafeEqual(digest, Buffer.from(sha256, 'hex')));
    },
  };
};
