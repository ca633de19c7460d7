import { createHash, timingSafeEqual } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as t from 'io-ts';
import type { Logger } from 'pino';
import { closed, decodeFields, describeFieldErrors, type FieldError, matching } from '../../domain/decoding.js';
import { MisconfiguredError } from '../../service/run.js';
import { Name } from '../../service/settings.js';
import type { Credentials } from './caller.js';

const Entries = t.array(
  closed(
    t.type({
      name: Name,
      role: t.keyof({ 'personal-data': null, masked: null }, 'personal-data or masked'),
      sha256: matching(/^[0-9a-f]{64}$/i, 'the SHA-256 of the token: 64 hexadecimal digits'),
    }),
  ),
  'a list of tokens',
);

type Entry = t.TypeOf<typeof Entries>[number];

/** The file of tokens is not there, or not what it should be. The message names the field, never a token. */
export class TokensFileError extends MisconfiguredError {
  override readonly name = 'TokensFileError';
}

const parseEntries = (text: string): E.Either<readonly FieldError[], readonly Entry[]> =>
  pipe(
    E.tryCatch(
      (): unknown => JSON.parse(text),
      () => [{ field: '(root)', expected: 'JSON' }],
    ),
    E.chain(decodeFields(Entries)),
  );

interface Version {
  readonly mark: string;
  readonly entries: readonly Entry[];
}

const markOf = async (path: string): Promise<string> => {
  const { mtimeNs, ctimeNs, size, ino } = await stat(path, { bigint: true });
  return `${mtimeNs} ${ctimeNs} ${size} ${ino}`;
};

/** The file as it is now: read again only where it is not the one that is known. */
const currentVersion = async (path: string, known: Version | undefined): Promise<Version> => {
  const unreadable = () => {
    throw new TokensFileError('The file of tokens cannot be read.');
  };
  const mark = await markOf(path).catch(unreadable);
  if (mark === known?.mark) return known;
  const read = parseEntries(await readFile(path, 'utf8').catch(unreadable));
  if (E.isRight(read)) return { mark, entries: read.right };
  throw new TokensFileError(`The file of tokens is wrong. ${describeFieldErrors(read.left)}`);
};

const isTokenOf = (digest: Buffer, { sha256 }: Entry): boolean => timingSafeEqual(digest, Buffer.from(sha256, 'hex'));

/**
 * Tokens whose digests stand in a file, which is looked at on each request, so that tokens come and go without a restart. While the
 * file is wrong it lets nobody in: a token that was taken out must not live on because of a mistake beside it.
 *
 * @throws TokensFileError when the file is wrong at the start.
 */
export const openStaticTokens = async (path: string, logger: Logger): Promise<Credentials> => {
  let version: Version | undefined = await currentVersion(path, undefined);
  return {
    callerOf: async (credential) => {
      try {
        version = await currentVersion(path, version);
      } catch (error) {
        if (!(error instanceof TokensFileError)) throw error;
        logger.error({ problem: error.message }, 'static tokens are refused');
        version = undefined;
        return undefined;
      }
      const digest = createHash('sha256').update(credential).digest();
      // Every entry is compared, so that the time it takes tells nothing of which one it was.
      const [found] = version.entries.filter((entry) => isTokenOf(digest, entry));
      return found && { name: found.name, role: found.role };
    },
  };
};
