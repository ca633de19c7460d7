import { chown, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { execa } from 'execa';
import { exists } from '../cache.js';
import { freePort } from '../ports.js';
import { type ServerProcess, startProcess } from '../processes.js';
import type { Progress } from '../progress.js';
import { startServing } from '../serving.js';
import { killWithChildren } from './killing.js';
import { findPostgres, type PostgresCommand, postgresOwner } from './postgres-executables.js';

export interface PostgresOptions {
  readonly port?: number;
  /** The folder of the data and the log. Default: a temporary folder that is deleted on `stop`. */
  readonly dataFolder?: string;
  readonly progress?: Progress;
}

/** A PostgreSQL server on the loopback interface. Its user `postgres` needs no password. */
export interface Postgres {
  readonly port: number;
  /** Also contains the log, `postgres.log`. */
  readonly dataFolder: string;
  url(database: string): string;
  createDatabase(name: string): Promise<void>;
  /** Runs a query. Each row is a line, with `|` between its columns. */
  query(database: string, sql: string): Promise<readonly string[]>;
  /** Kills all its processes, as a crash would. Committed data is there after the next start. */
  kill(): Promise<void>;
  /** Restarts it on the same port and data, and resolves when it serves. */
  start(): Promise<void>;
  /** Stops it, even with open connections. */
  stop(): Promise<void>;
}

const SUPERUSER = 'postgres';

/** PostgreSQL writes its buffers to the disk on shutdown, which takes longer than the default time to stop. */
const STOP_WITHIN_MS = 30_000;

const MAX_CONNECTIONS = 150;

/** Tuned for a machine with few cores and gigabytes, without giving up durability. */
const SETTINGS = {
  // PostgreSQL's defaults, repeated to show that commits are durable.
  fsync: 'on',
  synchronous_commit: 'on',
  full_page_writes: 'on',
  // The Temporal server has one connection pool per service and store.
  max_connections: String(MAX_CONNECTIONS),
  // The default of 128 MB is small for the histories of a long run. More would take memory from the page cache.
  shared_buffers: '512MB',
  // After each checkpoint, PostgreSQL writes whole pages to the log once. With the defaults of 1 GB and 5 min, that is
  // too often under load. Recovery after a crash still takes seconds.
  max_wal_size: '2GB',
  checkpoint_timeout: '10min',
  // All of Temporal's queries are short, so compiling them does not pay off.
  jit: 'off',
  // Queues are tables whose rows live for seconds. With the default of 1 min they fill up with dead rows.
  autovacuum_naptime: '15s',
  // No Unix socket, because its default folder may not be writable.
  unix_socket_directories: '',
  listen_addresses: '127.0.0.1',
} as const;

/** Starts PostgreSQL on new data or on the data in `dataFolder`. Resolves when it serves. */
export const startPostgres = async (options: PostgresOptions = {}): Promise<Postgres> => {
  const bin = await findPostgres(options.progress ?? (() => undefined));
  const command = (name: PostgresCommand) => join(bin, name);
  const owner = await postgresOwner();
  const port = options.port ?? (await freePort());
  const folder = resolve(options.dataFolder ?? (await mkdtemp(join(tmpdir(), 'verifik-onboarding-postgres-'))));
  const data = join(folder, 'data');

  const query = async (database: string, sql: string): Promise<readonly string[]> => {
    const connection = ['-h', '127.0.0.1', '-p', String(port), '-U', SUPERUSER, '-d', database];
    const args = [...connection, '-XAtq', '-v', 'ON_ERROR_STOP=1', '-c', sql];
    const { stdout } = await execa(command('psql'), args);
    return stdout === '' ? [] : stdout.split('\n');
  };
  const initialise = async (): Promise<void> => {
    await mkdir(folder, { recursive: true });
    if (owner.uid !== undefined && owner.gid !== undefined) await chown(folder, owner.uid, owner.gid);
    if (await exists(join(data, 'PG_VERSION'))) return;
    // The C locale compares bytes, which is fastest, and exists on every system.
    const locale = ['--encoding=UTF8', '--locale=C'];
    // --no-sync skips fsync: an empty cluster has nothing to lose.
    const args = ['-D', data, '-U', SUPERUSER, '--auth=trust', '--no-sync', ...locale];
    await execa(command('initdb'), args, { cwd: folder, ...owner });
  };
  const start = async (): Promise<ServerProcess> => {
    await initialise();
    const settings = Object.entries(SETTINGS).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    const child = startProcess(command('postgres'), ['-D', data, '-p', String(port), ...settings], {
      logFile: join(folder, 'postgres.log'),
      stopSignal: 'SIGINT',
      stopWithinMs: STOP_WITHIN_MS,
      ...owner,
    });
    // Another server may listen on this port. This one then exits, and the other must not be mistaken for it.
    return startServing('PostgreSQL', child, async () => (await query('postgres', 'SHOW data_directory'))[0] === data);
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
