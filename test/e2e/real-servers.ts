import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { REPEATED_UNTIL_CLOSED } from '../../client/calls/ended-calls.js';
import { OnboardingClient, onboardingDataConverter } from '../../client/index.js';
import { fileKeys } from '../../codec/index.js';
import { SEARCH_ATTRIBUTES } from '../../contract/search-attributes.js';
import {
  startWorkerProcess,
  type WorkerProcess,
  type WorkerProcessOptions,
} from '../../tools/processes/worker-process.js';
import { type Sandbox, startSandbox } from '../../tools/sandbox/index.js';
import { type DevServer, freePort, startDevServer } from '../../tools/servers/index.js';
import { type Applicants, applicantsOf } from '../support/applicants.js';
import { newKeysFile } from '../support/encryption-keys.js';
import { IMMEDIATE } from '../support/immediate.js';

/** The clients, the sandbox and the workers (separate processes) of a Temporal server. */
export interface AroundServer extends Applicants {
  /** The address of the Temporal server. */
  readonly address: string;
  readonly temporal: Client;
  readonly client: OnboardingClient;
  /** A client whose onboardings publish search attributes immediately. */
  readonly promptClient: OnboardingClient;
  readonly sandbox: Sandbox;
  /** The common log of all workers. */
  readonly logFile: string;
  /** The key ring of the client and, by default, of the workers. */
  readonly keysFile: string;
  startWorker(change?: Partial<WorkerProcessOptions>): Promise<WorkerProcess>;
  close(): Promise<void>;
}

/** A Temporal development server with clients, a sandbox and workers. */
export interface RealServers extends AroundServer {
  /** Kills the Temporal server, and restarts it with the same data. */
  crashServer(): Promise<void>;
  readonly uiUrl: string;
  /** The server's SQLite file. */
  readonly dbFile: string;
}

const newFolder = (): string => mkdtempSync(join(tmpdir(), 'onboarding-e2e-'));

/** Opens clients, a sandbox and workers for a Temporal server. `close` does not stop the server. */
export const openAround = async (
  { address, namespace }: Pick<DevServer, 'address' | 'namespace'>,
  settings: Parameters<typeof startSandbox>[0] = {},
  directory = newFolder(),
): Promise<AroundServer> => {
  const logFile = join(directory, 'worker.log');
  const sandbox = await startSandbox({ ...settings, settings: { ...IMMEDIATE, ...settings?.settings } });
  const connection = await Connection.connect({ address, ...REPEATED_UNTIL_CLOSED });
  const keysFile = newKeysFile();
  const dataConverter = await onboardingDataConverter({ keyProvider: fileKeys(keysFile) });
  const temporal = new Client({ connection, namespace, dataConverter });
  const client = new OnboardingClient(temporal, { contactKey: 'a-key-for-the-tests' });
  const workers = new Set<WorkerProcess>();
  return {
    ...applicantsOf(sandbox, client),
    address,
    temporal,
    sandbox,
    logFile,
    keysFile,
    client,
    promptClient: new OnboardingClient(temporal, { contactKey: 'a-key-for-the-tests', publishChecksWithinMs: 0 }),
    startWorker: async (change = {}) => {
      const worker = await startWorkerProcess({
        temporalAddress: address,
        namespace,
        verifikBaseUrl: sandbox.url,
        clientToken: sandbox.clientToken,
        logFile,
        keysFile,
        ...change,
      });
      workers.add(worker);
      return worker;
    },
    close: async () => {
      await Promise.all([...workers].map((worker) => worker.kill()));
      await connection.close();
      await sandbox.close();
    },
  };
};

/** Starts a Temporal server with the dynamic configuration, for example `{'limit.maxIDLength': '255'}`. */
export const openRealServers = async (
  settings: Parameters<typeof startSandbox>[0] = {},
  dynamicConfig: Readonly<Record<string, string>> = {},
): Promise<RealServers> => {
  const directory = newFolder();
  const dbFile = join(directory, 'temporal.db');
  const [port, uiPort] = [await freePort(), await freePort()];
  const startServer = () =>
    startDevServer({ port, uiPort, dbFile, searchAttributes: Object.values(SEARCH_ATTRIBUTES), dynamicConfig });
  let server: DevServer = await startServer();
  const around = await openAround(server, settings, directory);
  return {
    ...around,
    crashServer: async () => {
      await server.kill();
      server = await startServer();
    },
    uiUrl: `http://127.0.0.1:${uiPort}`,
    dbFile,
    close: async () => {
      await around.close();
      // Stopping would take a second.
      await server.kill();
    },
  };
};
