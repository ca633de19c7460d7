import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import { setCurrentVersion, setRampingVersion } from '../../processes/deployments.js';
import { startWorkerProcess, type WorkerProcess, type WorkerProcessOptions } from '../../processes/worker-process.js';
import type { DeployStep } from '../plan/acts.js';
import { type Supervised, supervise } from './supervised.js';
import type { Temporal } from './temporal.js';

/** All workers: two of a build, and while a new build takes over, two of each. */
export interface Workers {
  /** Those of the newest build, or of the one before where the newest is not there yet. */
  readonly now: () => readonly Supervised<WorkerProcess>[];
  /** Every worker that runs, with its name. */
  readonly named: () => readonly { readonly name: string; readonly worker: Supervised<WorkerProcess> }[];
  /** The names of all that there have been. */
  readonly names: () => readonly string[];
  deploy(step: DeployStep): Promise<void>;
  ownDeaths(): number;
  close(): Promise<void>;
}

const DEPLOYMENT = 'onboarding';
const WORKERS_PER_BUILD = [1, 2] as const;
const HALF = 50;
const PATIENCE_MS = 120_000;
const TRY_AGAIN_MS = 500;

/** Whoever deploys tries again while Temporal is away. */
const patiently = async (attempt: () => Promise<unknown>): Promise<void> => {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    try {
      await attempt();
      return;
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await pause(TRY_AGAIN_MS);
    }
  }
};

/** Those workers of a build that have not been stopped for good. */
type Build = { readonly name: string; readonly worker: Supervised<WorkerProcess> }[];

export interface WorkersOptions extends Omit<WorkerProcessOptions, 'keysFile' | 'logFile' | 'version'> {
  /** Where the server is: those who deploy reach it whatever stands between it and the workers. */
  readonly temporal: Pick<Temporal, 'address' | 'namespace'>;
  readonly folder: string;
  readonly keysFileOf: (worker: string) => string;
}

/** The names that workers have, those of later builds included. */
export const WORKER_NAMES: readonly string[] = [1, 2].flatMap((build) =>
  WORKERS_PER_BUILD.map((worker) => `worker-${build}-${worker}`),
);

/** Starts two workers, whose build is the current version of the deployment. */
export const openWorkers = async (options: WorkersOptions): Promise<Workers> => {
  const { temporal, folder, keysFileOf, ...common } = options;
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
          keysFile: keysFileOf(name),
          logFile: join(folder, `${name}.log`),
        });
      // All is up when the first build starts, and Temporal may be away when another one does.
      return { name, worker: await supervise(start, build === 1 ? 0 : PATIENCE_MS) };
    });
    builds.push(await Promise.all(started));
  };

  const withClient = (act: (client: Client) => Promise<void>): Promise<void> =>
    patiently(async () => {
      const connection = await Connection.connect({ address: temporal.address });
      try {
        await act(new Client({ connection, namespace: temporal.namespace }));
      } finally {
        await connection.close();
      }
    });

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
    ownDeaths: () =>
      [...ended, ...running().map(({ worker }) => worker)].reduce((sum, one) => sum + one.ownDeaths(), 0),
    close: async () => {
      for (const { worker } of running()) await worker.close('kill');
    },
  };
};
