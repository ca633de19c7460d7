import { existsSync } from 'node:fs';
import { devNull } from 'node:os';
import { normalizeGrpcEndpointAddress } from '@temporalio/common/lib/internal-non-workflow/index.js';
import {
  type ClientConfigProfile,
  type ClientConnectConfig,
  loadClientConfigProfile,
  toClientOptions,
} from '@temporalio/envconfig';
import * as t from 'io-ts';
import { type Environment, MisconfiguredError } from './config.js';
import { expectedFile, fieldOfFile } from './text-file.js';

const DEFAULT_ADDRESS = '127.0.0.1:7233';
const DEFAULT_PORT = 7233;

/** The connection to Temporal, from the settings of its environment. */
export interface TemporalConfig {
  readonly connectionOptions: ClientConnectConfig['connectionOptions'] & { readonly address: string };
  readonly namespace: string;
}

/** Leaves out empty variables. An empty `TEMPORAL_GRPC_META_…` has a meaning: it removes a header of the profile. */
const withoutEmpty = (environment: Environment): Record<string, string> =>
  Object.fromEntries(
    Object.entries(environment).flatMap(([name, value]) =>
      value === undefined || (value === '' && !name.startsWith('TEMPORAL_GRPC_META_')) ? [] : [[name, value]],
    ),
  );

const FileError = t.intersection([t.type({ syscall: t.string }), t.partial({ path: t.string })]);

const TomlError = t.type({ line: t.number, column: t.number, codeblock: t.string });

/** Describes an error by its kind and position. Its message may contain parts of files, which hold secrets. */
const describe = (error: unknown, env: Environment): string => {
  const { TEMPORAL_CONFIG_FILE: file = 'the default file' } = env;
  const configuration = fieldOfFile("Temporal's configuration", file);
  if (FileError.is(error)) {
    const { path } = error;
    const variable = Object.keys(env).find((name) => name.startsWith('TEMPORAL_') && env[name] === path);
    const field = path === undefined ? configuration : fieldOfFile(variable ?? "Temporal's configuration", path);
    return `${field}: expected ${expectedFile(error)}`;
  }
  if (TomlError.is(error))
    return `${configuration}: expected TOML (wrong at line ${error.line}, column ${error.column})`;
  if (error instanceof Error && error.message.startsWith("Profile '"))
    return `TEMPORAL_PROFILE: expected a profile in ${configuration}`;
  return `${configuration}: expected settings of the connection to Temporal`;
};

/** The SDK takes every other word for `false`, and ignores a certificate without its key. */
const checkTls = ({ TEMPORAL_TLS: tls = 'true' }: Environment, profile: ClientConfigProfile): void => {
  if (!['true', 'false', '1', '0'].includes(tls)) throw new MisconfiguredError('TEMPORAL_TLS: expected true or false');
  if ((profile.tls?.clientCert === undefined) !== (profile.tls?.clientKey === undefined))
    throw new MisconfiguredError('TEMPORAL_TLS_CLIENT_CERT_…, TEMPORAL_TLS_CLIENT_KEY_…: expected both or neither');
};

const load = (env: Record<string, string>): ClientConnectConfig => {
  try {
    // SDK 1.24 throws a TypeError for an empty file.
    const file = env['TEMPORAL_CONFIG_FILE'] === devNull ? { configSource: { data: '[profile.default]' } } : {};
    const profile = loadClientConfigProfile({ overrideEnvVars: env, ...file });
    checkTls(env, profile);
    return toClientOptions(profile);
  } catch (error) {
    if (error instanceof MisconfiguredError) throw error;
    throw new MisconfiguredError(describe(error, env));
  }
};

const checkAddress = (address: string): void => {
  try {
    normalizeGrpcEndpointAddress(address, DEFAULT_PORT);
  } catch {
    throw new MisconfiguredError('TEMPORAL_ADDRESS: expected a host and a port, such as temporal.example.com:7233');
  }
};

/**
 * Reads Temporal's own settings: its variables (`TEMPORAL_ADDRESS`, `TEMPORAL_NAMESPACE`, `TEMPORAL_API_KEY`,
 * `TEMPORAL_TLS…`), of which an empty one counts as not set, or a profile of its configuration file.
 *
 * @throws MisconfiguredError that names the wrong variable.
 */
export const temporalConfig = (environment: Environment = process.env): TemporalConfig => {
  const env = withoutEmpty(environment);
  const file = env['TEMPORAL_CONFIG_FILE'];
  if (file !== undefined && !existsSync(file))
    throw new MisconfiguredError(`TEMPORAL_CONFIG_FILE (${file}): expected a file that exists`);
  const { connectionOptions, namespace = 'default' } = load(env);
  const { address = DEFAULT_ADDRESS } = connectionOptions;
  checkAddress(address);
  return { connectionOptions: { ...connectionOptions, address }, namespace };
};
