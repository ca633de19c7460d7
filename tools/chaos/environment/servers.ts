import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SEARCH_ATTRIBUTES } from '../../../contract/search-attributes.js';
import {
  type DevServer,
  type Postgres,
  type ProductionServer,
  showProgress,
  startDevServer,
  startPostgres,
  startProductionServer,
  steadyPorts,
} from '../../servers/index.js';
import type { Place } from '../judging/searching.js';
import type { Links } from './links.js';

/** A Temporal server that can be killed and restarted with its data. */
export interface Temporal {
  readonly address: string;
  readonly namespace: string;
  killServer(): Promise<void>;
  startServer(): Promise<void>;
  /** The database process, if it is separate. */
  readonly database?: { kill(): Promise<void>; start(): Promise<void> };
  /** The logs of the server and its database. */
  readonly logs: readonly Place[];
  /** Writes the uncompressed contents of the database into the folder, and returns the files. May stop the server. */
  dump(folder: string): Promise<readonly string[]>;
  close(): Promise<void>;
}

export const SERVERS = ['production', 'dev'] as const;

export type ServerName = (typeof SERVERS)[number];

const searchAttributes = Object.values(SEARCH_ATTRIBUTES);

const openDevelopmentServer = async (folder: string): Promise<Temporal> => {
  const dbFile = join(folder, 'temporal.db');
  const [port = 0] = await steadyPorts(1);
  const logFile = join(folder, 'temporal-server.log');
  const start = () => startDevServer({ port, dbFile, logFile, headless: true, searchAttributes });
  let server: DevServer = await start();
  return {
    address: server.address,
    namespace: server.namespace,
    killServer: () => server.kill(),
    startServer: async () => {
      server = await start();
    },
    logs: [{ where: 'the log of Temporal', file: logFile, marker: 'Server:' }],
    dump: async (into) => {
      // A stop would merge the write-ahead log into the database file.
      await server.kill();
      const copies = ['', '-wal'].map((suffix) => ({ from: `${dbFile}${suffix}`, to: join(into, `sqlite${suffix}`) }));
      for (const { from, to } of copies) await copyFile(from, to);
      return copies.map(({ to }) => to);
    },
    close: () => server.kill(),
  };
};

/** Copies every table to a file in PostgreSQL's data folder, neither compressed nor in hexadecimal. */
const dumpTables = async (postgres: Postgres): Promise<readonly string[]> => {
  const files: string[] = [];
  const databases = await postgres.query(
    'postgres',
    "SELECT datname FROM pg_database WHERE NOT datistemplate AND datname <> 'postgres'",
  );
  for (const database of databases) {
    for (const table of await postgres.query(database, "SELECT tablename FROM pg_tables WHERE schemaname = 'public'")) {
      const file = join(postgres.dataFolder, `${database}.${table}.copy`);
      await postgres.query(database, `COPY public."${table}" TO '${file}' WITH BINARY`);
      files.push(file);
    }
  }
  return files;
};

export const productionLogs = ({ folder }: ProductionServer, { dataFolder }: Postgres): readonly Place[] => [
  { where: 'the log of Temporal', file: join(folder, 'temporal-server.log'), marker: 'go.temporal.io/server' },
  { where: 'the log of PostgreSQL', file: join(dataFolder, 'postgres.log'), marker: 'ready to accept connections' },
];

/** Opens the production server, which connects to PostgreSQL through a link. */
const openProductionServer = async (folder: string, links: Links): Promise<Temporal> => {
  const { progress, done } = showProgress();
  const postgres = await startPostgres({ dataFolder: join(folder, 'postgres'), progress }).finally(done);
  const databaseAddress = await links.open('temporalToDatabase', `127.0.0.1:${postgres.port}`);
  const server = await startProductionServer({
    ...{ postgres, progress, searchAttributes, databaseAddress },
    headless: true,
    folder: join(folder, 'temporal'),
  })
    .catch(async (error: unknown) => {
      await postgres.kill();
      throw error;
    })
    .finally(done);
  return {
    address: server.address,
    namespace: server.namespace,
    killServer: () => server.kill(),
    startServer: () => server.start(),
    database: { kill: () => postgres.kill(), start: () => postgres.start() },
    logs: productionLogs(server, postgres),
    dump: async () => dumpTables(postgres),
    close: async () => {
      await server.kill();
      await postgres.kill();
    },
  };
};

/** Opens a server with its data in the folder. */
export const openServer = (name: ServerName, folder: string, links: Links): Promise<Temporal> =>
  name === 'production' ? openProductionServer(folder, links) : openDevelopmentServer(folder);
