import type { SearchAttributeType } from '@temporalio/common';
import { findTemporalCli, findTimeSkippingServer } from './executables.js';
import type { Progress } from './finding.js';
import { freePort } from './ports.js';
import { startProcess } from './processes.js';
import { checkConnection, type SearchAttribute, serves, startServing } from './serving.js';

const CLI_TYPES: Readonly<Record<SearchAttributeType, string>> = {
  TEXT: 'Text',
  KEYWORD: 'Keyword',
  INT: 'Int',
  DOUBLE: 'Double',
  BOOL: 'Bool',
  DATETIME: 'Datetime',
  KEYWORD_LIST: 'KeywordList',
};

export interface DevServerOptions {
  readonly namespace?: string;
  /** The gRPC port. Default 7233, or a free port if it is taken. */
  readonly port?: number;
  /** The UI's port. Default 8233, or a free port if it is taken. */
  readonly uiPort?: number;
  /** The port of the server's Prometheus metrics (`/metrics`). Default: chosen by the server. */
  readonly metricsPort?: number;
  readonly headless?: boolean;
  /** The SQLite file for the server's data. Default: in memory. */
  readonly dbFile?: string;
  readonly searchAttributes?: readonly SearchAttribute[];
  /** Dynamic configuration, such as `{'limit.maxIDLength': '255'}`. */
  readonly dynamicConfig?: Readonly<Record<string, string>>;
  readonly logFile?: string;
  readonly progress?: Progress;
}

export interface DevServer {
  readonly address: string;
  readonly uiUrl?: string;
  readonly namespace: string;
  readonly pid: number;
  /** Sends SIGTERM, and SIGKILL if the server does not exit in time. */
  stop(): Promise<void>;
  /** Sends SIGKILL. */
  kill(): Promise<void>;
}

/** Without fairness, a large batch delays the tasks of the others. */
const FAIRNESS = { 'matching.enableFairness': 'true' };

const commandLine = (
  options: DevServerOptions,
  { port, uiPort, namespace }: { port: number; uiPort: number; namespace: string },
): readonly string[] => [
  'server',
  'start-dev',
  '--ip',
  '127.0.0.1',
  '--port',
  String(port),
  '--namespace',
  namespace,
  '--log-level',
  'error',
  ...(options.metricsPort === undefined ? [] : ['--metrics-port', String(options.metricsPort)]),
  ...(options.headless === true ? ['--headless'] : ['--ui-port', String(uiPort)]),
  ...(options.dbFile === undefined
    ? []
    : [
        '--db-filename',
        options.dbFile,
        '--sqlite-pragma',
        'journal_mode=wal',
        '--sqlite-pragma',
        'synchronous=normal',
      ]),
  ...(options.searchAttributes ?? []).flatMap(({ name, type }) => ['--search-attribute', `${name}=${CLI_TYPES[type]}`]),
  ...Object.entries({ ...FAIRNESS, ...options.dynamicConfig }).flatMap(([key, value]) => [
    '--dynamic-config-value',
    `${key}=${value}`,
  ]),
];

/** Starts the Temporal CLI's development server on the loopback interface and resolves when it serves. */
export const startDevServer = async (options: DevServerOptions = {}): Promise<DevServer> => {
  const cli = await findTemporalCli(options.progress ?? (() => undefined));
  const port = options.port ?? (await freePort(7233));
  const uiPort = options.uiPort ?? (await freePort(8233));
  const namespace = options.namespace ?? 'default';
  const address = `127.0.0.1:${port}`;
  const { logFile } = options;
  const child = startProcess(
    cli,
    commandLine(options, { port, uiPort, namespace }),
    logFile === undefined ? {} : { logFile },
  );
  // The CLI registers the search attributes after it has begun to listen.
  const server = await startServing('The Temporal server', child, () =>
    serves(address, namespace, options.searchAttributes ?? []),
  );
  return {
    address,
    namespace,
    pid: server.pid,
    ...(options.headless === true ? {} : { uiUrl: `http://127.0.0.1:${uiPort}` }),
    stop: server.stop,
    kill: server.kill,
  };
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
    checkConnection(address, async () => true),
  );
  return { address, kill };
};
