import { buffer } from 'node:stream/consumers';
import * as E from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';
import { parseJson } from '../shared/decoding.js';
import { decodeText, readText } from '../shared/text-file.js';
import { option } from './command.js';
import { wrongUsage } from './failures.js';

export const STANDARD_INPUT = '-';

export const fileOption = (description: string) => option('<path>', `${description}; - for standard input`, t.string);

/** Reads a file in UTF-8, or standard input. @throws CliFailure that names the flag. */
export const readInput = async (path: string, flag: string): Promise<string> => {
  const read =
    path === STANDARD_INPUT ? decodeText(await buffer(process.stdin), 'standard input') : await readText(path);
  if (E.isRight(read)) return read.right;
  throw wrongUsage({ field: flag, expected: read.left });
};

/** Reads JSON from a file, or standard input. @throws CliFailure that names the flag, never the content. */
export const readJson = async (path: string, flag: string): Promise<unknown> => {
  const parsed = parseJson(await readInput(path, flag));
  if (E.isRight(parsed)) return parsed.right;
  throw wrongUsage({ field: flag, expected: 'JSON' });
};

export const readJsonObject = async (path: string, flag: string): Promise<Readonly<Record<string, unknown>>> => {
  const value = await readJson(path, flag);
  if (t.UnknownRecord.is(value)) return value;
  throw wrongUsage({ field: flag, expected: 'a JSON object' });
};
