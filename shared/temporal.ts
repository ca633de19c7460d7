import { existsSync } from 'node:fs';
import { devNull } from 'node:os';
import { type ConnectionLike, isGrpcServiceError } from '@temporalio/client';
import type { SearchAttributeType } from '@temporalio/common';
import { normalizeGrpcEndpointAddress } from '@temporalio/common/lib/internal-non-workflow/index.js';
import { encodeSearchAttributeIndexedValueType } from '@temporalio/common/lib/search-attributes.js';
import {
  type ClientConfigProfile,
  type ClientConnectConfig,
  loadClientConfigProfile,
  toClientOptions,
} from '@temporalio/envconfig';
import type { Logger } from 'pino';
import { type Environment, MisconfiguredError } from './config.js';

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

/** Names the variable that an error is about. The messages of errors may contain parts of files, which hold secrets. */
const describe = (error: unknown, env: Environment): string => {
  if (error instanceof Error && 'path' in error && typeof error.path === 'string') {
    const variable = Object.keys(env).find((name) => name.startsWith('TEMPORAL_') && env[name] === error.path);
    return `${variable ?? "a path in Temporal's configuration file"} (${error.path}): expected a file that can be read`;
  }
  return "TEMPORAL_PROFILE, TEMPORAL_CONFIG_FILE: expected a profile of Temporal's configuration file, which is TOML";
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
    const disableFile = env['TEMPORAL_CONFIG_FILE'] === devNull;
    const profile = loadClientConfigProfile({ overrideEnvVars: env, disableFile });
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

interface Attribute {
  readonly name: string;
  readonly type: SearchAttributeType;
}

// The codes of gRPC.
const [INVALID_ARGUMENT, NOT_FOUND, PERMISSION_DENIED, UNIMPLEMENTED, UNAUTHENTICATED] = [3, 5, 7, 12, 16];

const codeOf = (error: unknown): number | undefined => (isGrpcServiceError(error) ? error.code : undefined);

const describeNamespace = async ({ workflowService }: ConnectionLike, namespace: string): Promise<void> => {
  try {
    await workflowService.describeNamespace({ namespace });
  } catch (error) {
    const code = codeOf(error);
    if (code === NOT_FOUND || code === INVALID_ARGUMENT)
      throw new MisconfiguredError(`TEMPORAL_NAMESPACE: expected a namespace that exists, not ${namespace}`);
    if (code === PERMISSION_DENIED || code === UNAUTHENTICATED)
      throw new MisconfiguredError(
        `TEMPORAL_API_KEY, TEMPORAL_TLS…: expected credentials for the namespace ${namespace}, which Temporal refuses`,
      );
    throw error;
  }
};

const SETUP = 'run verifik-onboarding setup';

/** Returns the custom search attributes, or undefined if the credentials do not allow listing them, as in Cloud. */
const customAttributes = async ({ operatorService }: OperatorConnection, namespace: string, logger: Logger) => {
  try {
    return (await operatorService.listSearchAttributes({ namespace })).customAttributes;
  } catch (error) {
    const code = codeOf(error);
    if (code !== PERMISSION_DENIED && code !== UNAUTHENTICATED && code !== UNIMPLEMENTED) throw error;
    logger.warn({ namespace }, 'the search attributes cannot be checked: Temporal does not allow listing them');
    return undefined;
  }
};

type OperatorConnection = ConnectionLike & {
  readonly operatorService: {
    listSearchAttributes(request: {
      namespace: string;
    }): Promise<{ readonly customAttributes?: Readonly<Record<string, number>> | null }>;
  };
};

/**
 * Checks that the namespace exists and has the search attributes.
 *
 * @throws MisconfiguredError that says what to do if it does not.
 */
export const checkNamespace = async (
  connection: OperatorConnection,
  namespace: string,
  attributes: readonly Attribute[],
  logger: Logger,
): Promise<void> => {
  await describeNamespace(connection, namespace);
  const registered = await customAttributes(connection, namespace, logger);
  if (registered === undefined) return;
  const wrong = attributes.filter(
    ({ name, type }) => registered?.[name] !== encodeSearchAttributeIndexedValueType(type),
  );
  if (wrong.length === 0) return;
  const names = wrong.map(({ name, type }) => `${name} (${type})`).join(', ');
  throw new MisconfiguredError(
    `TEMPORAL_NAMESPACE: expected a namespace with the search attributes ${names}, which ${namespace} lacks: ${SETUP}`,
  );
};
