import { existsSync, readFileSync } from 'node:fs';
import * as A from 'fp-ts/lib/Apply.js';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as RA from 'fp-ts/lib/ReadonlyArray.js';
import { decodeFields, type FieldError } from '../domain/decoding.js';
import { SETTINGS, type Setting, type SettingName } from './settings.js';

/** Names the variable that names the configuration file: JSON, one key for each setting. */
export const CONFIG_FILE_VARIABLE = 'ONBOARDING_CONFIG';

type Environment = Readonly<Record<string, string | undefined>>;

/** Where settings come from: the environment first, then the file, then the default. */
interface Sources {
  readonly env: Environment;
  readonly file: Readonly<Record<string, unknown>>;
}

type Read<T> = E.Either<readonly FieldError[], T>;

const validation = A.sequenceS(E.getApplicativeValidation(RA.getSemigroup<FieldError>()));

const read =
  ({ env, file }: Sources) =>
  <T>(name: SettingName, setting: Setting<T>): Read<T> => {
    const given = env[setting.env] === '' ? undefined : env[setting.env];
    const [field, value] = given === undefined ? [`${name} (in the file)`, file[name]] : [setting.env, given];
    if (value === undefined) return E.right(setting.fallback);
    return E.mapLeft((errors: readonly FieldError[]) => errors.map(({ expected }) => ({ field, expected })))(
      decodeFields(setting.codec)(value),
    );
  };

const readSettings = (sources: Sources) => {
  const of = read(sources);
  const S = SETTINGS;
  return validation({
    verifikBaseUrl: of('verifikBaseUrl', S.verifikBaseUrl),
    verifikClientToken: of('verifikClientToken', S.verifikClientToken),
    verifikClientTokenFile: of('verifikClientTokenFile', S.verifikClientTokenFile),
    verifikTimeoutMs: of('verifikTimeoutMs', S.verifikTimeoutMs),
    taskQueue: of('taskQueue', S.taskQueue),
    workflowBundle: of('workflowBundle', S.workflowBundle),
    maxCachedWorkflows: of('maxCachedWorkflows', S.maxCachedWorkflows),
    shutdownGraceMs: of('shutdownGraceMs', S.shutdownGraceMs),
    healthAddress: of('healthAddress', S.healthAddress),
    metricsAddress: of('metricsAddress', S.metricsAddress),
    logLevel: of('logLevel', S.logLevel),
  });
};

type SettingValues = ReturnType<typeof readSettings> extends E.Either<unknown, infer V> ? V : never;

/** Where the client token comes from: exactly one of the two. */
export type ClientToken =
  | { readonly from: 'variable'; readonly token: string }
  | { readonly from: 'file'; readonly path: string };

export interface WorkerConfig extends Omit<SettingValues, 'verifikClientToken' | 'verifikClientTokenFile'> {
  readonly clientToken: ClientToken;
}

const withClientToken = (values: SettingValues): Read<WorkerConfig> => {
  const { verifikClientToken: token, verifikClientTokenFile: path, ...rest } = values;
  const field = `${SETTINGS.verifikClientToken.env} or ${SETTINGS.verifikClientTokenFile.env}`;
  if (token !== undefined && path !== undefined) return E.left([{ field, expected: 'one of the two, not both' }]);
  if (token !== undefined) return E.right({ ...rest, clientToken: { from: 'variable', token } });
  if (path !== undefined) return E.right({ ...rest, clientToken: { from: 'file', path } });
  return E.left([{ field, expected: "the client's API token at Verifik, or a file that holds it" }]);
};

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const parseFile = (path: string): Read<Record<string, unknown>> => {
  const wrong = (expected: string) => E.left([{ field: `${CONFIG_FILE_VARIABLE} (${path})`, expected }]);
  if (!existsSync(path)) return wrong('a file that exists');
  const parsed = E.tryCatch((): unknown => JSON.parse(readFileSync(path, 'utf8')), String);
  if (E.isLeft(parsed) || !isRecord(parsed.right)) return wrong('a JSON object');
  const unknownKeys = Object.keys(parsed.right).filter((key) => !(key in SETTINGS));
  if (unknownKeys.length > 0)
    return E.left(unknownKeys.map((key) => ({ field: `${key} (in the file)`, expected: 'no such setting' })));
  return E.right(parsed.right);
};

/** Reads the worker's configuration, and says every setting that is wrong. Values are never repeated: some are secrets. */
export const readConfig = (env: Environment): Read<WorkerConfig> => {
  const path = env[CONFIG_FILE_VARIABLE];
  return pipe(
    path === undefined || path === '' ? E.right({}) : parseFile(path),
    E.chain((file) => readSettings({ env, file })),
    E.chain(withClientToken),
  );
};
