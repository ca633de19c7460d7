import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Progress } from '../finding.js';
import { steadyPorts } from '../ports.js';
import { type ServerProcess, startProcess } from '../processes.js';
import { type SearchAttribute, startServing } from '../serving.js';
import { type DynamicValue, dynamicConfiguration, PORTS, portsFrom, serverConfiguration } from './configuration.js';
import { findTemporalServer, findTemporalSqlTool } from './executables.js';
import type { Postgres } from './postgres.js';
import { frontendResponds, register, servesWithVisibility } from './registration.js';
import { setUpStores } from './schema.js';
import { startUiServer } from './ui-server.js';

export interface ProductionServerOptions {
  /** The database server. The caller stops it. */
  readonly postgres: Postgres;
  readonly namespace?: string;
  readonly searchAttributes?: readonly SearchAttribute[];
  readonly headless?: boolean;
  /** Changes to the dynamic configuration, such as `{'limit.maxIDLength': 255}`. */
  readonly dynamicConfig?: Readonly<Record<string, DynamicValue>>;
  /** The address of PostgreSQL, if not direct: a fault-injecting proxy, such as `127.0.0.1:5433`. */
  readonly databaseAddress?: string;
  readonly frontendPort?: number;
  /** Fixed by the first start on a database. Default 8. */
  readonly numHistoryShards?: number;
  /** The folder of the configuration and the log. Default: a temporary folder that is deleted on `stop`. */
  readonly folder?: string;
  readonly progress?: Progress;
}

/** A Temporal server on PostgreSQL, with all four services in one process. */
export interface ProductionServer {
  readonly address: string;
  readonly namespace: string;
  readonly uiUrl?: string;
  readonly metricsUrl: string;
  /** Also contains the log, `temporal-server.log`. */
  readonly folder: string;
  pid(): number;
  /** Sends SIGKILL. */
  kill(): Promise<void>;
  /** Restarts it on the same ports and data, and resolves when it serves. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

/**
 * The writes of one shard are sequential, so more shards allow more concurrency. Each shard costs memory and database
 * reads.
 */
const HISTORY_SHARDS = 8;

const writeConfiguration = async (
  folder: string,
  configuration: Omit<Parameters<typeof serverConfiguration>[0], 'dynamicConfigFile'>,
  dynamicConfig: Readonly<Record<string, DynamicValue>>,
): Promise<string> => {
  const dynamicConfigFile = join(folder, 'dynamic.yaml');
  const file = join(folder, 'temporal.yaml');
  const write = (path: string, value: unknown) => writeFile(path, JSON.stringify(value, undefined, 2));
  await write(dynamicConfigFile, dynamicConfiguration(dynamicConfig));
  await write(file, serverConfiguration({ ...configuration, dynamicConfigFile }));
  return file;
};

const folderOf = async ({ folder }: ProductionServerOptions): Promise<string> => {
  if (folder === undefined) return mkdtemp(join(tmpdir(), 'verifik-onboarding-temporal-'));
  await mkdir(folder, { recursive: true });
  return folder;
};

/** Sets up the databases, starts the server, and resolves when it serves the namespace. */
export const startProductionServer = async (options: ProductionServerOptions): Promise<ProductionServer> => {
  const { postgres, progress = () => undefined, namespace = 'default', searchAttributes = [] } = options;
  const executable = await findTemporalServer(progress);
  await setUpStores(await findTemporalSqlTool(progress), postgres);
  const ports = portsFrom(await steadyPorts(PORTS), options.frontendPort);
  const folder = await folderOf(options);
  const { databaseAddress = `127.0.0.1:${postgres.port}`, numHistoryShards = HISTORY_SHARDS } = options;
  const configuration = { ports, databaseAddress, numHistoryShards };
  const file = await writeConfiguration(folder, configuration, options.dynamicConfig ?? {});
  const address = `127.0.0.1:${ports.grpc.frontend}`;

  const start = async (isServing: () => Promise<boolean>): Promise<ServerProcess> => {
    const args = ['--config-file', file, '--allow-no-auth', 'start'];
    const child = startProcess(executable, args, { logFile: join(folder, 'temporal-server.log') });
    return startServing('The Temporal server', child, isServing);
  };
  const isServing = () => servesWithVisibility(address, namespace, searchAttributes);

  /** Registers the namespace on the first start. Later starts have it in the database. */
  const startAndRegister = async () => {
    const server = await start(() => frontendResponds(address));
    try {
      await register(address, namespace, searchAttributes);
      await startServing('The Temporal server', server, isServing);
      const ui = options.headless === true ? undefined : await startUiServer(address, namespace, folder, progress);
      return { server, ui };
    } catch (error) {
      await server.kill();
      throw error;
    }
  };

  const { ui, ...first } = await startAndRegister();
  let { server } = first;
  return {
    address,
    namespace,
    ...(ui === undefined ? {} : { uiUrl: ui.url }),
    metricsUrl: `http://127.0.0.1:${ports.metrics}/metrics`,
    folder,
    pid: () => server.pid,
    kill: () => server.kill(),
    start: async () => {
      server = await start(isServing);
    },
    stop: async () => {
      await ui?.stop();
      await server.stop();
      if (options.folder === undefined) await rm(folder, { recursive: true, force: true });
    },
  };
};
