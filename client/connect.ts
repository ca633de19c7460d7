import { Client, Connection } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { BatchClient, type BatchClientOptions } from './batches.js';
import { type EncryptionOptions, onboardingDataConverter } from './encryption.js';
import { OnboardingError } from './errors.js';
import { OnboardingClient } from './onboarding-client.js';
import type { OnboardingClientOptions } from './options.js';
import { BatchSchedules } from './schedules.js';

export interface ConnectOptions extends OnboardingClientOptions, Pick<EncryptionOptions, 'keyProvider'> {}

/** An `OnboardingClient` with a connection of its own. */
export interface ConnectedOnboardingClient {
  readonly client: OnboardingClient;
  /** Closes the connection. */
  close(): Promise<void>;
}

/** What batches are started, followed and scheduled with, on a connection of its own. */
export interface ConnectedBatchClient {
  readonly batches: BatchClient;
  readonly schedules: BatchSchedules;
  /** Closes the connection. */
  close(): Promise<void>;
}

export interface ConnectBatchOptions extends BatchClientOptions, Pick<EncryptionOptions, 'keyProvider'> {}

const connectTemporal = async ({ timeoutMs, keyProvider }: ConnectBatchOptions): Promise<Client> => {
  const { connectionOptions, namespace = 'default' } = loadClientConnectConfig();
  const dataConverter = await onboardingDataConverter({
    namespace,
    ...(keyProvider === undefined ? {} : { keyProvider }),
  });
  const connection = await Connection.connect({
    ...connectionOptions,
    ...(timeoutMs === undefined ? {} : { connectTimeout: timeoutMs }),
  }).catch((error: unknown) => {
    const message = `Temporal at ${connectionOptions.address ?? 'its default address'} could not be reached`;
    throw new OnboardingError('Unavailable', message, { cause: error });
  });
  return new Client({ connection, namespace, dataConverter });
};

/**
 * Connects to Temporal as its environment says (`TEMPORAL_ADDRESS`, `TEMPORAL_NAMESPACE`, `TEMPORAL_API_KEY`, `TEMPORAL_TLS…`, or a
 * profile of its configuration file) and answers with a client.
 *
 * @throws OnboardingError `EncryptionKeys` where there are no encryption keys, or wrong ones; `Unavailable` where Temporal cannot be
 * reached.
 */
export const connectOnboardingClient = async (options: ConnectOptions): Promise<ConnectedOnboardingClient> => {
  const temporal = await connectTemporal(options);
  return { client: new OnboardingClient(temporal, options), close: () => temporal.connection.close() };
};

/** The same for batches, which need no contact key. */
export const connectBatchClient = async (options: ConnectBatchOptions = {}): Promise<ConnectedBatchClient> => {
  const temporal = await connectTemporal(options);
  return {
    batches: new BatchClient(temporal, options),
    schedules: new BatchSchedules(temporal, options),
    close: () => temporal.connection.close(),
  };
};
