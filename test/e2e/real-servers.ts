import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { OnboardingClient, type OnboardingRequestInput } from '../../client/index.js';
import { type DevServer, freePort, startDevServer } from '../../devserver/index.js';
import { type Person, type Sandbox, startSandbox } from '../../sandbox/index.js';
import { startWorkerProcess, type WorkerProcess } from '../../start/worker-process.js';
import { SEARCH_ATTRIBUTES } from '../../workflows/search-attributes.js';

/** A real Temporal server and a sandbox; workers are started as processes of their own. */
export interface RealServers {
  /** Kills the Temporal server and starts it again on the same data. */
  crashServer(): Promise<void>;
  /** Where the Temporal server listens. */
  readonly address: string;
  readonly temporal: Client;
  readonly client: OnboardingClient;
  readonly sandbox: Sandbox;
  readonly logFile: string;
  startWorker(): Promise<WorkerProcess>;
  request(person: Person, change?: Partial<OnboardingRequestInput>): OnboardingRequestInput;
  close(): Promise<void>;
}

export const openRealServers = async (settings: Parameters<typeof startSandbox>[0] = {}): Promise<RealServers> => {
  const directory = mkdtempSync(join(tmpdir(), 'onboarding-e2e-'));
  const logFile = join(directory, 'worker.log');
  const dbFile = join(directory, 'temporal.db');
  const [port, uiPort] = [await freePort(), await freePort()];
  const startServer = () =>
    startDevServer({ port, uiPort, dbFile, searchAttributes: Object.values(SEARCH_ATTRIBUTES) });
  let server: DevServer = await startServer();
  const sandbox = await startSandbox(settings);
  const connection = await Connection.connect({ address: server.address });
  const temporal = new Client({ connection, namespace: server.namespace });
  const workers = new Set<WorkerProcess>();
  return {
    crashServer: async () => {
      await server.kill();
      server = await startServer();
    },
    address: server.address,
    temporal,
    sandbox,
    logFile,
    client: new OnboardingClient(temporal, { contactKey: 'a-key-for-the-tests' }),
    startWorker: async () => {
      const worker = await startWorkerProcess({
        temporalAddress: server.address,
        namespace: server.namespace,
        verifikBaseUrl: sandbox.url,
        clientToken: sandbox.clientToken,
        logFile,
      });
      workers.add(worker);
      return worker;
    },
    request: ({ email, phone, countryCode, fullName }, change = {}) => ({
      project: sandbox.project,
      projectFlow: sandbox.projectFlow,
      contact: { email, phone, countryCode },
      fullName,
      ...change,
    }),
    close: async () => {
      await Promise.all([...workers].map((worker) => worker.kill()));
      await connection.close();
      await sandbox.close();
      await server.stop();
    },
  };
};
