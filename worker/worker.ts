import { existsSync } from 'node:fs';
import type { DataConverter, WorkerDeploymentVersion } from '@temporalio/common';
import {
  type NativeConnection,
  Worker,
  type WorkerDeploymentOptions,
  type WorkflowBundleOption,
} from '@temporalio/worker';
import type { OnboardingActivities } from '../contract/activities.js';
import { vendorTaskQueue } from '../contract/revalidation.js';
import { MisconfiguredError } from '../shared/config.js';
import { defined } from '../shared/defined.js';
import type { Tracing } from '../shared/open-telemetry.js';
import { SECOND_MS } from '../shared/time.js';
import { BUILT_BUNDLE, bundleWorkflows } from './bundle.js';
import type { WorkerConfig } from './config.js';
import { SETTINGS } from './settings.js';
import { tracingOptions } from './tracing.js';
import { watchedWorker } from './workflow-thread.js';

export interface OnboardingWorkerOptions {
  readonly connection: NativeConnection;
  readonly namespace: string;
  readonly activities: OnboardingActivities;
  /** The same encryption as in the clients. */
  readonly dataConverter: DataConverter;
  /** If absent, nothing is traced. */
  readonly tracing?: Tracing;
  /** In production, the worker uses the bundle of the build. */
  readonly config: Pick<
    WorkerConfig,
    | 'taskQueue'
    | 'workflowBundle'
    | 'maxCachedWorkflows'
    | 'workflowThread'
    | 'shutdownGraceMs'
    | 'production'
    | 'verifikCallsPerSecond'
    | 'deploymentVersion'
  >;
}

const workflowBundle = async ({ config }: OnboardingWorkerOptions): Promise<WorkflowBundleOption> => {
  const codePath = config.workflowBundle ?? (config.production ? BUILT_BUNDLE : undefined);
  if (codePath === undefined) return bundleWorkflows();
  if (!existsSync(codePath))
    throw new MisconfiguredError(
      `${SETTINGS.workflowBundle.env} (${codePath}): expected a workflow bundle, which npm run build writes`,
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

/**
 * The time that workflow code may run without yielding, in ms: longer than a workflow task's timeout. The SDK's default
 * of 5 seconds is too short for thousands of signals in one task on a busy worker.
 */
const EXECUTION_LIMIT_MS = 30_000;

/**
 * The SDK's option is missing from its types. If promises exceed it, Node ends the whole process (nodejs/node#38503).
 */
const SDK_LIMIT = { isolateExecutionTimeout: EXECUTION_LIMIT_MS };

/** The options of every worker. */
export const workerDefaults = ({ shutdownGraceMs }: Pick<WorkerConfig, 'shutdownGraceMs'>) => ({
  shutdownGraceTime: shutdownGraceMs,
  maxHeartbeatThrottleInterval: HEARTBEAT_INTERVAL_MS,
  defaultHeartbeatThrottleInterval: HEARTBEAT_INTERVAL_MS,
  ...SDK_LIMIT,
});

const commonOptions = ({ config, tracing, ...options }: OnboardingWorkerOptions) => ({
  ...options,
  ...tracingOptions(tracing),
  ...defined({ workerDeploymentOptions: config.deploymentVersion && versioned(config.deploymentVersion) }),
  ...workerDefaults(config),
});

/** Creates the worker of all workflows and activities on the main task queue. */
export const createOnboardingWorker = async (options: OnboardingWorkerOptions): Promise<Worker> => {
  const { config } = options;
  const OnboardingWorker = config.workflowThread === 'sdk' ? Worker : watchedWorker(EXECUTION_LIMIT_MS);
  return OnboardingWorker.create({
    ...commonOptions(options),
    taskQueue: config.taskQueue,
    ...defined({ maxCachedWorkflows: config.maxCachedWorkflows }),
    workflowBundle: await workflowBundle(options),
  });
};

/**
 * Creates the worker that runs the vendor activities of batch onboardings on a rate-limited task queue. The server
 * applies the limit across all workers; the most recent poller's value wins.
 */
export const createVendorWorker = (options: OnboardingWorkerOptions): Promise<Worker> =>
  Worker.create({
    ...commonOptions(options),
    taskQueue: vendorTaskQueue(options.config.taskQueue),
    maxTaskQueueActivitiesPerSecond: options.config.verifikCallsPerSecond,
  });
