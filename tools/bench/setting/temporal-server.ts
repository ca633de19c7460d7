import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { SEARCH_ATTRIBUTES } from '../../../contract/search-attributes.js';
import { freePort, showProgress, startDevServer, startPostgres, startProductionServer } from '../../servers/index.js';
import type { Opened } from './opened.js';

/** Which Temporal server: the production server on PostgreSQL, or the development server on SQLite. */
export type ServerKind = 'production' | 'development';

export interface TemporalServer {
  readonly address: string;
  readonly namespace: string;
  readonly pid: () => number;
  /** What its databases take on the disk. */
  readonly databaseBytes: () => Promise<number>;
  /** Where its metrics are, for Prometheus; the development server has none. */
  readonly metricsUrl?: string;
  /** Where a database of this name is found, for others that are measured beside it; made if it is not there. Production only. */
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
    metricsUrl: server.metricsUrl,
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

/** Builds it first, where that has not been done: the production server takes minutes. */
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
