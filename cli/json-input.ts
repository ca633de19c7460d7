import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import type { Described } from './command.js';
import { wrongUsage } from './failures.js';

/** What stands for standard input in place of a file's path. */
export const STANDARD_INPUT = '-';

export const fileOption = (flag: string, what: string): Described => ({
  flags: `--${flag} <path>`,
  describe: `${what}; - for standard input`,
});

/** The text of a file, or of standard input. @throws CliFailure naming the option. */
export const readText = (path: string, option: string): Promise<string> =>
  (path === STANDARD_INPUT ? text(process.stdin) : readFile(path, 'utf8')).catch(() => {
    throw wrongUsage({ field: option, expected: 'a file that can be read' });
  });

/** The JSON of a file, or of standard input. @throws CliFailure naming the option, never what was read. */
export const readJson = async (path: string, option: string): Promise<unknown> => {
  const content = await readText(path, option);
  try {
    return JSON.parse(content);
  } catch {
    throw wrongUsage({ field: option, expected: 'JSON' });
  }
};

type JsonObject = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The JSON object of a file, or of standard input. */
export const readJsonObject = async (path: string, option: string): Promise<JsonObject> => {
  const value = await readJson(path, option);
  if (isObject(value)) return value;
  throw wrongUsage({ field: option, expected: 'a JSON object' });
};
