import type { SearchAttributeType } from '@temporalio/common';
import { findTemporalCli, findTimeSkippingServer } from './executables.js';
import { freePort } from './ports.js';
import { flags, type ServerProcess, startProcess } from './processes.js';
import type { Progress } from './progress.js';
import { type SearchAttribute, startServing, withConnection } from './serving.js';

export interface DevServerOptions {
  readonly namespace?: string;
  /** The gRPC port. Default 7233, or a free port if it is taken. */
  readonly port?: number;
  /** The UI's port. Default 8233, or a free port if it is taken. */
  readonly uiPort?: number;
  /** The port of the server's Prometheus metrics (`/metrics`). Default: chosen by the server. */
  readonly metricsPort?: number;
  readonly headless?: boolean;
  /** The URL of the codec server with which the UI decodes payloads. The UI sends it no credentials. */
  readonly uiCodecEndpoint?: string;
  /** The SQLite file for the server's data. Default: in memory. */
  readonly dbFile?: string;
  readonly searchAttributes?: readonly SearchAttribute[];
  /** Dynamic configuration, such as `{'limit.maxIDLength': '255'}`. */
  readonly dynamicConfig?: Readonly<Record<string, string>>;
  readonly logFile?: string;
  readonly progress?: Progress;
}

export interface DevServer extends ServerProcess {
  readonly address: string;
  readonly uiUrl?: string;
  readonly namespace: string;
}

/** Formats a type as the CLI expects it, such as `KeywordList`. */
const cliType = (type: SearchAttributeType): string =>
  type.toLowerCase().replace(/(?:^|_)(\w)/g, (_match, letter: string) => letter.toUpperCase());

/** Deviations from the server's defaults, as of the production server. docs/servers.md gives the reasons. */
const DYNAMIC_CONFIG = { 'matching.enableFairness': 'true', 'history.MaxBufferedQueryCount': '100' };

/** Starts the Temporal CLI's development server on the loopback interface and resolves when it serves. */
export const startDevServer = async (options: DevServerOptions = {}): Promise<DevServer> => {
  const { namespace = 'default', headless = false, searchAttributes = [], dbFile, logFile } = options;
  const cli = await findTemporalCli(options.progress ?? (() => undefined));
  const port = options.port ?? (await freePort(7233));
  const uiPort = options.uiPort ?? (await freePort(8233));
  const address = `127.0.0.1:${port}`;
  const args = flags({
    ip: '127.0.0.1',
    port,
    namespace,
    headless,
    'log-level': 'error',
    'metrics-port': options.metricsPort,
    'ui-port': headless ? undefined : uiPort,
    'ui-codec-endpoint': options.uiCodecEndpoint,
    'db-filename': dbFile,
    'sqlite-pragma': dbFile === undefined ? [] : ['journal_mode=wal', 'synchronous=normal'],
    'search-attribute': searchAttributes.map(({ name, type }) => `${name}=${cliType(type)}`),
    'dynamic-config-value': Object.entries({ ...DYNAMIC_CONFIG, ...options.dynamicConfig }).map((entry) =>
      entry.join('='),
    ),
  });
  // The CLI registers the search attributes after it has begun to listen.
  const isServing = () =>
    withConnection(address, async ({ workflowService, operatorService }) => {
      await workflowService.describeNamespace({ namespace });
      const { customAttributes } = await operatorService.listSearchAttributes({ namespace });
      return searchAttributes.every(({ name }) => customAttributes[name] !== undefined);
    });
  const child = startProcess(cli, ['server', 'start-dev', ...args], { logFile });
  const server = await startServing('The Temporal server', child, isServing);
  return { ...server, address, namespace, ...(headless ? {} : { uiUrl: `http://127.0.0.1:${uiPort}` }) };
};

/** One compiler tier and a garbage collector with one thread suit a server that lives for seconds. */
const SHORT_LIVED = { JDK_JAVA_OPTIONS: '-XX:TieredStopAtLevel=1 -XX:+UseSerialGC' };

/**
 * Starts Temporal's time-skipping test server on the loopback interface and resolves when it serves. The SDK can start
 * one as well, but gives up after 5 s, in which Java may not start on a busy machine.
 */
export const startTimeSkippingServer = async (): Promise<Pick<DevServer, 'address' | 'kill'>> => {
  const executable = await findTimeSkippingServer(() => undefined);
  const port = await freePort();
  const address = `127.0.0.1:${port}`;
  const child = startProcess(executable, [String(port)], { env: SHORT_LIVED });
  const { kill } = await startServing('The time-skipping server', child, () =>
    withConnection(address, async () => true),
  );
  return { address, kill };
};
