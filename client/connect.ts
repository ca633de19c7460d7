import { Client, Connection } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { type EncryptionOptions, onboardingDataConverter } from './encryption.js';
import { OnboardingError } from './errors.js';
import { OnboardingClient, type OnboardingClientOptions } from './onboarding-client.js';

export interface ConnectOptions extends OnboardingClientOptions, Pick<EncryptionOptions, 'keyProvider'> {}

/** An `OnboardingClient` with a connection of its own. */
export interface ConnectedOnboardingClient {
  readonly client: OnboardingClient;
  /** Closes the connection. */
  close(): Promise<void>;
}

/**
 * Connects to Temporal as its environment says (`TEMPORAL_ADDRESS`, `TEMPORAL_NAMESPACE`, `TEMPORAL_API_KEY`, `TEMPORAL_TLS…`, or a
 * profile of its configuration file) and answers with a client.
 *
 * @throws OnboardingError `EncryptionKeys` where there are no encryption keys, or wrong ones; `Unavailable` where Temporal cannot be
 * reached.
 */
export const connectOnboardingClient = async (options: ConnectOptions): Promise<ConnectedOnboardingClient> => {
  const { connectionOptions, namespace = 'default' } = loadClientConnectConfig();
  const { timeoutMs, keyProvider } = options;
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
  const temporal = new Client({ connection, namespace, dataConverter });
  return { client: new OnboardingClient(temporal, options), close: () => connection.close() };
};
