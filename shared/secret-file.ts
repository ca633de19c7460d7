import { readFile } from 'node:fs/promises';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import type * as t from 'io-ts';
import { type Read, wrongField } from './decoding.js';
import { Secret, type Setting } from './settings.js';
import { fieldOfFile, readTextSync } from './text-file.js';

/**
 * Reads a secret from the file that a setting names, without white space around it. Errors name the setting and the
 * file.
 */
export const readSecretFile = (env: string, path: string, secret: t.Type<string, unknown, unknown>): Read<string> =>
  pipe(
    readTextSync(env, path),
    E.map((text) => text.trim()),
    E.chain((text) =>
      secret.is(text) ? E.right(text) : wrongField(fieldOfFile(env, path), `a file with ${secret.name}`),
    ),
  );

/** A secret, and the setting that it comes from. */
interface Given {
  readonly setting: Setting<unknown>;
  readonly value: string | undefined;
}

/**
 * Returns the function that reads a secret which one of two settings gives: its value or its file, which is read again
 * each time. Returns `undefined` if neither is given.
 */
export const secretSource = (secret: Given, file: Given): Read<() => Promise<string>> | undefined => {
  const { value } = secret;
  const path = file.value;
  if (value !== undefined && path !== undefined)
    return wrongField(`${secret.setting.env} or ${file.setting.env}`, 'one of the two, not both');
  if (path === undefined) return value === undefined ? undefined : E.right(async () => value);
  return pipe(
    readSecretFile(file.setting.env, path, Secret),
    E.map(() => async () => (await readFile(path, 'utf8')).trim()),
  );
};
