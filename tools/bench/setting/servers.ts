import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { OnboardingClient, onboardingDataConverter } from '../../../client/index.js';
import { fileKeys } from '../../../codec/index.js';
import { answersWell, startNodeProcess } from '../../processes/node-process.js';
import { startWorkerProcess, type WorkerProcess } from '../../processes/worker-process.js';
import { freePort } from '../../servers/index.js';
import { type Contender, floors, onboardings } from '../contenders.js';
import { newKeysFile } from './keys.js';
import { Opened } from './opened.js';
import { type SandboxProcess, startSandboxProcess } from './sandbox-process.js';
import { type ServerKind, startTemporalServer, type TemporalServer } from './temporal-server.js';

/** All that the measurements run on: every part of it a process of its own, but for the callers. */
export interface Servers {
  readonly kind: ServerKind;
  readonly onboarding: Contender;
  readonly floor: Contender;
  readonly server: TemporalServer;
  readonly temporal: Client;
  readonly client: OnboardingClient;
  readonly sandbox: SandboxProcess;
  /** The key ring of all of them. */
  readonly keysFile: string;
  /** The folder of their logs and files. */
  readonly folder: string;
  readonly logFile: string;
  /** Where batches find their files and leave their reports. */
  readonly batchFolder: string;
  /** The worker of the onboardings. */
  readonly worker: () => WorkerProcess;
  /** Another one beside it, of the same settings. */
  startWorker(): Promise<WorkerProcess>;
  /** The worker of the onboardings dies without a word. Answers when another is ready, with how long that one took, in ms. */
  crashWorker(): Promise<number>;
  /** Whatever is opened for a measurement and is to be closed with the rest. */
  readonly opened: Opened;
}

/** The secret of the keyed hashes of contacts that are no one's. */
export const CONTACT_KEY = 'the-key-of-the-benchmarks';

/** Calls a second of all batches: what an audit is measured against. */
export const CALLS_PER_SECOND = 50;

const FLOOR_QUEUE = 'floor';

const startFloorWorker = async ({ address, namespace }: TemporalServer, logFile: string) => {
  const [healthPort, metricsPort] = [await freePort(), await freePort()];
  return startNodeProcess('tools/bench/floor/worker.js', [FLOOR_QUEUE, String(healthPort), String(metricsPort)], {
    env: { TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: namespace, NODE_ENV: 'production' },
    logFile,
    isReady: () => answersWell(`http://127.0.0.1:${healthPort}/`),
  });
};

const connect = async (address: string, opened: Opened): Promise<Connection> => {
  const connection = await Connection.connect({ address });
  opened.add({ stop: () => connection.close() });
  return connection;
};

const open = async (kind: ServerKind, opened: Opened): Promise<Servers> => {
  const folder = await mkdtemp(join(tmpdir(), 'onboarding-bench-'));
  const logFile = join(folder, 'bench.log');
  const server = await startTemporalServer(kind, opened, folder);
  const { address, namespace } = server;
  const sandbox = opened.add(await startSandboxProcess(logFile));
  const keysFile = await newKeysFile(folder);
  const batchFolder = join(folder, 'batches');
  const startWorker = () =>
    startWorkerProcess({
      ...{ temporalAddress: address, namespace, keysFile, logFile, batchFolder, callsPerSecond: CALLS_PER_SECOND },
      verifikBaseUrl: sandbox.url,
      clientToken: sandbox.clientToken,
    });
  let worker = await startWorker();
  opened.add({ stop: () => worker.stop() });
  const floorWorker = opened.add(await startFloorWorker(server, logFile));
  const dataConverter = await onboardingDataConverter({ keyProvider: fileKeys(keysFile), namespace });
  const temporal = new Client({ connection: await connect(address, opened), namespace, dataConverter });
  const bare = new Client({ connection: await connect(address, opened), namespace });
  const client = new OnboardingClient(temporal, { contactKey: CONTACT_KEY });
  return {
    ...{ kind, server, temporal, client, sandbox, folder, keysFile, logFile, batchFolder, opened },
    onboarding: onboardings(client, sandbox, () => worker.pid),
    floor: floors(bare, FLOOR_QUEUE, () => floorWorker.pid),
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

/** Runs with everything open, and closes it, whatever happens. */
export const withServers = async <A>(kind: ServerKind, run: (servers: Servers) => Promise<A>): Promise<A> => {
  const opened = new Opened();
  try {
    return await run(await open(kind, opened));
  } finally {
    await opened.close();
  }
};
