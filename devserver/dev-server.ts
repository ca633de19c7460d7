import { setTimeout as pause } from 'node:timers/promises';
import { Connection } from '@temporalio/client';
import type { SearchAttributeType } from '@temporalio/common';
import { execa } from 'execa';
import { findTemporalCli } from './executables.js';
import { freePort } from './ports.js';
import type { Progress } from './ways.js';

/** A search attribute to be registered, as the SDK's `defineSearchAttributeKey` makes it. */
export interface SearchAttribute {
  readonly name: string;
  readonly type: SearchAttributeType;
}

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
  /** Without the UI. */
  readonly headless?: boolean;
  /** The SQLite file that the server keeps everything in; in memory where it is absent. */
  readonly dbFile?: string;
  readonly searchAttributes?: readonly SearchAttribute[];
  /** Such as `{'limit.maxIDLength': '255'}`. */
  readonly dynamicConfig?: Readonly<Record<string, string>>;
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

const READY_WITHIN_MS = 60_000;
const STOP_WITHIN_MS = 5_000;
const ASK_AGAIN_MS = 100;
const LOG_TAIL_LINES = 20;
const MAX_LOG_CHARACTERS = 1_000_000;

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

/** True once the namespace can be described and has all the search attributes: the CLI registers them after it listens. */
const serves = async (address: string, namespace: string, attributes: readonly SearchAttribute[]): Promise<boolean> => {
  const connection = await Connection.connect({ address, connectTimeout: 1_000 }).catch(() => undefined);
  if (connection === undefined) return false;
  try {
    await connection.workflowService.describeNamespace({ namespace });
    const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
    return attributes.every(({ name }) => customAttributes[name] !== undefined);
  } catch {
    return false;
  } finally {
    await connection.close();
  }
};

const spawn = (cli: string, args: readonly string[]) =>
  execa(cli, args, {
    // A process group of its own: Ctrl-C on the terminal is for us, who stop the server last.
    detached: true,
    reject: false,
    stdin: 'ignore',
    forceKillAfterDelay: STOP_WITHIN_MS,
    all: true,
    maxBuffer: MAX_LOG_CHARACTERS,
  });

/** A process that ends with ours, unless ours is ended by SIGKILL. */
const watched = (child: ReturnType<typeof spawn>) => {
  const killWithUs = () => void child.kill('SIGKILL');
  process.once('exit', killWithUs);
  let lastWords: string | undefined;
  const ended = child.then(({ all, message }) => {
    process.off('exit', killWithUs);
    lastWords = (all ?? message ?? '').split('\n').slice(-LOG_TAIL_LINES).join('\n');
  });
  return {
    lastWords: () => lastWords,
    end: async (signal: 'SIGTERM' | 'SIGKILL'): Promise<void> => {
      if (lastWords === undefined) child.kill(signal);
      await ended;
    },
  };
};

const untilServing = async (lastWords: () => string | undefined, isServing: () => Promise<boolean>): Promise<void> => {
  const deadline = Date.now() + READY_WITHIN_MS;
  while (!(await isServing())) {
    const words = lastWords();
    if (words !== undefined) throw new Error(`The Temporal server ended before it served. Its last words:\n${words}`);
    if (Date.now() > deadline) throw new Error(`The Temporal server did not serve within ${READY_WITHIN_MS / 1_000} s`);
    await pause(ASK_AGAIN_MS);
  }
};

/** Finds the Temporal CLI, runs its development server on the loopback interface, and answers when it serves. */
export const startDevServer = async (options: DevServerOptions = {}): Promise<DevServer> => {
  const cli = await findTemporalCli(options.progress ?? (() => undefined));
  const port = options.port ?? (await freePort(7233));
  const uiPort = options.uiPort ?? (await freePort(8233));
  const namespace = options.namespace ?? 'default';
  const address = `127.0.0.1:${port}`;
  const child = spawn(cli, argumentsOf(options, { port, uiPort, namespace }));
  const { end, lastWords } = watched(child);
  try {
    await untilServing(lastWords, () => serves(address, namespace, options.searchAttributes ?? []));
  } catch (error) {
    await end('SIGKILL');
    throw error;
  }
  return {
    address,
    namespace,
    pid: child.pid ?? 0,
    ...(options.headless === true ? {} : { uiUrl: `http://127.0.0.1:${uiPort}` }),
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
  };
};
