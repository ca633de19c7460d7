import type { SearchAttributeType } from '@temporalio/common';
import { findTemporalCli } from './executables.js';
import { freePort } from './ports.js';
import { startProcess } from './processes.js';
import { type SearchAttribute, serves, startServing } from './serving.js';
import type { Progress } from './ways.js';

/** The types as the `temporal` CLI spells them. */
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
  /** Where the server listens for gRPC. Default 7233 where it is free, and another port otherwise. */
  readonly port?: number;
  /** Where the UI answers. Default 8233 where it is free. */
  readonly uiPort?: number;
  /** Where the server's own metrics answer (`/metrics`, Prometheus); nowhere that is known where it is absent. */
  readonly metricsPort?: number;
  /** Without the UI. */
  readonly headless?: boolean;
  /** The SQLite file that the server keeps everything in; in memory where it is absent. */
  readonly dbFile?: string;
  readonly searchAttributes?: readonly SearchAttribute[];
  /** Such as `{'limit.maxIDLength': '255'}`. */
  readonly dynamicConfig?: Readonly<Record<string, string>>;
  /** Where all that it says is kept, after what is there already. */
  readonly logFile?: string;
  readonly progress?: Progress;
}

/** A Temporal development server in a process of its own. */
export interface DevServer {
  /** Where it listens for gRPC: `127.0.0.1:7233`. */
  readonly address: string;
  /** Absent where it runs headless, or where it is not ours. */
  readonly uiUrl?: string;
  readonly namespace: string;
  readonly pid: number;
  /** Stops it: SIGTERM, and SIGKILL if that does not help. */
  stop(): Promise<void>;
  /** Ends it at once, as a crash would. */
  kill(): Promise<void>;
}

/** Tasks of several batches take turns, as they do on a server that is set up for it. */
const FAIR = { 'matching.enableFairness': 'true' };

const argumentsOf = (
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
  ...Object.entries({ ...FAIR, ...options.dynamicConfig }).flatMap(([key, value]) => [
    '--dynamic-config-value',
    `${key}=${value}`,
  ]),
];

/** Finds the Temporal CLI, runs its development server on the loopback interface, and answers when it serves. */
export const startDevServer = async (options: DevServerOptions = {}): Promise<DevServer> => {
  const cli = await findTemporalCli(options.progress ?? (() => undefined));
  const port = options.port ?? (await freePort(7233));
  const uiPort = options.uiPort ?? (await freePort(8233));
  const namespace = options.namespace ?? 'default';
  const address = `127.0.0.1:${port}`;
  const { logFile } = options;
  const child = startProcess(
    cli,
    argumentsOf(options, { port, uiPort, namespace }),
    logFile === undefined ? {} : { logFile },
  );
  // The CLI registers the search attributes after it listens.
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
