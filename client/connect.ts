import { Client, Connection } from '@temporalio/client';
import { type ClientConnectConfig, loadClientConnectConfig } from '@temporalio/envconfig';
import { defined } from '../shared/defined.js';
import { BatchClient } from './batches.js';
import type { BatchClientOptions, CallOptions, OnboardingClientOptions } from './calls.js';
import { type EncryptionOptions, onboardingDataConverter } from './encryption.js';
import { OnboardingError } from './errors.js';
import { OnboardingClient } from './onboarding-client.js';
import { BatchSchedules } from './schedules.js';

export interface ConnectOptions extends OnboardingClientOptions, Pick<EncryptionOptions, 'keyProvider'> {}

export interface ConnectedOnboardingClient {
  readonly client: OnboardingClient;
  close(): Promise<void>;
}

export interface ConnectedBatchClient {
  readonly batches: BatchClient;
  readonly schedules: BatchSchedules;
  close(): Promise<void>;
}

export interface ConnectBatchOptions extends BatchClientOptions, Pick<EncryptionOptions, 'keyProvider'> {}

const connectTo = ({ connectionOptions }: ClientConnectConfig, { timeoutMs }: CallOptions): Promise<Connection> =>
  Connection.connect({ ...connectionOptions, ...defined({ connectTimeout: timeoutMs }) }).catch((error: unknown) => {
    const message = `Temporal at ${connectionOptions.address ?? 'its default address'} could not be reached`;
    throw new OnboardingError('Unavailable', message, { cause: error });
  });

/**
 * Connects to Temporal with the settings of its environment, without a client.
 *
 * @throws OnboardingError `Unavailable` if Temporal cannot be reached.
 */
export const connectServer = async (call: CallOptions = {}) => {
  const config = loadClientConnectConfig();
  return { connection: await connectTo(config, call), namespace: config.namespace ?? 'default' };
};

const connectTemporal = async ({ timeoutMs, keyProvider }: ConnectBatchOptions): Promise<Client> => {
  const config = loadClientConnectConfig();
  const { namespace = 'default' } = config;
  const dataConverter = await onboardingDataConverter(defined({ namespace, keyProvider }));
  const connection = await connectTo(config, defined({ timeoutMs }));
  return new Client({ connection, namespace, dataConverter });
};

/**
 * Connects to Temporal with the settings of its environment (`TEMPORAL_ADDRESS`, `TEMPORAL_NAMESPACE`,
 * `TEMPORAL_API_KEY`, `TEMPORAL_TLS…`, or a profile of Temporal's configuration file) and returns a client.
 *
 * @throws OnboardingError `EncryptionKeys` if the encryption keys are missing or wrong; `Unavailable` if Temporal
 * cannot be reached.
 */
export const connectOnboardingClient = async (options: ConnectOptions): Promise<ConnectedOnboardingClient> => {
  const temporal = await connectTemporal(options);
  return { client: new OnboardingClient(temporal, options), close: () => temporal.connection.close() };
};

/** Connects in the same way, and returns the clients of batches, which need no contact key. */
export const connectBatchClient = async (options: ConnectBatchOptions = {}): Promise<ConnectedBatchClient> => {
  const temporal = await connectTemporal(options);
  return {
    batches: new BatchClient(temporal, options),
    schedules: new BatchSchedules(temporal, options),
    close: () => temporal.connection.close(),
  };
};
