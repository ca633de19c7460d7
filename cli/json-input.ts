import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import * as t from 'io-ts';
import { option } from './command.js';
import { wrongUsage } from './failures.js';

export const STANDARD_INPUT = '-';

export const fileOption = (description: string) => option('<path>', `${description}; - for standard input`, t.string);

export const readText = (path: string, flag: string): Promise<string> =>
  (path === STANDARD_INPUT ? text(process.stdin) : readFile(path, 'utf8')).catch(() => {
    throw wrongUsage({ field: flag, expected: 'a file that can be read' });
  });

/** Reads JSON from a file, or standard input. @throws CliFailure that names the flag, never the content. */
export const readJson = async (path: string, flag: string): Promise<unknown> => {
  const content = await readText(path, flag);
  try {
    return JSON.parse(content);
  } catch {
    throw wrongUsage({ field: flag, expected: 'JSON' });
  }
};

export const readJsonObject = async (path: string, flag: string): Promise<Readonly<Record<string, unknown>>> => {
  const value = await readJson(path, flag);
  if (t.UnknownRecord.is(value)) return value;
  throw wrongUsage({ field: flag, expected: 'a JSON object' });
};
