import { type NativeConnection, Worker, type WorkerOptions } from '@temporalio/worker';
import type { OnboardingActivities } from '../workflows/activity-contract.js';
import { BUILT_BUNDLE, WORKFLOWS } from './bundle.js';
import type { WorkerConfig } from './config.js';

export interface OnboardingWorkerOptions {
  readonly connection: NativeConnection;
  readonly namespace: string;
  readonly activities: OnboardingActivities;
  readonly config: Pick<WorkerConfig, 'taskQueue' | 'workflowBundle' | 'maxCachedWorkflows' | 'shutdownGraceMs'>;
  /** In production the bundle that the build made is used, so that what was tested is what runs. */
  readonly production: boolean;
}

type WorkflowSource = Pick<WorkerOptions, 'workflowBundle' | 'workflowsPath'>;

const workflowSource = ({ config, production }: OnboardingWorkerOptions): WorkflowSource => {
  const codePath = config.workflowBundle ?? (production ? BUILT_BUNDLE : undefined);
  return codePath === undefined ? { workflowsPath: WORKFLOWS } : { workflowBundle: { codePath } };
};

/** A worker for onboardings: the workflows and their activities, on one task queue. */
export const createOnboardingWorker = (options: OnboardingWorkerOptions): Promise<Worker> => {
  const { connection, namespace, activities, config } = options;
  return Worker.create({
    connection,
    namespace,
    taskQueue: config.taskQueue,
    activities,
    shutdownGraceTime: config.shutdownGraceMs,
    ...(config.maxCachedWorkflows === undefined ? {} : { maxCachedWorkflows: config.maxCachedWorkflows }),
    ...workflowSource(options),
  });
};
