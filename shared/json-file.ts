import { stat } from 'node:fs/promises';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import { MisconfiguredError } from './config.js';
import { describeFieldErrors, type Read } from './decoding.js';
import { expectedFile, fieldOfFile, parseJsonText, readText } from './text-file.js';

/** A JSON file is missing or wrong. The message names the field, never a value. */
export class JsonFileError extends MisconfiguredError {
  override readonly name = 'JsonFileError';
}

export interface JsonFileOptions<A> {
  readonly path: string;
  /** The variable that names the file. */
  readonly env: string;
  /** The description of the file in messages, such as `file of endpoints`. */
  readonly what: string;
  readonly decode: (content: unknown) => Read<A>;
}

/** A JSON file that is read again after it has changed. */
export interface JsonFile<A> {
  /** @throws JsonFileError while the file is wrong. */
  readonly current: () => Promise<A>;
}

const fingerprintOf = async (path: string): Promise<string> => {
  const { mtimeNs, ctimeNs, size, ino } = await stat(path, { bigint: true });
  return `${mtimeNs} ${ctimeNs} ${size} ${ino}`;
};

/**
 * Opens a JSON file that may change while the process runs. While the file is wrong, its earlier content is not used
 * either: a removed entry must not stay in effect because another one is wrong.
 *
 * @throws JsonFileError when the file is wrong at the start.
 */
export const openJsonFile = async <A>({ path, env, what, decode }: JsonFileOptions<A>): Promise<JsonFile<A>> => {
  const field = fieldOfFile(env, path);
  let version: { readonly fingerprint: string; readonly content: A } | undefined;
  const wrong = (expected: string): never => {
    throw new JsonFileError(`The ${what} is wrong. ${field}: expected ${expected}`);
  };
  const current = async (): Promise<A> => {
    const fingerprint = await fingerprintOf(path).catch((error: unknown) => wrong(expectedFile(error)));
    if (fingerprint === version?.fingerprint) return version.content;
    const text = await readText(env, path);
    if (E.isLeft(text)) throw new JsonFileError(`The ${what} is wrong. ${describeFieldErrors(text.left)}`);
    const read = decode(pipe(parseJsonText(text.right), E.getOrElseW(wrong)));
    if (E.isLeft(read)) {
      // An error of the whole file needs no path within it.
      const errors = describeFieldErrors(read.left).replaceAll(/(?<=^|; )\(root\): /g, '');
      throw new JsonFileError(`The ${what} is wrong. ${field}: ${errors}`);
    }
    version = { fingerprint, content: read.right };
    return version.content;
  };
  await current();
  return { current };
};
