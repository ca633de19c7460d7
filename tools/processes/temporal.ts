import { resolve } from 'node:path';
import { Connection } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { SEARCH_ATTRIBUTES } from '../../contract/search-attributes.js';
import { registerSearchAttributes } from '../../worker/setup.js';
import { showProgress, startDevServer } from '../servers/index.js';

/** The Temporal server that the demo uses. */
export interface Temporal {
  readonly address: string;
  readonly namespace: string;
  readonly uiUrl?: string;
  /** Stops it, if it is ours. */
  readonly stop: () => Promise<void>;
}

const given = async (address: string): Promise<Temporal> => {
  const { connectionOptions, namespace = 'default' } = loadClientConnectConfig();
  const connection = await Connection.connect(connectionOptions);
  try {
    await registerSearchAttributes(connection, namespace);
  } finally {
    await connection.close();
  }
  return { address, namespace, stop: async () => undefined };
};

/** The server that `TEMPORAL_ADDRESS` names, or else one of our own: with its UI, and with its data in `dbFile` if there is one. */
export const connectTemporal = async (dbFile?: string): Promise<Temporal> => {
  const address = process.env['TEMPORAL_ADDRESS'];
  if (address !== undefined && address !== '') return given(address);
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
