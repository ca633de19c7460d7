import type { DataConverter, WorkerDeploymentVersion } from '@temporalio/common';
import {
  type NativeConnection,
  ResourceBasedController,
  Worker,
  type WorkerDeploymentOptions,
  type WorkerOptions,
  type WorkflowBundleOption,
} from '@temporalio/worker';
import type { OnboardingActivities } from '../contract/activities.js';
import { backgroundTaskQueue, vendorTaskQueue } from '../contract/task-queues.js';
import { MisconfiguredError, orMisconfigured } from '../shared/config.js';
import { defined } from '../shared/defined.js';
import type { Tracing } from '../shared/open-telemetry.js';
import { fieldOfFile, readText } from '../shared/text-file.js';
import { SECOND_MS } from '../shared/time.js';
import type { Account } from '../verifik/index.js';
import { BUILT_BUNDLE, bundleWorkflows } from './bundle.js';
import type { PluginConfig, WorkerConfig } from './config.js';
import { SETTINGS } from './settings.js';
import { tracingOptions } from './tracing.js';
import type { Slots } from './tuning.js';
import { watchedWorker } from './workflow-thread.js';

/** The options of the workers that run activities only. */
export interface ActivityWorkerOptions {
  readonly connection: NativeConnection;
  readonly namespace: string;
  readonly activities: OnboardingActivities;
  /** The accounts at Verifik whose batches this process serves. */
  readonly accounts: readonly Pick<Account, 'name' | 'callsPerSecond'>[];
  /** The same encryption as in the clients. */
  readonly dataConverter: DataConverter;
  /** If absent, nothing is traced. */
  readonly tracing?: Tracing;
  readonly config: Pick<WorkerConfig, 'taskQueue'> &
    Pick<PluginConfig, 'slots' | 'maxPollers' | 'shutdownGraceMs' | 'verifikCallsPerSecond' | 'deploymentVersion'>;
}

export interface OnboardingWorkerOptions extends ActivityWorkerOptions {
  /** In production, the worker uses the bundle of the build. */
  readonly config: ActivityWorkerOptions['config'] &
    Pick<WorkerConfig, 'workflowBundle' | 'cachedWorkflows' | 'workflowThread' | 'production'>;
}

/** The global of every bundle, and the source map at its end, which the SDK requires. */
const BUNDLE_PARTS = ['__TEMPORAL__', '\n//# sourceMappingURL=data:'];

const workflowBundle = async ({ config }: OnboardingWorkerOptions): Promise<WorkflowBundleOption> => {
  const codePath = config.workflowBundle ?? (config.production ? BUILT_BUNDLE : undefined);
  if (codePath === undefined) return bundleWorkflows();
  const code = orMisconfigured(await readText(SETTINGS.workflowBundle.env, codePath));
  if (!BUNDLE_PARTS.every((part) => code.includes(part)))
    throw new MisconfiguredError(
      `${fieldOfFile(SETTINGS.workflowBundle.env, codePath)}: expected a workflow bundle, which npm run build writes`,
    );
  return { codePath };
};

/** All workflows auto-upgrade to the current version. docs/upgrading.md gives the reasons. */
const versioned = (version: WorkerDeploymentVersion): WorkerDeploymentOptions => ({
  version,
  useWorkerVersioning: true,
  defaultVersioningBehavior: 'AUTO_UPGRADE',
});

/** The response to a heartbeat carries the cancellation: a paused batch must stop within two seconds. */
const HEARTBEAT_INTERVAL_MS = SECOND_MS / 2;

/** The limits of the tasks that run at once. All workers of a process share one controller of its load. */
const slotOptions = (slots: Slots): Partial<WorkerOptions> => {
  switch (slots.kind) {
    case 'fixed':
      return {
        maxConcurrentWorkflowTaskExecutions: slots.workflowTasks,
        maxConcurrentActivityTaskExecutions: slots.activities,
        maxConcurrentLocalActivityExecutions: slots.activities,
      };
    case 'byLoad':
      return { tuner: { controller: ResourceBasedController.create(slots) } };
  }
};

/**
 * The time that workflow code may run without yielding, in ms: longer than a workflow task's timeout. The SDK's default
 * of 5 seconds is too short for thousands of signals in one task on a busy worker.
 */
const EXECUTION_LIMIT_MS = 30_000;

/**
 * The SDK's option is missing from its types. If promises exceed it, Node ends the whole process (nodejs/node#38503).
 */
const SDK_LIMIT = { isolateExecutionTimeout: EXECUTION_LIMIT_MS };

/** The options of every worker, also of one that has workflows of a service's own. */
export const workerDefaults = ({ shutdownGraceMs }: Pick<PluginConfig, 'shutdownGraceMs'>) => ({
  shutdownGraceTime: shutdownGraceMs,
  maxHeartbeatThrottleInterval: HEARTBEAT_INTERVAL_MS,
  defaultHeartbeatThrottleInterval: HEARTBEAT_INTERVAL_MS,
  ...SDK_LIMIT,
});

const POLLS = 10;

/** As many polls as the SDK's default, unless they may follow the server's advice, with which bursts wait longer. */
const pollers = (maximum: number | undefined): NonNullable<WorkerOptions['workflowTaskPollerBehavior']> =>
  maximum === undefined
    ? { type: 'simple-maximum', maximum: POLLS }
    : { type: 'autoscaling', initial: POLLS, minimum: POLLS, maximum };

type CommonOptions = Omit<WorkerOptions, 'taskQueue'>;

const commonOptions = ({ config, tracing, accounts: _, ...options }: ActivityWorkerOptions): CommonOptions => ({
  ...options,
  ...tracingOptions(tracing),
  ...slotOptions(config.slots),
  workflowTaskPollerBehavior: pollers(config.maxPollers),
  activityTaskPollerBehavior: pollers(config.maxPollers),
  ...defined({ workerDeploymentOptions: config.deploymentVersion && versioned(config.deploymentVersion) }),
  ...workerDefaults(config),
});

/** Creates the worker of all workflows, and of the activities of live onboardings. */
export const createOnboardingWorker = async (
  options: OnboardingWorkerOptions,
  common = commonOptions(options),
): Promise<Worker> => {
  const { config } = options;
  const OnboardingWorker = config.workflowThread === 'sdk' ? Worker : watchedWorker(EXECUTION_LIMIT_MS);
  return OnboardingWorker.create({
    ...common,
    taskQueue: config.taskQueue,
    maxCachedWorkflows: config.cachedWorkflows,
    workflowBundle: await workflowBundle(options),
  });
};

/**
 * Creates the workers beside the main one, which run activities only. The queues of batches' calls to Verifik, one for
 * each account, are rate-limited: the server applies the limit across all workers, and the most recent poller's value
 * wins.
 */
export const createActivityWorkers = (
  options: ActivityWorkerOptions,
  common = commonOptions(options),
): Promise<readonly Worker[]> => {
  const { taskQueue, verifikCallsPerSecond } = options.config;
  return Promise.all([
    Worker.create({ ...common, taskQueue: backgroundTaskQueue(taskQueue) }),
    ...options.accounts.map(({ name, callsPerSecond = verifikCallsPerSecond }) =>
      Worker.create({
        ...common,
        taskQueue: vendorTaskQueue(taskQueue, name),
        maxTaskQueueActivitiesPerSecond: callsPerSecond,
      }),
    ),
  ]);
};

/**
 * Creates the workers of a process, one for each task queue, so that slow work of one kind leaves the slots of the
 * others free.
 */
export const createWorkers = async (options: OnboardingWorkerOptions): Promise<readonly Worker[]> => {
  const common = commonOptions(options);
  return [await createOnboardingWorker(options, common), ...(await createActivityWorkers(options, common))];
};
