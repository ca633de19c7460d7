import { readFile, stat } from 'node:fs/promises';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import { describeFieldErrors, type FieldError } from './decoding.js';
import { MisconfiguredError } from './misconfigured-error.js';

/** A file is not there, or not what it should be. The message names the field, never a value. */
export class JsonFileError extends MisconfiguredError {
  override readonly name = 'JsonFileError';
}

export interface JsonFileOptions<A> {
  readonly path: string;
  /** What the file is, for messages: `file of endpoints`. */
  readonly what: string;
  readonly decode: (content: unknown) => E.Either<readonly FieldError[], A>;
}

/** A file that is looked at each time, and read again where it has changed. */
export interface JsonFile<A> {
  /** @throws JsonFileError while the file is wrong. */
  readonly current: () => Promise<A>;
}

interface Version<A> {
  readonly mark: string;
  readonly content: A;
}

const markOf = async (path: string): Promise<string> => {
  const { mtimeNs, ctimeNs, size, ino } = await stat(path, { bigint: true });
  return `${mtimeNs} ${ctimeNs} ${size} ${ino}`;
};

const parse = (text: string): E.Either<readonly FieldError[], unknown> =>
  E.tryCatch(
    (): unknown => JSON.parse(text),
    () => [{ field: '(root)', expected: 'JSON' }],
  );

const currentVersion = async <A>(
  { path, what, decode }: JsonFileOptions<A>,
  known: Version<A> | undefined,
): Promise<Version<A>> => {
  const unreadable = () => {
    throw new JsonFileError(`The ${what} cannot be read.`);
  };
  const mark = await markOf(path).catch(unreadable);
  if (mark === known?.mark) return known;
  const read = pipe(parse(await readFile(path, 'utf8').catch(unreadable)), E.chain(decode));
  if (E.isLeft(read)) throw new JsonFileError(`The ${what} is wrong. ${describeFieldErrors(read.left)}`);
  return { mark, content: read.right };
};

/**
 * Opens a file of JSON that may change while the process runs. While it is wrong nothing is read from it: what was taken out must not
 * live on because of a mistake beside it.
 *
 * @throws JsonFileError when the file is wrong at the start.
 */
export const openJsonFile = async <A>(options: JsonFileOptions<A>): Promise<JsonFile<A>> => {
  let version: Version<A> | undefined = await currentVersion(options, undefined);
  return {
    current: async () => {
      version = await currentVersion(options, version);
      return version.content;
    },
  };
};
