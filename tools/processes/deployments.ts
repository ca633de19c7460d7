import { setTimeout as pause } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import type { WorkerDeploymentVersion } from '@temporalio/common';
import proto from '@temporalio/proto';
import { vendorTaskQueue } from '../../contract/revalidation.js';
import { SETTINGS } from '../../worker/settings.js';

const { TaskQueueType, VersionDrainageStatus } = proto.temporal.api.enums.v1;
const { TASK_QUEUE_TYPE_WORKFLOW: WORKFLOW, TASK_QUEUE_TYPE_ACTIVITY: ACTIVITY } = TaskQueueType;

const THERE_WITHIN_MS = 20_000;
const ASK_AGAIN_MS = 100;

/** What the server says of a worker deployment. Build ids; no entry where there is none. */
export interface Deployment {
  /** The build that is given what no share goes elsewhere of. */
  readonly current?: string;
  readonly ramping?: { readonly buildId: string; readonly percentage: number };
  /** Builds that are neither: `drained` once no pinned workflow needs them. A build that was never given anything has no entry. */
  readonly drainage: Readonly<Record<string, 'draining' | 'drained'>>;
}

const DRAINAGE = new Map<unknown, 'draining' | 'drained'>([
  [VersionDrainageStatus.VERSION_DRAINAGE_STATUS_DRAINING, 'draining'],
  [VersionDrainageStatus.VERSION_DRAINAGE_STATUS_DRAINED, 'drained'],
]);

/** Reads where a deployment's tasks go. */
export const describeDeployment = async (temporal: Client, deploymentName: string): Promise<Deployment> => {
  const { namespace } = temporal.options;
  const { workerDeploymentInfo } = await temporal.workflowService.describeWorkerDeployment({
    namespace,
    deploymentName,
  });
  const { routingConfig, versionSummaries } = workerDeploymentInfo ?? {};
  const current = routingConfig?.currentDeploymentVersion?.buildId;
  const ramping = routingConfig?.rampingDeploymentVersion?.buildId;
  const drainage = (versionSummaries ?? []).flatMap(({ deploymentVersion, drainageStatus }) => {
    const status = DRAINAGE.get(drainageStatus);
    return status === undefined ? [] : [[deploymentVersion?.buildId ?? '', status] as const];
  });
  return {
    ...(current ? { current } : {}),
    ...(ramping ? { ramping: { buildId: ramping, percentage: routingConfig?.rampingVersionPercentage ?? 0 } } : {}),
    drainage: Object.fromEntries(drainage),
  };
};

/** The task queues with which the server knows the version; none while it does not know it. */
const queuesOf = async ({ workflowService, options }: Client, version: WorkerDeploymentVersion) => {
  const { namespace } = options;
  const answer = await workflowService
    .describeWorkerDeploymentVersion({ namespace, deploymentVersion: version })
    .catch(() => undefined);
  return new Set(answer?.versionTaskQueues.map(({ name, type }) => `${name} ${type}`));
};

/**
 * Waits until the server knows that workers of the version serve both task queues. They become known when they first ask for tasks, one
 * after the other: before that, a version cannot take over from another one that serves them.
 *
 * @throws Error when they are not known within 20 s.
 */
export const untilVersionIsThere = async (
  temporal: Client,
  version: WorkerDeploymentVersion,
  taskQueue: string = SETTINGS.taskQueue.fallback,
): Promise<void> => {
  const all = [`${taskQueue} ${WORKFLOW}`, `${taskQueue} ${ACTIVITY}`, `${vendorTaskQueue(taskQueue)} ${ACTIVITY}`];
  const deadline = Date.now() + THERE_WITHIN_MS;
  for (;;) {
    const known = await queuesOf(temporal, version);
    if (all.every((queue) => known.has(queue))) return;
    if (Date.now() > deadline)
      throw new Error(`No worker of ${version.deploymentName}, build ${version.buildId}, serves ${taskQueue}`);
    await pause(ASK_AGAIN_MS);
  }
};

/**
 * Gives everything to a version, once its workers are there: new workflows, and those under way. Answers when the server routes so.
 * `taskQueue` is that of the onboardings.
 */
export const setCurrentVersion = async (
  temporal: Client,
  version: WorkerDeploymentVersion,
  taskQueue?: string,
): Promise<void> => {
  await untilVersionIsThere(temporal, version, taskQueue);
  const { namespace, identity } = temporal.options;
  await temporal.workflowService.setWorkerDeploymentCurrentVersion({ namespace, identity, ...version });
};

/**
 * Gives a share of the workflows (0 to 100 %, by their ids) to a version, once its workers are there; the others stay with the version
 * that is current. `taskQueue` is that of the onboardings.
 */
export const setRampingVersion = async (
  temporal: Client,
  version: WorkerDeploymentVersion,
  percentage: number,
  taskQueue?: string,
): Promise<void> => {
  await untilVersionIsThere(temporal, version, taskQueue);
  const { namespace, identity } = temporal.options;
  await temporal.workflowService.setWorkerDeploymentRampingVersion({ namespace, identity, ...version, percentage });
};
