import { resolve } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { onboardingDataConverter } from '../../client/index.js';
import { registerSearchAttributes } from '../../client/search-attributes.js';
import type { KeyProvider } from '../../codec/index.js';
import { SEARCH_ATTRIBUTES } from '../../contract/search-attributes.js';
import { showProgress, startDevServer } from '../servers/index.js';

export interface Temporal {
  readonly address: string;
  readonly namespace: string;
  readonly uiUrl?: string;
  /** Stops the server if this process started it. */
  readonly stop: () => Promise<void>;
}

const connectExisting = async (address: string): Promise<Temporal> => {
  const { connectionOptions, namespace = 'default' } = loadClientConnectConfig();
  const connection = await Connection.connect(connectionOptions);
  try {
    await registerSearchAttributes(connection, namespace);
  } finally {
    await connection.close();
  }
  return { address, namespace, stop: async () => undefined };
};

/**
 * Connects to the server at `TEMPORAL_ADDRESS`, or starts a development server with its UI. `dbFile` keeps its data.
 */
export const connectTemporal = async (dbFile?: string): Promise<Temporal> => {
  const address = process.env['TEMPORAL_ADDRESS'];
  if (address) return connectExisting(address);
  const { progress, done } = showProgress();
  try {
    return await startDevServer({
      progress,
      searchAttributes: Object.values(SEARCH_ATTRIBUTES),
      ...(dbFile === undefined ? {} : { dbFile: resolve(dbFile) }),
    });
  } finally {
    done();
  }
};

/** Connects to a server with the encryption of onboardings. The caller closes the client's connection. */
export const connectClient = async (
  { address, namespace }: Pick<Temporal, 'address' | 'namespace'>,
  keyProvider: KeyProvider,
): Promise<Client> => {
  const dataConverter = await onboardingDataConverter({ namespace, keyProvider });
  return new Client({ connection: await Connection.connect({ address }), namespace, dataConverter });
};
