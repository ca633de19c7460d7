import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import type { Described } from './command.js';
import { wrongUsage } from './failures.js';

export const STANDARD_INPUT = '-';

export const fileOption = (flag: string, description: string): Described => ({
  flags: `--${flag} <path>`,
  describe: `${description}; - for standard input`,
});

export const readText = (path: string, option: string): Promise<string> =>
  (path === STANDARD_INPUT ? text(process.stdin) : readFile(path, 'utf8')).catch(() => {
    throw wrongUsage({ field: option, expected: 'a file that can be read' });
  });

/** Reads JSON from a file, or standard input. @throws CliFailure that names the option, never the content. */
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

export const readJsonObject = async (path: string, option: string): Promise<JsonObject> => {
  const value = await readJson(path, option);
  if (isObject(value)) return value;
  throw wrongUsage({ field: option, expected: 'a JSON object' });
};
