import type { Connection } from '@temporalio/client';
import proto from '@temporalio/proto';
import { documentPath } from '../../shared/package-files.js';
import { MINUTE_MS, SECOND_MS } from '../../shared/time.js';
import { Problem } from './finding.js';

const { TaskQueueType, WorkerVersioningMode } = proto.temporal.api.enums.v1;

/** A waiting worker polls once a minute. Temporal remembers for five minutes also a worker that is gone. */
const MAX_POLL_AGE_MS = MINUTE_MS + 15 * SECOND_MS;

type Server = Pick<Connection, 'workflowService'>;

type Version = { readonly deploymentName: string; readonly buildId: string } | undefined;

/** The pollers of one type of task queue, and the version that receives its tasks. */
interface Polled {
  readonly pollers: readonly { readonly polledAt: number; readonly version: Version }[];
  readonly current: Version;
}

const TYPES = [TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW, TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY] as const;

const pollersOf = async (
  { workflowService }: Server,
  namespace: string,
  name: string,
  taskQueueType: (typeof TYPES)[number],
): Promise<Polled> => {
  const { pollers, versioningInfo } = await workflowService.describeTaskQueue({
    namespace,
    taskQueue: { name },
    taskQueueType,
  });
  const { deploymentName, buildId } = versioningInfo?.currentDeploymentVersion ?? {};
  return {
    pollers: pollers.map(({ lastAccessTime, deploymentOptions }) => ({
      polledAt: Number(lastAccessTime?.seconds ?? 0) * 1_000,
      version:
        deploymentOptions?.workerVersioningMode === WorkerVersioningMode.WORKER_VERSIONING_MODE_VERSIONED
          ? { deploymentName: deploymentOptions.deploymentName ?? '', buildId: deploymentOptions.buildId ?? '' }
          : undefined,
    })),
    current: deploymentName && buildId ? { deploymentName, buildId } : undefined,
  };
};

const describeVersion = (version: Version): string =>
  version === undefined ? 'no version' : `${version.deploymentName} build ${version.buildId}`;

/** Returns the earlier of the last polls for workflow tasks and for activity tasks. */
const lastPolledAt = (types: readonly Polled[]): number | undefined => {
  const polledAt = types.map(({ pollers }) => Math.max(...pollers.map((poller) => poller.polledAt)));
  const earliest = Math.min(...polledAt);
  return Number.isFinite(earliest) ? earliest : undefined;
};

/** @throws Problem if no recent poller has the current version, which alone receives tasks. */
const requireCurrentVersion = (types: readonly Polled[], now: number): void => {
  for (const { pollers, current } of types) {
    const versions = pollers.filter(({ polledAt }) => now - polledAt <= MAX_POLL_AGE_MS).map(({ version }) => version);
    if (versions.some((version) => describeVersion(version) === describeVersion(current))) continue;
    const first = versions.find((version) => version !== undefined);
    const found = [...new Set(versions.map(describeVersion))].join(', ');
    throw new Problem(
      `they receive no tasks: the current version is ${describeVersion(current)}, theirs is ${found}`,
      first === undefined
        ? `Start a worker of that version: ${documentPath('upgrading.md')}`
        : `Make it the current version: temporal worker deployment set-current-version --deployment-name ${first.deploymentName} --build-id ${first.buildId} (${documentPath('upgrading.md')}).`,
    );
  }
};

/**
 * Examines whether workers poll the task queue, and whether they have the version that receives tasks. `now` is in ms
 * since the Unix epoch.
 */
export const examineWorkers = async (
  server: Server,
  namespace: string,
  taskQueue: string,
  now = Date.now(),
): Promise<string> => {
  const types = await Promise.all(TYPES.map((type) => pollersOf(server, namespace, taskQueue, type)));
  const fix = 'Start a worker (verifik-onboarding-worker) with the same ONBOARDING_TASK_QUEUE and namespace.';
  const at = lastPolledAt(types);
  if (at === undefined) throw new Problem(`no worker polls the task queue ${taskQueue}`, fix);
  const asked = `last asked for work ${Math.max(0, Math.round((now - at) / SECOND_MS))} s ago`;
  if (now - at > MAX_POLL_AGE_MS) throw new Problem(`no worker polls the task queue ${taskQueue}: one ${asked}`, fix);
  requireCurrentVersion(types, now);
  const current = types[0]?.current;
  const version = current === undefined ? '' : `; the current version is ${describeVersion(current)}`;
  return `they poll the task queue ${taskQueue}, and ${asked}${version}`;
};
