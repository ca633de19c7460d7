import { accessSync, constants, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';
import * as E from 'fp-ts/lib/Either.js';
import type { Environment } from './config.js';
import { type Read, wrongField } from './decoding.js';
import { fieldOfFile, isMissing, reasonOf } from './text-file.js';

/** A folder by the XDG Base Directory Specification, which says to ignore an empty or relative path. */
const userFolder = (chosen: string | undefined, ...fallback: readonly string[]): string =>
  join(chosen && isAbsolute(chosen) ? chosen : join(homedir(), ...fallback), 'verifik-onboarding');

/** The folder of data that must be kept. Like the cache, it is outside of the checkout. */
export const dataFolder = (env: Environment = process.env): string =>
  userFolder(env['XDG_DATA_HOME'], '.local', 'share');

/** The folder of built servers, which all clones share. */
export const cacheFolder = (env: Environment = process.env): string => {
  const chosen = env['VERIFIK_ONBOARDING_CACHE'];
  return chosen ? resolve(chosen) : userFolder(env['XDG_CACHE_HOME'], '.cache');
};

/** The folder of batches without a setting, in which a user's workers and commands find each other's files. */
export const defaultBatchFolder = (env: Environment = process.env): string => join(dataFolder(env), 'batches');

/** Checks the folder that a setting names. It may be missing: it is created when it is needed. */
export const checkFolder = (setting: string, path: string): Read<string> => {
  const wrong = (reason: string) =>
    wrongField(fieldOfFile(setting, path), `a folder that can be written to (${reason})`);
  try {
    if (!statSync(path).isDirectory()) return wrong('not a directory');
    accessSync(path, constants.W_OK);
    return E.right(path);
  } catch (error) {
    return isMissing(error) ? E.right(path) : wrong(reasonOf(error));
  }
};
