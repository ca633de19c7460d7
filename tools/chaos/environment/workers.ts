import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { setCurrentVersion, setRampingVersion } from '../../processes/deployments.js';
import { retry } from '../../processes/retry.js';
import { type Supervised, supervise } from '../../processes/supervised.js';
import { startWorkerProcess, type WorkerProcess, type WorkerProcessOptions } from '../../processes/worker-process.js';
import type { DeployStep } from '../plan/faults.js';
import { keysFileOf } from './base.js';
import type { Temporal } from './servers.js';

/** All workers: two of each build. Two builds run during a deployment. */
export interface Workers {
  /** Returns the workers of the newest build that has started. */
  readonly now: () => readonly Supervised<WorkerProcess>[];
  /** Returns all running workers. */
  readonly named: () => readonly { readonly name: string; readonly worker: Supervised<WorkerProcess> }[];
  /** Returns the names of all workers, including blocked ones. */
  readonly names: () => readonly string[];
  deploy(step: DeployStep): Promise<void>;
  crashes(): number;
  close(): Promise<void>;
}

const DEPLOYMENT = 'onboarding';
const WORKERS_PER_BUILD = [1, 2] as const;
const HALF = 50;
const RETRY_TIMEOUT_MS = 120_000;
const RETRY_DELAY_MS = 500;

/** The running workers of a build. */
type Build = { readonly name: string; readonly worker: Supervised<WorkerProcess> }[];

export interface WorkersOptions extends Omit<WorkerProcessOptions, 'keysFile' | 'logFile' | 'version'> {
  /** The server itself: deployments do not go through the link of the workers. */
  readonly temporal: Pick<Temporal, 'address' | 'namespace'>;
  readonly folder: string;
}

/** The names of the workers of both builds. */
export const WORKER_NAMES: readonly string[] = [1, 2].flatMap((build) =>
  WORKERS_PER_BUILD.map((worker) => `worker-${build}-${worker}`),
);

/** Starts the two workers of the first build, and makes it the current version of the deployment. */
export const openWorkers = async (options: WorkersOptions): Promise<Workers> => {
  const { temporal, folder, ...common } = options;
  const builds: Build[] = [];
  const ended: Supervised<WorkerProcess>[] = [];

  const versionOf = (build: number) => ({ deploymentName: DEPLOYMENT, buildId: `build-${build}` });

  const startBuild = async (): Promise<void> => {
    const build = builds.length + 1;
    const started = WORKERS_PER_BUILD.map(async (number) => {
      const name = `worker-${build}-${number}`;
      const start = () =>
        startWorkerProcess({
          ...common,
          version: versionOf(build),
          keysFile: keysFileOf(folder, name),
          logFile: join(folder, `${name}.log`),
        });
      // Faults may prevent the start of the second build, but not of the first.
      return { name, worker: await supervise(start, { firstStartTimeoutMs: build === 1 ? 0 : RETRY_TIMEOUT_MS }) };
    });
    builds.push(await Promise.all(started));
  };

  /** A deployment step fails while the Temporal server is down. */
  const withClient = (act: (client: Client) => Promise<void>): Promise<void> =>
    retry(
      async () => {
        const connection = await Connection.connect({ address: temporal.address });
        try {
          await act(new Client({ connection, namespace: temporal.namespace }));
        } finally {
          await connection.close();
        }
      },
      { timeoutMs: RETRY_TIMEOUT_MS, delayMs: RETRY_DELAY_MS },
    );

  const rampTo = (percentage: number) =>
    withClient((client) => setRampingVersion(client, versionOf(builds.length), percentage));
  const makeCurrent = () => withClient((client) => setCurrentVersion(client, versionOf(builds.length)));

  const stopOld = async (): Promise<void> => {
    const old = builds.slice(0, -1).flatMap((build) => build.splice(0));
    for (const { worker } of old) await worker.close('stop');
    ended.push(...old.map(({ worker }) => worker));
  };

  const STEPS: Readonly<Record<DeployStep, () => Promise<void>>> = {
    ramp: async () => {
      await startBuild();
      await rampTo(HALF);
    },
    rollBack: () => rampTo(0),
    rampAgain: () => rampTo(HALF),
    makeCurrent: async () => {
      await makeCurrent();
      await stopOld();
    },
  };

  await startBuild();
  await makeCurrent();
  const running = () => builds.flat();
  return {
    now: () => (builds.at(-1) ?? []).map(({ worker }) => worker),
    named: running,
    names: () => WORKER_NAMES.slice(0, builds.length * WORKERS_PER_BUILD.length),
    deploy: (step) => STEPS[step](),
    crashes: () => [...ended, ...running().map(({ worker }) => worker)].reduce((sum, one) => sum + one.crashes(), 0),
    close: async () => {
      for (const { worker } of running()) await worker.close('kill');
    },
  };
};
