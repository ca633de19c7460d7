import type { DataConverter } from '@temporalio/common';
import { type NativeConnection, Worker, type WorkerOptions, type WorkflowBundleOption } from '@temporalio/worker';
import type { OnboardingActivities } from '../contract/activities.js';
import { vendorTaskQueue } from '../contract/revalidation.js';
import { SECOND_MS } from '../shared/time.js';
import { BUILT_BUNDLE, bundleWorkflows } from './bundle.js';
import type { WorkerConfig } from './config.js';

export interface OnboardingWorkerOptions {
  readonly connection: NativeConnection;
  readonly namespace: string;
  readonly activities: OnboardingActivities;
  /** Encrypts what goes to Temporal: the one that clients use. */
  readonly dataConverter: DataConverter;
  /** In production the bundle that the build made is used, so that what was tested is what runs. */
  readonly config: Pick<
    WorkerConfig,
    | 'taskQueue'
    | 'workflowBundle'
    | 'maxCachedWorkflows'
    | 'shutdownGraceMs'
    | 'production'
    | 'verifikCallsPerSecond'
    | 'deploymentVersion'
  >;
}

const workflowBundle = async ({ config }: OnboardingWorkerOptions): Promise<WorkflowBundleOption> => {
  const codePath = config.workflowBundle ?? (config.production ? BUILT_BUNDLE : undefined);
  return codePath === undefined ? bundleWorkflows() : { codePath };
};

type Versioning = Pick<WorkerOptions, 'workerDeploymentOptions'>;

/** Every workflow goes on with the version that is current: why none is pinned to the version that began it, docs/upgrading.md tells. */
const versioning = ({ config: { deploymentVersion } }: OnboardingWorkerOptions): Versioning =>
  deploymentVersion === undefined
    ? {}
    : {
        workerDeploymentOptions: {
          version: deploymentVersion,
          useWorkerVersioning: true,
          defaultVersioningBehavior: 'AUTO_UPGRADE',
        },
      };

/** Heartbeats bring an activity the word that it is to stop: a batch that is paused is to stand within two seconds. */
const HEARTBEATS_AT_MOST_EVERY_MS = SECOND_MS / 2;

const common = (options: OnboardingWorkerOptions) => ({
  connection: options.connection,
  namespace: options.namespace,
  activities: options.activities,
  dataConverter: options.dataConverter,
  ...versioning(options),
  shutdownGraceTime: options.config.shutdownGraceMs,
  maxHeartbeatThrottleInterval: HEARTBEATS_AT_MOST_EVERY_MS,
  defaultHeartbeatThrottleInterval: HEARTBEATS_AT_MOST_EVERY_MS,
});

/**
 * How long workflow code may run without a break, in ms: far above the time-out of a workflow task. Node ends the whole process where
 * promises run into such a limit (nodejs/node#38503), as they would into the SDK's five seconds when thousands of signals come in one task
 * to a worker that is short of CPU time. The SDK takes the option, and leaves it out of its types.
 */
const WITHOUT_A_BREAK = { isolateExecutionTimeout: 30_000 };

/** A worker for onboardings: the workflows and their activities, on one task queue. */
export const createOnboardingWorker = async (options: OnboardingWorkerOptions): Promise<Worker> => {
  const { config } = options;
  return Worker.create({
    ...common(options),
    taskQueue: config.taskQueue,
    ...(config.maxCachedWorkflows === undefined ? {} : { maxCachedWorkflows: config.maxCachedWorkflows }),
    workflowBundle: await workflowBundle(options),
    ...WITHOUT_A_BREAK,
  });
};

/**
 * A worker for what onboardings that batches have begun ask of the vendor. The server holds its task queue to the fleet's rate, however
 * many workers there are: as the worker that asked it last has it.
 */
export const createVendorWorker = (options: OnboardingWorkerOptions): Promise<Worker> =>
  Worker.create({
    ...common(options),
    taskQueue: vendorTaskQueue(options.config.taskQueue),
    maxTaskQueueActivitiesPerSecond: options.config.verifikCallsPerSecond,
  });
