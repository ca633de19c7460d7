import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { SEARCH_ATTRIBUTES } from '../../../contract/search-attributes.js';
import type { Opened } from '../../processes/opened.js';
import { freePort, showProgress, startDevServer, startPostgres, startProductionServer } from '../../servers/index.js';

/** Temporal's production server on PostgreSQL, or its development server on SQLite. */
export type ServerKind = 'production' | 'development';

export interface TemporalServer {
  readonly address: string;
  readonly namespace: string;
  readonly pid: () => number;
  /** Returns the size of its databases on disk. */
  readonly databaseBytes: () => Promise<number>;
  /** Returns the URL of a database of another system, and creates it if it is missing. Production server only. */
  readonly databaseUrl?: (name: string) => Promise<string>;
}

type Progress = ReturnType<typeof showProgress>['progress'];

const searchAttributes = Object.values(SEARCH_ATTRIBUTES);

const startProduction = async (opened: Opened, progress: Progress): Promise<TemporalServer> => {
  const postgres = opened.add(await startPostgres({ progress }));
  const server = opened.add(await startProductionServer({ postgres, headless: true, searchAttributes, progress }));
  return {
    address: server.address,
    namespace: server.namespace,
    pid: server.pid,
    databaseBytes: async () => {
      const [bytes] = await postgres.query('postgres', 'SELECT sum(pg_database_size(oid)) FROM pg_database');
      return Number(bytes);
    },
    databaseUrl: async (name) => {
      await postgres.createDatabase(name);
      return postgres.url(name);
    },
  };
};

const startDevelopment = async (opened: Opened, folder: string, progress: Progress): Promise<TemporalServer> => {
  const dbFile = join(folder, 'temporal.db');
  const port = await freePort();
  const server = opened.add(await startDevServer({ headless: true, port, dbFile, searchAttributes, progress }));
  return {
    address: server.address,
    namespace: server.namespace,
    pid: () => server.pid,
    databaseBytes: async () => {
      const files = [dbFile, `${dbFile}-wal`];
      const sizes = await Promise.all(files.map((file) => stat(file).then(({ size }) => size)));
      return sizes.reduce((sum, size) => sum + size, 0);
    },
  };
};

/** Starts the server. The first start of the production server builds it, which takes minutes. */
export const startTemporalServer = async (
  kind: ServerKind,
  opened: Opened,
  folder: string,
): Promise<TemporalServer> => {
  const { progress, done } = showProgress();
  try {
    return await (kind === 'production'
      ? startProduction(opened, progress)
      : startDevelopment(opened, folder, progress));
  } finally {
    done();
  }
};
