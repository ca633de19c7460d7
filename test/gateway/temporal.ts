import { Client, Connection } from '@temporalio/client';
import { REPEATED_UNTIL_CLOSED } from '../../client/calls/ended-calls.js';
import { encryptingDataConverter, openKeyRing } from '../../codec/index.js';
import { SEARCH_ATTRIBUTES } from '../../contract/search-attributes.js';
import { type DevServer, freePort, startDevServer } from '../../tools/servers/index.js';
import { keysOfTests } from '../support/encryption-keys.js';

/** A Temporal server without workers and onboardings. */
export interface TemporalAlone {
  readonly temporal: Client;
  readonly server: DevServer;
  close(): Promise<void>;
}

export const openTemporal = async (): Promise<TemporalAlone> => {
  const server = await startDevServer({
    // The server of another test file may use the default port.
    port: await freePort(),
    headless: true,
    searchAttributes: Object.values(SEARCH_ATTRIBUTES),
  });
  const connection = await Connection.connect({ address: server.address, ...REPEATED_UNTIL_CLOSED });
  const dataConverter = encryptingDataConverter({ keys: await openKeyRing(keysOfTests), namespace: server.namespace });
  return {
    temporal: new Client({ connection, namespace: server.namespace, dataConverter }),
    server,
    close: async () => {
      await connection.close();
      await server.kill();
    },
  };
};
