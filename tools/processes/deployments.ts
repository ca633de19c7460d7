import type { Client } from '@temporalio/client';
import type { WorkerDeploymentVersion } from '@temporalio/common';
import proto from '@temporalio/proto';
import { backgroundTaskQueue, vendorTaskQueue } from '../../contract/task-queues.js';
import { SETTINGS } from '../../worker/settings.js';
import { poll } from '../servers/index.js';

const { TaskQueueType, VersionDrainageStatus } = proto.temporal.api.enums.v1;
const { TASK_QUEUE_TYPE_WORKFLOW: WORKFLOW, TASK_QUEUE_TYPE_ACTIVITY: ACTIVITY } = TaskQueueType;

const REGISTERED_WITHIN_MS = 20_000;

const DRAINAGE = new Map<unknown, string>([
  [VersionDrainageStatus.VERSION_DRAINAGE_STATUS_DRAINING, 'draining'],
  [VersionDrainageStatus.VERSION_DRAINAGE_STATUS_DRAINED, 'drained'],
]);

/**
 * Describes the routing of a worker deployment by build id. The current version receives every task that the ramping
 * version does not. `drainage` has the other builds: they are drained once no pinned workflow needs them. A build that
 * never received a task has no entry.
 */
export const describeDeployment = async ({ options, workflowService }: Client, deploymentName: string) => {
  const { namespace } = options;
  const { workerDeploymentInfo } = await workflowService.describeWorkerDeployment({ namespace, deploymentName });
  const { routingConfig, versionSummaries } = workerDeploymentInfo ?? {};
  const buildId = routingConfig?.rampingDeploymentVersion?.buildId;
  const drainage = (versionSummaries ?? []).flatMap(({ deploymentVersion, drainageStatus }) => {
    const status = DRAINAGE.get(drainageStatus);
    return status === undefined ? [] : [[deploymentVersion?.buildId ?? '', status] as const];
  });
  return {
    current: routingConfig?.currentDeploymentVersion?.buildId,
    ramping: buildId ? { buildId, percentage: routingConfig?.rampingVersionPercentage ?? 0 } : undefined,
    drainage: Object.fromEntries(drainage),
  };
};

/**
 * Waits until the server has registered all task queues of the version. A task queue is registered when a worker first
 * polls it; before that, the version cannot replace another one that serves the queue.
 *
 * @throws Error if a task queue is not registered within 20 s.
 */
export const untilVersionIsThere = (temporal: Client, version: WorkerDeploymentVersion): Promise<void> => {
  const { namespace } = temporal.options;
  const taskQueue = SETTINGS.taskQueue.fallback;
  const expected = [
    `${taskQueue} ${WORKFLOW}`,
    `${taskQueue} ${ACTIVITY}`,
    `${backgroundTaskQueue(taskQueue)} ${ACTIVITY}`,
    `${vendorTaskQueue(taskQueue)} ${ACTIVITY}`,
  ];
  const isRegistered = async () => {
    const request = { namespace, deploymentVersion: version };
    const { versionTaskQueues } = await temporal.workflowService.describeWorkerDeploymentVersion(request);
    const registered = new Set(versionTaskQueues.map(({ name, type }) => `${name} ${type}`));
    return expected.every((queue) => registered.has(queue));
  };
  const late = `No worker of ${version.deploymentName}, build ${version.buildId}, polls ${taskQueue}`;
  return poll(isRegistered, REGISTERED_WITHIN_MS, late);
};

/** Makes a version current once its workers poll. */
export const setCurrentVersion = async (temporal: Client, version: WorkerDeploymentVersion): Promise<void> => {
  await untilVersionIsThere(temporal, version);
  const { namespace, identity } = temporal.options;
  await temporal.workflowService.setWorkerDeploymentCurrentVersion({ namespace, identity, ...version });
};

/** Ramps a version once its workers poll: it receives `percentage` % of the workflows, chosen by workflow id. */
export const setRampingVersion = async (
  temporal: Client,
  version: WorkerDeploymentVersion,
  percentage: number,
): Promise<void> => {
  await untilVersionIsThere(temporal, version);
  const { namespace, identity } = temporal.options;
  await temporal.workflowService.setWorkerDeploymentRampingVersion({ namespace, identity, ...version, percentage });
};
