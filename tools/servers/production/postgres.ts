import { chown, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { execa } from 'execa';
import { exists } from '../cache.js';
import { steadyPorts } from '../ports.js';
import { type ServerProcess, startProcess } from '../processes.js';
import { startServing } from '../serving.js';
import type { Progress } from '../ways.js';
import { killWithChildren } from './killing.js';
import { findPostgres, type Owner, type PostgresCommand, postgresOwner } from './postgres-executables.js';

export interface PostgresOptions {
  /** Where it listens. Default: a free port. */
  readonly port?: number;
  /** Where its data and its log are kept. Default: a temporary folder, which goes when it is stopped. */
  readonly dataFolder?: string;
  readonly progress?: Progress;
}

/** A PostgreSQL server of our own, on the loopback interface, whose user `postgres` needs no password. */
export interface Postgres {
  readonly port: number;
  /** What it says is in `postgres.log` there. */
  readonly dataFolder: string;
  /** Where a client finds this database. */
  url(database: string): string;
  /** Does nothing where it is there already. */
  createDatabase(name: string): Promise<void>;
  /** What a query answers, unaligned: a line for each row, `|` between its columns. */
  query(database: string, sql: string): Promise<readonly string[]>;
  /** The postmaster's. */
  pid(): number;
  /** Ends all its processes at once, as a crash of the machine's PostgreSQL would. What was committed is there after the next start. */
  kill(): Promise<void>;
  /** Again, on the same port and data. Answers when it serves. */
  start(): Promise<void>;
  /** Stops it, whoever is still connected. */
  stop(): Promise<void>;
}

const SUPERUSER = 'postgres';

/** A shutdown writes all that is in memory only: that takes longer than any other server's. */
const STOP_WITHIN_MS = 30_000;

const MAX_CONNECTIONS = 150;

/**
 * What differs from PostgreSQL's defaults, and what must not. Figures that are measured with these are those of a database that loses
 * nothing; what is tuned is what a machine of a few cores and gigabytes can bear.
 */
const SETTINGS = {
  // A commit is on the disk before it is answered. These are the defaults: they are here so that nobody wonders.
  fsync: 'on',
  synchronous_commit: 'on',
  full_page_writes: 'on',
  // The Temporal server has a pool of connections for each of its four services and both of its stores.
  max_connections: String(MAX_CONNECTIONS),
  // The default of 128 MB is small for the histories of a long run; more would take from the page cache.
  shared_buffers: '512MB',
  // Pages are written whole into the log once after each checkpoint: at a gigabyte, or five minutes, they come too often under load.
  // Recovery after a crash has this much to read at most, which takes seconds.
  max_wal_size: '2GB',
  checkpoint_timeout: '10min',
  // All of Temporal's queries are short: compiling them never pays.
  jit: 'off',
  // Queues are tables whose rows live for seconds. The default minute lets them fill with dead rows.
  autovacuum_naptime: '15s',
  // No socket in the file system: its folder may not be ours to write to.
  unix_socket_directories: '',
  listen_addresses: '127.0.0.1',
} as const;

const HOST_ARGUMENTS = (port: number) => ['-h', '127.0.0.1', '-p', String(port), '-U', SUPERUSER];

/** Makes the data folder, if there are no data yet. */
const initialise = async (bin: string, folder: string, owner: Owner | undefined): Promise<void> => {
  await mkdir(folder, { recursive: true });
  if (owner !== undefined) await chown(folder, owner.uid, owner.gid);
  if (await exists(join(folder, 'data', 'PG_VERSION'))) return;
  // C compares bytes, the fastest of all, and every system has it.
  const locale = ['--encoding=UTF8', '--locale=C'];
  // Without waiting for the disk: of a database that is still empty nothing can be lost to a crash of its processes.
  const args = ['-D', join(folder, 'data'), '-U', SUPERUSER, '--auth=trust', '--no-sync', ...locale];
  await execa(join(bin, 'initdb'), args, { cwd: folder, ...owner });
};

/** Starts PostgreSQL, on new data or on what is in `dataFolder`. Answers when it serves. */
export const startPostgres = async (options: PostgresOptions = {}): Promise<Postgres> => {
  const bin = await findPostgres(options.progress ?? (() => undefined));
  const command = (name: PostgresCommand) => join(bin, name);
  const owner = await postgresOwner();
  const [freePort = 0] = await steadyPorts(1);
  const { port = freePort } = options;
  const folder = resolve(options.dataFolder ?? (await mkdtemp(join(tmpdir(), 'verifik-onboarding-postgres-'))));
  const data = join(folder, 'data');
  const settings = Object.entries(SETTINGS).flatMap(([name, value]) => ['-c', `${name}=${value}`]);

  const query = async (database: string, sql: string): Promise<readonly string[]> => {
    const args = [...HOST_ARGUMENTS(port), '-d', database, '-XAtq', '-v', 'ON_ERROR_STOP=1', '-c', sql];
    const { stdout } = await execa(command('psql'), args);
    return stdout === '' ? [] : stdout.split('\n');
  };
  // Another's server may listen on this port, where ours ends for that.
  const serves = async (): Promise<boolean> => {
    const [folderOfData] = await query('postgres', 'SHOW data_directory').catch(() => []);
    return folderOfData === data;
  };
  const start = async (): Promise<ServerProcess> => {
    await initialise(bin, folder, owner);
    const args = ['-D', data, '-p', String(port), ...settings];
    const child = startProcess(command('postgres'), args, {
      logFile: join(folder, 'postgres.log'),
      stopSignal: 'SIGINT',
      stopWithinMs: STOP_WITHIN_MS,
      ...(owner === undefined ? {} : { owner }),
    });
    return startServing('PostgreSQL', child, serves);
  };
  const discard = async (): Promise<void> => {
    if (options.dataFolder === undefined) await rm(folder, { recursive: true, force: true });
  };

  let server = await start().catch(async (error: unknown) => {
    await discard();
    throw error;
  });
  return {
    port,
    dataFolder: folder,
    url: (database) => `postgres://${SUPERUSER}@127.0.0.1:${port}/${encodeURIComponent(database)}`,
    query,
    createDatabase: async (name) => {
      if ((await query('postgres', 'SELECT datname FROM pg_database')).includes(name)) return;
      await query('postgres', `CREATE DATABASE "${name.replaceAll('"', '""')}"`);
    },
    pid: () => server.pid,
    kill: () => killWithChildren(server),
    start: async () => {
      server = await start();
    },
    stop: async () => {
      await server.stop();
      await discard();
    },
  };
};
