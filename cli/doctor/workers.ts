import type { Connection } from '@temporalio/client';
import proto from '@temporalio/proto';
import { MINUTE_MS } from '../../shared/time.js';
import { relative } from '../showing/moments.js';
import { type Finding, ok, wrong } from './finding.js';

const { TaskQueueType, WorkerVersioningMode } = proto.temporal.api.enums.v1;

const ABOUT = 'workers';

/** A worker that waits for tasks asks again after a minute. Who has not asked for longer may be gone. */
const ASKED_WITHIN_MS = 2 * MINUTE_MS;

/** A version of a worker deployment: name and build. Undefined for workers without a version. */
type Version = { readonly deploymentName: string; readonly buildId: string } | undefined;

/** Who asks for tasks of one kind, and to whom they go. */
interface Served {
  readonly pollers: readonly { readonly askedAt: number; readonly version: Version }[];
  readonly current: Version;
}

const KINDS = [TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW, TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY] as const;

const lookAt = async (
  { workflowService }: Connection,
  namespace: string,
  name: string,
  taskQueueType: (typeof KINDS)[number],
): Promise<Served> => {
  const { pollers, versioningInfo } = await workflowService.describeTaskQueue({
    namespace,
    taskQueue: { name },
    taskQueueType,
  });
  const { deploymentName, buildId } = versioningInfo?.currentDeploymentVersion ?? {};
  return {
    pollers: pollers.map(({ lastAccessTime, deploymentOptions }) => ({
      askedAt: Number(lastAccessTime?.seconds ?? 0) * 1_000,
      version:
        deploymentOptions?.workerVersioningMode === WorkerVersioningMode.WORKER_VERSIONING_MODE_VERSIONED
          ? { deploymentName: deploymentOptions.deploymentName ?? '', buildId: deploymentOptions.buildId ?? '' }
          : undefined,
    })),
    current: deploymentName && buildId ? { deploymentName, buildId } : undefined,
  };
};

const words = (version: Version): string =>
  version === undefined ? 'no version' : `${version.deploymentName} build ${version.buildId}`;

/** When somebody last asked for tasks of either kind: the longer ago of the two. */
const lastAskedAt = (kinds: readonly Served[]): number | undefined => {
  const moments = kinds.map(({ pollers }) => Math.max(...pollers.map(({ askedAt }) => askedAt)));
  const earliest = Math.min(...moments);
  return Number.isFinite(earliest) ? earliest : undefined;
};

/** Workers are there, and none of them is of the version that tasks go to. */
const passedOver = (kinds: readonly Served[], now: number): Finding | undefined => {
  for (const { pollers, current } of kinds) {
    const versions = pollers.filter(({ askedAt }) => now - askedAt <= ASKED_WITHIN_MS).map(({ version }) => version);
    if (versions.some((version) => words(version) === words(current))) continue;
    const [first] = versions.filter((version) => version !== undefined);
    const which = [...new Set(versions.map(words))].join(', ');
    const mend =
      first === undefined
        ? 'Start a worker of that version (docs/upgrading.md).'
        : `Give them the tasks: temporal worker deployment set-current-version --deployment-name ${first.deploymentName} --build-id ${first.buildId} (docs/upgrading.md).`;
    return wrong(ABOUT, `they are given nothing: current is ${words(current)}, and they are of ${which}`, mend);
  }
  return undefined;
};

/** Whether workers serve the task queue, and whether they are given its tasks: of workers that have a version, only the current one is. */
export const lookAtWorkers = async (connection: Connection, namespace: string, taskQueue: string): Promise<Finding> => {
  const kinds = await Promise.all(KINDS.map((kind) => lookAt(connection, namespace, taskQueue, kind)));
  const mend = 'Start a worker (npm run worker) with the same ONBOARDING_TASK_QUEUE and namespace.';
  const at = lastAskedAt(kinds);
  if (at === undefined) return wrong(ABOUT, `nobody serves the task queue ${taskQueue}`, mend);
  const now = Date.now();
  if (now - at > ASKED_WITHIN_MS)
    return wrong(ABOUT, `nobody has asked for tasks of ${taskQueue} since ${relative(at, now)}`, mend);
  const [{ current } = { current: undefined }] = kinds;
  const as = current === undefined ? '' : `; current is ${words(current)}`;
  return passedOver(kinds, now) ?? ok(ABOUT, `they serve the task queue ${taskQueue}${as}`);
};
