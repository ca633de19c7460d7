import { createHash, timingSafeEqual } from 'node:crypto';
import * as E from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';
import type { Logger } from 'pino';
import { decodeFields, type FieldError, type Read, refined, someOf } from './decoding.js';
import { JsonFileError, openJsonFile } from './json-file.js';

const digestOf = (secret: string): string => createHash('sha256').update(secret).digest('hex');

/** The digest of the empty text, which an unset variable of a shell script has, would let everybody in. */
const OF_NOTHING = digestOf('');

export const Sha256 = refined(
  t.string,
  'a SHA-256: 64 hexadecimal digits, not those of the empty text',
  (digest) => /^[0-9a-fA-F]{64}$/.test(digest) && digest.toLowerCase() !== OF_NOTHING,
);

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

/** A secret that two entries have would act as the first of them. */
const unique = <A extends Hashed>(entries: readonly A[]): Read<readonly A[]> => {
  const digests = entries.map(({ sha256 }) => sha256.toLowerCase());
  const errors = digests.flatMap((digest, index): readonly FieldError[] => {
    const first = digests.indexOf(digest);
    return first === index ? [] : [{ field: `${index}.sha256`, expected: `another one than that of entry ${first}` }];
  });
  return errors.length === 0 ? E.right(entries) : E.left(errors);
};

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
  const Entries = someOf(entry, `a list of one or more ${what}`);
  const decode = (content: unknown) => E.chain(unique<A>)(decodeFields(Entries)(content));
  const file = await openJsonFile({ path, env, what: `file of ${what}`, decode });
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
      const digest = Buffer.from(digestOf(secret), 'hex');
      const entries = await currentEntries();
      // Compares every entry, so that the response time does not reveal which one matches.
      return entries.filter(({ sha256 }) => timingSafeEqual(digest, Buffer.from(sha256, 'hex')));
    },
  };
};
