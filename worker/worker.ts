import type { DataConverter } from '@temporalio/common';
import { type NativeConnection, Worker, type WorkerOptions } from '@temporalio/worker';
import type { OnboardingActivities } from '../workflows/activity-contract.js';
import { BUILT_BUNDLE, WORKFLOWS } from './bundle.js';
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
    'taskQueue' | 'workflowBundle' | 'maxCachedWorkflows' | 'shutdownGraceMs' | 'production'
  >;
}

type WorkflowSource = Pick<WorkerOptions, 'workflowBundle' | 'workflowsPath'>;

const workflowSource = ({ config }: OnboardingWorkerOptions): WorkflowSource => {
  const codePath = config.workflowBundle ?? (config.production ? BUILT_BUNDLE : undefined);
  return codePath === undefined ? { workflowsPath: WORKFLOWS } : { workflowBundle: { codePath } };
};

/** A worker for onboardings: the workflows and their activities, on one task queue. */
export const createOnboardingWorker = (options: OnboardingWorkerOptions): Promise<Worker> => {
  const { connection, namespace, activities, dataConverter, config } = options;
  return Worker.create({
    connection,
    namespace,
    taskQueue: config.taskQueue,
    activities,
    dataConverter,
    shutdownGraceTime: config.shutdownGraceMs,
    ...(config.maxCachedWorkflows === undefined ? {} : { maxCachedWorkflows: config.maxCachedWorkflows }),
    ...workflowSource(options),
  });
};
