import { execa } from 'execa';
import type { Postgres } from './postgres.js';

/** The databases of the Temporal server's stores, and their schemas in the SQL tool. */
export const STORES = {
  default: { database: 'temporal', schema: 'postgresql/v12/temporal' },
  visibility: { database: 'temporal_visibility', schema: 'postgresql/v12/visibility' },
} as const;

export const PLUGIN = 'postgres12';

type Store = (typeof STORES)[keyof typeof STORES];

const setUp = async (sqlTool: string, postgres: Postgres, { database, schema }: Store): Promise<void> => {
  await postgres.createDatabase(database);
  const tool = (args: readonly string[]) => {
    const { hostname, port, username } = new URL(postgres.url(database));
    const where = [
      '--plugin',
      PLUGIN,
      '--endpoint',
      hostname,
      '--port',
      port,
      '--user',
      username,
      '--database',
      database,
    ];
    return execa(sqlTool, [...where, ...args]);
  };
  const [isSetUp] = await postgres.query(database, "SELECT to_regclass('schema_version') IS NOT NULL");
  if (isSetUp !== 't') await tool(['setup-schema', '--version', '0.0']);
  await tool(['update-schema', '--schema-name', schema]);
};

/** Creates the databases of a Temporal server, or updates their schema to the SQL tool's version. */
export const setUpStores = async (sqlTool: string, postgres: Postgres): Promise<void> => {
  await Promise.all(Object.values(STORES).map((store) => setUp(sqlTool, postgres, store)));
};
