import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { steadyPorts } from '../ports.js';
import { type ServerProcess, startProcess } from '../processes.js';
import { type SearchAttribute, startServing } from '../serving.js';
import type { Progress } from '../ways.js';
import { type DynamicValue, dynamicConfiguration, PORTS, portsFrom, serverConfiguration } from './configuration.js';
import { findTemporalServer, findTemporalSqlTool } from './executables.js';
import type { Postgres } from './postgres.js';
import { answers, register, servesWithVisibility } from './registration.js';
import { setUpStores } from './schema.js';
import { startUiServer } from './ui-server.js';

export interface ProductionServerOptions {
  /** Where it keeps everything. It stays ours to stop. */
  readonly postgres: Postgres;
  readonly namespace?: string;
  readonly searchAttributes?: readonly SearchAttribute[];
  /** Without the UI. */
  readonly headless?: boolean;
  /** Changes to the server's dynamic configuration, such as `{'limit.maxIDLength': 255}`. */
  readonly dynamicConfig?: Readonly<Record<string, DynamicValue>>;
  /** Where it reaches PostgreSQL, if not directly: such as `127.0.0.1:5433` of a proxy that makes faults. */
  readonly databaseAddress?: string;
  /** Where it listens for gRPC. Default: a free port. */
  readonly frontendPort?: number;
  /** Fixed with the first start on a database. Default 8. */
  readonly numHistoryShards?: number;
  /** Where its configuration and its log are kept. Default: a temporary folder, which goes when it is stopped. */
  readonly folder?: string;
  readonly progress?: Progress;
}

/** A production Temporal server on PostgreSQL: all four services in one process. */
export interface ProductionServer {
  /** Where it listens for gRPC: `127.0.0.1:7233`. */
  readonly address: string;
  readonly namespace: string;
  /** Absent where it runs headless. */
  readonly uiUrl?: string;
  /** Its metrics, for Prometheus. */
  readonly metricsUrl: string;
  /** What it says is in `temporal-server.log` there. */
  readonly folder: string;
  pid(): number;
  /** Ends it at once, as a crash would. */
  kill(): Promise<void>;
  /** Again, on the same ports and data. Answers when it serves. */
  start(): Promise<void>;
  /** Stops it, and its UI. */
  stop(): Promise<void>;
}

/**
 * A shard's writes go one after another, so that more of them let more workflows go on at the same time; each costs memory and reads
 * of its own.
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

/** Sets up the server's databases where they are not there yet, starts it, and answers when it serves the namespace. */
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

  /** The first start on these databases, or one like it: what is registered already stays. */
  const startAndRegister = async () => {
    const server = await start(() => answers(address));
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
