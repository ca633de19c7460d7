import { readFile } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';
import * as E from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';
import { decodeText, expectedFile, fieldOfFile, parseJsonText } from '../shared/text-file.js';
import { option } from './command.js';
import { orFail, wrongUsage } from './failures.js';

export const STANDARD_INPUT = '-';

export const fileOption = (description: string) => option('<path>', `${description}; - for standard input`, t.string);

const fieldOf = (flag: string, path: string): string =>
  fieldOfFile(flag, path === STANDARD_INPUT ? 'standard input' : path);

/** Reads a file, or standard input. @throws CliFailure that names the flag and the file. */
export const readBytes = (path: string, flag: string): Promise<Buffer> =>
  path === STANDARD_INPUT
    ? buffer(process.stdin)
    : readFile(path).catch((error: unknown) => {
        throw wrongUsage({ field: fieldOf(flag, path), expected: expectedFile(error) });
      });

/** Reads a file in UTF-8, or standard input. @throws CliFailure that names the flag and the file. */
export const readInput = async (path: string, flag: string): Promise<string> =>
  orFail(decodeText(fieldOf(flag, path), await readBytes(path, flag)));

/** Reads JSON from a file, or standard input. @throws CliFailure that names the flag and the file, never content. */
export const readJson = async (path: string, flag: string): Promise<unknown> =>
  orFail(
    E.mapLeft((expected: string) => [{ field: fieldOf(flag, path), expected }])(
      parseJsonText(await readInput(path, flag)),
    ),
  );

export const readJsonObject = async (path: string, flag: string): Promise<Readonly<Record<string, unknown>>> => {
  const value = await readJson(path, flag);
  if (t.UnknownRecord.is(value)) return value;
  throw wrongUsage({ field: fieldOf(flag, path), expected: 'a JSON object' });
};
