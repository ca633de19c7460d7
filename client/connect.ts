import { Client, type ClientInterceptors, Connection } from '@temporalio/client';
import { defined } from '../shared/defined.js';
import { temporalConfig } from '../shared/temporal-config.js';
import { BatchClient } from './batches.js';
import type { BatchClientOptions, OnboardingClientOptions } from './calls.js';
import { type EncryptionOptions, onboardingDataConverter } from './encryption.js';
import { endWithConnection } from './ended-calls.js';
import { OnboardingClient } from './onboarding-client.js';
import { retryRequests } from './request-retries.js';
import { BatchSchedules } from './schedules.js';

interface TemporalOptions extends Pick<EncryptionOptions, 'keyProvider'> {
  /** Interceptors of the Temporal client, such as the one of Temporal's library for OpenTelemetry. Default: none. */
  readonly interceptors?: ClientInterceptors;
}

export interface ConnectOptions extends OnboardingClientOptions, TemporalOptions {}

export interface ConnectedOnboardingClient {
  readonly client: OnboardingClient;
  close(): Promise<void>;
}

export interface ConnectedBatchClient {
  readonly batches: BatchClient;
  readonly schedules: BatchSchedules;
  close(): Promise<void>;
}

export interface ConnectBatchOptions extends BatchClientOptions, TemporalOptions {}

/** Reads Temporal's settings, and returns a connection that is opened by the first call. */
export const connectServer = () => {
  const { connectionOptions, namespace } = temporalConfig();
  return {
    connection: Connection.lazy({ ...connectionOptions, interceptors: [retryRequests, endWithConnection] }),
    namespace,
  };
};

const connectTemporal = async ({ keyProvider, interceptors }: TemporalOptions): Promise<Client> => {
  const { connection, namespace } = connectServer();
  const dataConverter = await onboardingDataConverter(defined({ namespace, keyProvider }));
  return new Client({ connection, namespace, dataConverter, ...defined({ interceptors }) });
};

/**
 * Returns a client with the settings of Temporal's environment (`TEMPORAL_ADDRESS`, `TEMPORAL_NAMESPACE`,
 * `TEMPORAL_API_KEY`, `TEMPORAL_TLS…`, or a profile of Temporal's configuration file). It connects at the first call
 * and whenever the connection was lost, so that a backend starts while Temporal is down.
 *
 * @throws OnboardingError `EncryptionKeys` if the encryption keys are missing or wrong; MisconfiguredError if
 * Temporal's settings are.
 */
export const connectOnboardingClient = async (options: ConnectOptions): Promise<ConnectedOnboardingClient> => {
  const temporal = await connectTemporal(options);
  return { client: new OnboardingClient(temporal, options), close: () => temporal.connection.close() };
};

/** Returns the clients of batches in the same way. They need no contact key. */
export const connectBatchClient = async (options: ConnectBatchOptions = {}): Promise<ConnectedBatchClient> => {
  const temporal = await connectTemporal(options);
  return {
    batches: new BatchClient(temporal, options),
    schedules: new BatchSchedules(temporal, options),
    close: () => temporal.connection.close(),
  };
};
