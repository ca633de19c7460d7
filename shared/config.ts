import { devNull } from 'node:os';
import * as A from 'fp-ts/lib/Apply.js';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as RA from 'fp-ts/lib/ReadonlyArray.js';
import * as t from 'io-ts';
import { decodeFields, describeFieldErrors, type FieldError, type Read, wrongField } from './decoding.js';
import type { Setting, SettingTable, SettingValues } from './settings.js';
import { fieldOfFile, parseJsonText, readTextSync } from './text-file.js';

export type Environment = Readonly<Record<string, string | undefined>>;

/** Settings of this project, Temporal and OpenTelemetry. The cache of built servers is not a setting of a process. */
const SETTING = /^(?:TEMPORAL|ONBOARDING|VERIFIK|GATEWAY|CODEC_SERVER|OTEL)_(?!ONBOARDING_CACHE$)/;

/** Removes all these settings, and the configuration file of Temporal in the home folder. */
export const withoutSettings = (env: Environment): Environment => ({
  ...Object.fromEntries(Object.entries(env).filter(([name]) => !SETTING.test(name))),
  TEMPORAL_CONFIG_FILE: devNull,
});

/**
 * A setting, or a file that a setting names, is wrong: the process must not start. The message names the field, never a
 * value.
 */
export class MisconfiguredError extends Error {
  override readonly name: string = 'MisconfiguredError';
  /** True if the setting may be right, but what it names cannot be reached now. */
  readonly temporary: boolean = false;
}

/** Returns the value of a read. @throws MisconfiguredError naming every wrong field. */
export const orMisconfigured = <A>(read: Read<A>): A => {
  if (E.isLeft(read)) throw new MisconfiguredError(describeFieldErrors(read.left));
  return read.right;
};

/** Combines reads. The result has every value, or the wrong fields of all. */
export const readTogether = A.sequenceS(E.getApplicativeValidation(RA.getSemigroup<FieldError>()));

interface SettingsFile {
  readonly path: string;
  readonly values: Readonly<Record<string, unknown>>;
}

const NO_FILE: SettingsFile = { path: '', values: {} };

const parseFile = (known: SettingTable, fileVariable: string, path: string): Read<SettingsFile> => {
  const wrong = (expected: string) => wrongField(fieldOfFile(fileVariable, path), expected);
  const text = readTextSync(fileVariable, path);
  if (E.isLeft(text)) return text;
  const parsed = parseJsonText(text.right);
  if (E.isLeft(parsed)) return wrong(parsed.left);
  if (!t.UnknownRecord.is(parsed.right)) return wrong('a JSON object');
  const unknownKeys = Object.keys(parsed.right).filter((key) => !Object.hasOwn(known, key));
  if (unknownKeys.length > 0)
    return E.left(unknownKeys.map((key) => ({ field: fieldOfFile(key, path), expected: 'no such setting' })));
  return E.right({ path, values: parsed.right });
};

const readOne = (
  env: Environment,
  { path, values }: SettingsFile,
  name: string,
  setting: Setting<unknown>,
): Read<unknown> => {
  const given = env[setting.env] === '' ? undefined : env[setting.env];
  const [field, value] = given === undefined ? [fieldOfFile(name, path), values[name]] : [setting.env, given];
  if (value === undefined) return E.right(setting.fallback);
  return pipe(
    decodeFields(setting.codec)(value),
    E.mapLeft((errors) => errors.map(({ expected }) => ({ field, expected }))),
  );
};

const hasEvery = <S extends SettingTable>(table: S, values: unknown): values is SettingValues<S> =>
  t.UnknownRecord.is(values) && Object.keys(table).every((name) => Object.hasOwn(values, name));

const readAll =
  <S extends SettingTable>(table: S, env: Environment) =>
  (file: SettingsFile): Read<SettingValues<S>> => {
    const values: Record<string, unknown> = {};
    const errors: FieldError[] = [];
    for (const [name, setting] of Object.entries(table)) {
      const read = readOne(env, file, name, setting);
      if (E.isLeft(read)) errors.push(...read.left);
      else values[name] = read.right;
    }
    return errors.length === 0 && hasEvery(table, values) ? E.right(values) : E.left(errors);
  };

/**
 * Reads the settings of a table from the environment, then from the JSON file that the variable `fileVariable` names,
 * then from the defaults. Errors name every wrong setting by its variable or its key in the file, never its value,
 * which may be a secret. The file may also have settings that another process reads, whose values are not.
 */
export const readSettings = <S extends SettingTable>(
  table: S,
  fileVariable: string,
  env: Environment,
  others: SettingTable = {},
): Read<SettingValues<S>> => {
  const path = env[fileVariable];
  return pipe(
    path === undefined || path === '' ? E.right(NO_FILE) : parseFile({ ...table, ...others }, fileVariable, path),
    E.chain(readAll(table, env)),
  );
};
