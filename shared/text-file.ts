import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';

/** The text of a file, or the expected file. A message may name the path and a position, never content. */
export type ReadText = E.Either<string, string>;

/** Returns the number of the first byte, from 1, that decoding would replace. */
const firstWrongByte = (bytes: Uint8Array): number => {
  const replaced = Buffer.from(Buffer.from(bytes).toString('utf8'));
  return bytes.findIndex((byte, index) => byte !== replaced[index]) + 1;
};

/** Decodes UTF-8, without its byte order mark. Other bytes are an error: replaced, they would be stored like that. */
export const decodeText = (bytes: Uint8Array, path: string): ReadText =>
  E.tryCatch(
    () => new TextDecoder('utf-8', { fatal: true }).decode(bytes),
    () => `a file in UTF-8, but byte ${firstWrongByte(bytes)} of ${path} is not`,
  );

const unreadable = (path: string): string => `a file that can be read, but ${path} cannot`;

/** Reads a file in UTF-8. */
export const readText = async (path: string): Promise<ReadText> => {
  const bytes = await readFile(path).catch(() => undefined);
  return bytes === undefined ? E.left(unreadable(path)) : decodeText(bytes, path);
};

/** Reads a file in UTF-8, for the settings of a process at its start. */
export const readTextSync = (path: string): ReadText =>
  pipe(
    E.tryCatch(
      () => readFileSync(path),
      () => unreadable(path),
    ),
    E.chain((bytes) => decodeText(bytes, path)),
  );
