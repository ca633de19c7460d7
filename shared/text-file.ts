import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { getSystemErrorMap } from 'node:util';
import { parse, type ValueNode } from '@humanwhocodes/momoa';
import * as E from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';
import { type Read, wrongField } from './decoding.js';

const SystemError = t.type({ errno: t.number, code: t.string });

export const isMissing = (error: unknown): boolean => SystemError.is(error) && error.code === 'ENOENT';

/** Returns the reason why the system refused a file, such as `no such file or directory`. */
export const reasonOf = (error: unknown): string => {
  if (!SystemError.is(error)) return 'unknown reason';
  // Its description of EISDIR is "illegal operation on a directory".
  return error.code === 'EISDIR' ? 'is a directory' : (getSystemErrorMap().get(error.errno)?.[1] ?? error.code);
};

/** Names a setting or an option together with the file that it names, for a `FieldError`. */
export const fieldOfFile = (field: string, path: string): string => `${field} (${path})`;

/** Returns the expected value for a file that could not be read or written, with the reason. */
export const expectedFile = (error: unknown, use: 'read' | 'written' = 'read'): string =>
  `a file that can be ${use} (${reasonOf(error)})`;

/** Returns the number of the first byte, from 1, that decoding would replace. */
const firstWrongByte = (bytes: Uint8Array): number => {
  const replaced = Buffer.from(Buffer.from(bytes).toString('utf8'));
  return bytes.findIndex((byte, index) => byte !== replaced[index]) + 1;
};

/**
 * Decodes UTF-8, without its byte order mark. Other bytes are an error with their position: replaced, they would be
 * stored like that.
 */
export const decodeText = (field: string, bytes: Uint8Array): Read<string> =>
  E.tryCatch(
    () => new TextDecoder('utf-8', { fatal: true }).decode(bytes),
    () => [{ field, expected: `a file in UTF-8, but byte ${firstWrongByte(bytes)} is not` }],
  );

const unreadable = (field: string, path: string, error: unknown): Read<never> =>
  wrongField(fieldOfFile(field, path), expectedFile(error));

/**
 * Reads the file in UTF-8 that a setting or an option names. An error has its name, the path, and the reason or the
 * position, and never content.
 */
export const readText = (field: string, path: string): Promise<Read<string>> =>
  readFile(path).then(
    (bytes) => decodeText(fieldOfFile(field, path), bytes),
    (error: unknown) => unreadable(field, path, error),
  );

/** Reads a file as `readText` does, for the settings of a process at its start. */
export const readTextSync = (field: string, path: string): Read<string> => {
  try {
    return decodeText(fieldOfFile(field, path), readFileSync(path));
  } catch (error) {
    return unreadable(field, path, error);
  }
};

const Position = t.type({ line: t.number, column: t.number });

/** `JSON.parse` has no position in some errors, and quotes the text, which may be secret. */
const expectedJson = (text: string): string => {
  try {
    parse(text);
  } catch (error) {
    if (Position.is(error)) return `JSON (wrong at line ${error.line}, column ${error.column})`;
  }
  return 'JSON';
};

/** Describes a name that an object has twice: `JSON.parse` silently drops the first of the two values. */
const repeatedName = (node: ValueNode): string | undefined => {
  const names = new Set<string>();
  const values: ValueNode[] = [];
  if (node.type === 'Array') values.push(...node.elements.map(({ value }) => value));
  for (const { name: key, value } of node.type === 'Object' ? node.members : []) {
    const name = key.type === 'String' ? key.value : key.name;
    const { line, column } = key.loc.start;
    if (names.has(name)) return `${JSON.stringify(name.slice(0, 64))} is there again at line ${line}, column ${column}`;
    names.add(name);
    values.push(value);
  }
  for (const value of values) {
    const repeated = repeatedName(value);
    if (repeated !== undefined) return repeated;
  }
  return undefined;
};

/**
 * Parses the JSON text of a file, in which each name is unique within its object. The error is the expected value, with
 * the position of the mistake.
 */
export const parseJsonText = (text: string): E.Either<string, unknown> => {
  try {
    const value: unknown = JSON.parse(text);
    const repeated = repeatedName(parse(text).body);
    return repeated === undefined ? E.right(value) : E.left(`each name once in an object, but ${repeated}`);
  } catch {
    return E.left(expectedJson(text));
  }
};
