import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findTemporalServer, findTemporalSqlTool, findTemporalUiServer } from '../executables.js';
import { freePort } from '../ports.js';
import { flags, type ServerProcess, startProcess } from '../processes.js';
import type { Progress } from '../progress.js';
import { answersWell, type SearchAttribute, startServing } from '../serving.js';
import { type DynamicConfig, dynamicConfiguration, reservePorts, serverConfiguration } from './configuration.js';
import type { Postgres } from './postgres.js';
import { register } from './registration.js';
import { setUpStores } from './stores.js';

export interface ProductionServerOptions {
  /** The database server. The caller stops it. */
  readonly postgres: Postgres;
  readonly namespace?: string;
  readonly searchAttributes?: readonly SearchAttribute[];
  readonly headless?: boolean;
  /** Changes to the dynamic configuration, such as `{'limit.maxIDLength': 255}`. */
  readonly dynamicConfig?: DynamicConfig;
  /** The address of PostgreSQL, if not direct: a fault-injecting proxy, such as `127.0.0.1:5433`. */
  readonly databaseAddress?: string;
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

/** Starts the UI for the server at `address`. `folder` receives its configuration and its log. */
const startUiServer = async (address: string, namespace: string, folder: string, progress: Progress) => {
  const executable = await findTemporalUiServer(progress);
  const port = await freePort();
  const configuration = {
    temporalGrpcAddress: address,
    host: '127.0.0.1',
    port,
    enableUi: true,
    defaultNamespace: namespace,
    // The UI would otherwise fetch release news from the internet.
    disableNewsFetch: true,
  };
  await mkdir(join(folder, 'ui'), { recursive: true });
  await writeFile(join(folder, 'ui', 'production.yaml'), JSON.stringify(configuration, undefined, 2));
  const args = [...flags({ root: folder, config: 'ui', env: 'production' }), 'start'];
  const url = `http://127.0.0.1:${port}`;
  const server = startProcess(executable, args, { logFile: join(folder, 'ui.log') });
  const { stop } = await startServing("The Temporal UI's server", server, () => answersWell(url));
  return { url, stop };
};

/** Sets up the databases, starts the server, and resolves when it serves the namespace. */
export const startProductionServer = async (options: ProductionServerOptions): Promise<ProductionServer> => {
  const { postgres, progress = () => undefined, namespace = 'default', searchAttributes = [] } = options;
  const executable = await findTemporalServer(progress);
  await setUpStores(await findTemporalSqlTool(progress), postgres);
  const ports = await reservePorts();
  const address = `127.0.0.1:${ports.services.frontend.grpcPort}`;
  const folder = options.folder ?? (await mkdtemp(join(tmpdir(), 'verifik-onboarding-temporal-')));
  await mkdir(folder, { recursive: true });
  const write = async (name: string, value: unknown): Promise<string> => {
    const file = join(folder, name);
    await writeFile(file, JSON.stringify(value, undefined, 2));
    return file;
  };
  const databaseAddress = options.databaseAddress ?? `127.0.0.1:${postgres.port}`;
  const dynamicConfigFile = await write('dynamic.yaml', dynamicConfiguration(options.dynamicConfig ?? {}));
  const configuration = serverConfiguration({ ports, databaseAddress, dynamicConfigFile });
  const args = ['--config-file', await write('temporal.yaml', configuration), '--allow-no-auth', 'start'];

  const start = (): Promise<ServerProcess> => {
    const child = startProcess(executable, args, { logFile: join(folder, 'temporal-server.log') });
    return startServing('The Temporal server', child, () => register(address, namespace, searchAttributes));
  };
  const startUi = () =>
    startUiServer(address, namespace, folder, progress).catch(async (error: unknown) => {
      await server.kill();
      throw error;
    });

  let server = await start();
  const ui = options.headless === true ? undefined : await startUi();
  return {
    address,
    namespace,
    ...(ui === undefined ? {} : { uiUrl: ui.url }),
    metricsUrl: `http://127.0.0.1:${ports.metrics}/metrics`,
    folder,
    pid: () => server.pid,
    kill: () => server.kill(),
    start: async () => {
      server = await start();
    },
    stop: async () => {
      await ui?.stop();
      await server.stop();
      if (options.folder === undefined) await rm(folder, { recursive: true, force: true });
    },
  };
};
