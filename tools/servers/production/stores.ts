import { execa } from 'execa';
import { flags } from '../processes.js';
import type { Postgres } from './postgres.js';

/**
 * The Temporal server's stores: their databases, their schemas in the SQL tool, and the connections of each service.
 * The four services together must stay below PostgreSQL's `MAX_CONNECTIONS`. On a machine with few cores, more
 * connections only wait for each other inside PostgreSQL.
 */
const STORES = {
  default: { database: 'temporal', schema: 'postgresql/v12/temporal', connections: 20 },
  visibility: { database: 'temporal_visibility', schema: 'postgresql/v12/visibility', connections: 8 },
} as const;

const PLUGIN = 'postgres12';

/** Creates the configuration of the stores in the PostgreSQL server at an address. */
export const datastores = (connectAddr: string) =>
  Object.fromEntries(
    Object.entries(STORES).map(([store, { database, connections }]) => {
      const pool = { maxConns: connections, maxIdleConns: connections, maxConnLifetime: '1h' };
      const sql = { pluginName: PLUGIN, databaseName: database, connectAddr, connectProtocol: 'tcp', user: 'postgres' };
      return [store, { sql: { ...sql, ...pool } }];
    }),
  );

/** Creates the databases of a Temporal server, or updates their schema to the SQL tool's version. */
export const setUpStores = async (sqlTool: string, postgres: Postgres): Promise<void> => {
  const setUp = async ({ database, schema }: (typeof STORES)[keyof typeof STORES]) => {
    await postgres.createDatabase(database);
    const { hostname, port, username } = new URL(postgres.url(database));
    const target = flags({ plugin: PLUGIN, endpoint: hostname, port, user: username, database });
    const [isSetUp] = await postgres.query(database, "SELECT to_regclass('schema_version') IS NOT NULL");
    if (isSetUp !== 't') await execa(sqlTool, [...target, 'setup-schema', '--version', '0.0']);
    await execa(sqlTool, [...target, 'update-schema', '--schema-name', schema]);
  };
  await Promise.all(Object.values(STORES).map(setUp));
};
