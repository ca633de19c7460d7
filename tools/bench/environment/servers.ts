import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { OnboardingClient } from '../../../client/index.js';
import { developmentKeys } from '../../../codec/index.js';
import { createGatewaySecrets, type GatewayProcess, startGatewayProcess } from '../../processes/gateway-process.js';
import { answersWell, startNodeProcess } from '../../processes/node-process.js';
import { Opened } from '../../processes/opened.js';
import { type SandboxProcess, startSandboxProcess } from '../../processes/sandbox-process.js';
import { connectClient } from '../../processes/temporal.js';
import { startWorkerProcess, type WorkerProcess } from '../../processes/worker-process.js';
import { freePort } from '../../servers/index.js';
import { baselineCandidate, type Candidate, onboardingCandidate } from '../candidates.js';
import { type ServerKind, startTemporalServer, type TemporalServer } from './temporal-server.js';

/** The processes of a benchmark. Only the callers run in this process. */
export interface Servers {
  readonly kind: ServerKind;
  readonly onboarding: Candidate;
  readonly baseline: Candidate;
  readonly server: TemporalServer;
  readonly temporal: Client;
  readonly client: OnboardingClient;
  readonly sandbox: SandboxProcess;
  readonly keysFile: string;
  readonly folder: string;
  readonly logFile: string;
  readonly batchFolder: string;
  /** Returns the current worker of the onboardings. */
  readonly worker: () => WorkerProcess;
  /** Starts another worker with the same settings. */
  startWorker(): Promise<WorkerProcess>;
  /** Kills the worker of the onboardings, starts a new one, and returns the duration of that start in ms. */
  crashWorker(): Promise<number>;
  /** The resources that are closed at the end. */
  readonly opened: Opened;
}

const CONTACT_KEY = 'the-key-of-the-benchmarks';

/** The limit of Verifik calls per second of all batches. */
export const CALLS_PER_SECOND = 50;

const BASELINE_QUEUE = 'baseline';

const startBaselineWorker = async ({ address, namespace }: TemporalServer, logFile: string) => {
  const [healthPort, metricsPort] = [await freePort(), await freePort()];
  return startNodeProcess('tools/bench/baseline/worker.js', [BASELINE_QUEUE, String(healthPort), String(metricsPort)], {
    env: { TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: namespace, NODE_ENV: 'production' },
    logFile,
    isReady: () => answersWell(`http://127.0.0.1:${healthPort}/`),
  });
};

const open = async (kind: ServerKind, opened: Opened): Promise<Servers> => {
  const folder = await mkdtemp(join(tmpdir(), 'onboarding-bench-'));
  const logFile = join(folder, 'bench.log');
  const server = await startTemporalServer(kind, opened, folder);
  const { address, namespace } = server;
  const sandbox = opened.add(await startSandboxProcess(logFile, { applicants: 'atOnce', latencyMs: 0 }));
  const keysFile = join(folder, 'keys.json');
  const batchFolder = join(folder, 'batches');
  const startWorker = () =>
    startWorkerProcess({
      ...{ temporalAddress: address, namespace, keysFile, logFile, batchFolder, callsPerSecond: CALLS_PER_SECOND },
      verifikBaseUrl: sandbox.url,
      clientToken: sandbox.clientToken,
    });
  // Creates the key.
  const temporal = await connectClient(server, developmentKeys(keysFile));
  opened.add(temporal.connection);
  let worker = await startWorker();
  opened.add({ stop: () => worker.stop() });
  const baselineWorker = opened.add(await startBaselineWorker(server, logFile));
  const bare = opened.add(await Connection.connect({ address }));
  const client = new OnboardingClient(temporal, { contactKey: CONTACT_KEY });
  return {
    ...{ kind, server, temporal, client, sandbox, folder, keysFile, logFile, batchFolder, opened },
    onboarding: onboardingCandidate(client, sandbox, () => worker.pid),
    baseline: baselineCandidate(new Client({ connection: bare, namespace }), BASELINE_QUEUE, () => baselineWorker.pid),
    worker: () => worker,
    startWorker,
    crashWorker: async () => {
      await worker.kill();
      const began = performance.now();
      worker = await startWorker();
      return performance.now() - began;
    },
  };
};

/** Starts a gateway with an API key that has the scopes `start` and `read`, and practically no rate limit. */
export const startBenchGateway = async ({
  server,
  keysFile,
  logFile,
  opened,
}: Pick<Servers, 'server' | 'keysFile' | 'logFile' | 'opened'>): Promise<GatewayProcess<'bench'>> =>
  opened.add(
    await startGatewayProcess({
      temporalAddress: server.address,
      namespace: server.namespace,
      address: `127.0.0.1:${await freePort()}`,
      metricsAddress: `127.0.0.1:${await freePort()}`,
      secrets: await createGatewaySecrets({
        bench: { tenant: 'bench', scopes: ['start', 'read'], requestsPerMinute: 1_000_000 },
      }),
      ...{ contactKey: CONTACT_KEY, keysFile, logFile },
    }),
  );

/** Runs a function with all processes, and closes them afterwards. */
export const withServers = async <A>(kind: ServerKind, run: (servers: Servers) => Promise<A>): Promise<A> => {
  const opened = new Opened();
  try {
    return await run(await open(kind, opened));
  } finally {
    await opened.close();
  }
};
