import { createHash, timingSafeEqual } from 'node:crypto';
import * as E from 'fp-ts/lib/Either.js';
import { flow } from 'fp-ts/lib/function.js';
import * as t from 'io-ts';
import type { Logger } from 'pino';
import { decodeFields, matching } from './decoding.js';
import { type JsonFile, JsonFileError, openJsonFile } from './json-file.js';

export const Sha256 = matching(/^[0-9a-fA-F]{64}$/, 'a SHA-256: 64 hexadecimal digits');

export interface Hashed {
  readonly sha256: string;
}

export interface HashedSecretsOptions<A extends Hashed> {
  readonly path: string;
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

interface Digested<A> {
  readonly entry: A;
  readonly digest: Buffer;
}

const withDigest = <A extends Hashed>(entry: A): Digested<A> => ({ entry, digest: Buffer.from(entry.sha256, 'hex') });

const currentEntries = async <A>(
  file: JsonFile<readonly Digested<A>[]>,
  { what, logger }: { readonly what: string; readonly logger: Logger },
): Promise<readonly Digested<A>[]> => {
  try {
    return await file.current();
  } catch (error) {
    if (!(error instanceof JsonFileError)) throw error;
    logger.error({ problem: error.message }, `${what} are refused`);
    return [];
  }
};

/**
 * Opens a file with the digests of secrets. The file is checked for changes on each use, so that secrets can be added
 * and revoked without a restart. While the file is wrong, every secret is rejected: a revoked one must not stay valid
 * because another entry is wrong.
 *
 * @throws JsonFileError when the file is wrong at the start.
 */
export const openHashedSecrets = async <A extends Hashed>(
  options: HashedSecretsOptions<A>,
): Promise<HashedSecrets<A>> => {
  const { path, entry, what } = options;
  const file = await openJsonFile<readonly Digested<A>[]>({
    path,
    what: `file of ${what}`,
    decode: flow(
      decodeFields(t.array(entry, `a list of ${what}`)),
      E.map((entries) => entries.map(withDigest)),
    ),
  });
  return {
    entriesOf: async (secret) => {
      const digest = createHash('sha256').update(secret).digest();
      const entries = await currentEntries(file, options);
      // Compares every entry, so that the response time does not reveal which one matches.
      return entries.filter((entry) => timingSafeEqual(digest, entry.digest)).map(({ entry }) => entry);
    },
  };
};
