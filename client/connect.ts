import { Client, Connection } from '@temporalio/client';
import { defined } from '../shared/defined.js';
import { temporalConfig } from '../shared/temporal-config.js';
import { readArgument } from './arguments.js';
import { BatchClient } from './batches/batches.js';
import { BatchSchedules } from './batches/schedules.js';
import { endWithConnection } from './calls/ended-calls.js';
import { retryRequests } from './calls/request-retries.js';
import { onboardingDataConverter } from './encryption.js';
import { OnboardingClient } from './onboarding-client.js';
import {
  ConnectBatchFields,
  type ConnectBatchOptions,
  ConnectFields,
  type ConnectOptions,
  type TemporalOptions,
} from './options.js';

export interface ConnectedOnboardingClient {
  readonly client: OnboardingClient;
  close(): Promise<void>;
}

export interface ConnectedBatchClient {
  readonly batches: BatchClient;
  readonly schedules: BatchSchedules;
  close(): Promise<void>;
}

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
 * @throws OnboardingError `InvalidRequest` if an option is wrong, `EncryptionKeys` if the encryption keys are missing
 * or wrong; MisconfiguredError if Temporal's settings are.
 */
export const connectOnboardingClient = async (options: ConnectOptions): Promise<ConnectedOnboardingClient> => {
  const { keyProvider, interceptors, ...own } = readArgument('options', ConnectFields, options);
  const temporal = await connectTemporal(defined({ keyProvider, interceptors }));
  return { client: new OnboardingClient(temporal, own), close: () => temporal.connection.close() };
};

/** Returns the clients of batches in the same way. They need no contact key. */
export const connectBatchClient = async (options: ConnectBatchOptions = {}): Promise<ConnectedBatchClient> => {
  const { keyProvider, interceptors, ...own } = readArgument('options', ConnectBatchFields, options);
  const temporal = await connectTemporal(defined({ keyProvider, interceptors }));
  return {
    batches: new BatchClient(temporal, own),
    schedules: new BatchSchedules(temporal, own),
    close: () => temporal.connection.close(),
  };
};
