import { createHash, timingSafeEqual } from 'node:crypto';
import * as E from 'fp-ts/lib/Either.js';
import { flow } from 'fp-ts/lib/function.js';
import * as t from 'io-ts';
import type { Logger } from 'pino';
import { decodeFields, matching } from './decoding.js';
import { type JsonFile, JsonFileError, openJsonFile } from './json-file.js';

/** The SHA-256 of a secret, as entries have it. */
export const Sha256 = matching(/^[0-9a-fA-F]{64}$/, 'a SHA-256: 64 hexadecimal digits');

/** What an entry has to have. */
export interface Hashed {
  readonly sha256: string;
}

export interface HashedSecretsOptions<A extends Hashed> {
  /** A file of JSON: a list of entries. */
  readonly path: string;
  readonly entry: t.Type<A, unknown, unknown>;
  /** What the secrets are, for messages: `tokens`. */
  readonly what: string;
  readonly logger: Logger;
}

/** Secrets of which only digests are known. */
export interface HashedSecrets<A> {
  /** The entries whose secret this is, as the file has them at this moment: none where it is nobody's, or where the file is wrong. */
  readonly entriesOf: (secret: string) => Promise<readonly A[]>;
}

interface Known<A> {
  readonly entry: A;
  readonly digest: Buffer;
}

const withDigest = <A extends Hashed>(entry: A): Known<A> => ({ entry, digest: Buffer.from(entry.sha256, 'hex') });

/** The file's entries; none while it is wrong. */
const current = async <A>(
  file: JsonFile<readonly Known<A>[]>,
  { what, logger }: { readonly what: string; readonly logger: Logger },
): Promise<readonly Known<A>[]> => {
  try {
    return await file.current();
  } catch (error) {
    if (!(error instanceof JsonFileError)) throw error;
    logger.error({ problem: error.message }, `${what} are refused`);
    return [];
  }
};

/**
 * Secrets whose digests stand in a file, which is looked at each time, so that secrets come and go without a restart. While the file is
 * wrong it lets nobody in: a secret that was taken out must not live on because of a mistake beside it.
 *
 * @throws JsonFileError when the file is wrong at the start.
 */
export const openHashedSecrets = async <A extends Hashed>(
  options: HashedSecretsOptions<A>,
): Promise<HashedSecrets<A>> => {
  const { path, entry, what } = options;
  const file = await openJsonFile<readonly Known<A>[]>({
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
      const known = await current(file, options);
      // Every entry is compared, so that the time it takes tells nothing of which one it was.
      return known.filter((one) => timingSafeEqual(digest, one.digest)).map((one) => one.entry);
    },
  };
};
