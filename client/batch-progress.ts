import type { Client } from '@temporalio/client';
import {
  decodeArrayFromPayloads,
  decodeOptionalFailureToOptionalError,
} from '@temporalio/common/lib/internal-non-workflow/codec-helpers.js';
import * as E from 'fp-ts/lib/Either.js';
import { type BatchProgress, batchQuery } from '../contract/revalidation.js';
import { countLedger } from '../contract/revalidation-counts.js';
import type { OnboardingCounts } from '../domain/revalidation/counts.js';
import {
  decodeScanProgress,
  further,
  type ScanProgress,
  takenPerSecond,
  timeLeftMs,
} from '../domain/revalidation/progress.js';
import { query } from './retries.js';

/** The progress of a batch: the state of its workflow, and the progress of the chunk in progress. */
export interface LiveBatchProgress extends BatchProgress {
  /**
   * The execution status in Temporal: `RUNNING`, `COMPLETED`, `FAILED`, `TERMINATED`, … If the workflow failed or was
   * stopped, `status` is its last.
   */
  readonly execution: string;
  /**
   * The registrations per second since the rate was last set. Absent if the batch is not scanning, or has only just
   * started.
   */
  readonly takenPerSecond?: number;
  /** The estimated time for the rest of the source, in ms. Absent if there is no estimate. */
  readonly timeLeftMs?: number;
  /** The onboardings of a `reverify`, counted by status. May lag behind by about a second. */
  readonly onboardings?: OnboardingCounts;
  /** The error of the last attempt of the chunk in progress, which is retried. */
  readonly problem?: string;
}

/** Describes the batch's workflow. It has at most one pending activity, or two while a cancelled chunk ends. */
const describeBatch = async (temporal: Client, workflowId: string) => {
  const { raw, status } = await temporal.workflow.getHandle(workflowId).describe();
  return { pending: raw.pendingActivities ?? [], execution: status.name };
};

type PendingActivities = Awaited<ReturnType<typeof describeBatch>>['pending'];

const heartbeatsOf = async (temporal: Client, pending: PendingActivities): Promise<readonly ScanProgress[]> => {
  const details = await Promise.all(
    pending.map(({ heartbeatDetails }) =>
      decodeArrayFromPayloads(temporal.options.loadedDataConverter, heartbeatDetails?.payloads),
    ),
  );
  return details.flatMap(([heartbeat]) =>
    E.match(
      (): readonly ScanProgress[] => [],
      (scan: ScanProgress) => [scan],
    )(decodeScanProgress(heartbeat)),
  );
};

const problemOf = async (temporal: Client, pending: PendingActivities): Promise<string | undefined> => {
  const failure = pending.find(({ lastFailure }) => lastFailure)?.lastFailure;
  return (await decodeOptionalFailureToOptionalError(temporal.options.loadedDataConverter, failure))?.message;
};

const countOnboardings = (temporal: Client, batch: string): Promise<OnboardingCounts> =>
  countLedger(batch, async (query) => (await temporal.workflow.count(query)).count);

export const readBatchProgress = async (
  temporal: Client,
  workflowId: string,
  now: () => number,
): Promise<LiveBatchProgress> => {
  // Read the activity before the workflow, which then includes a chunk that ended in between.
  const { pending, execution } = await describeBatch(temporal, workflowId);
  const heartbeats = await heartbeatsOf(temporal, pending);
  const problem = await problemOf(temporal, pending);
  const progress = await query(temporal.workflow.getHandle(workflowId), (handle) => handle.query(batchQuery));
  const { batch, request, pace, status } = progress;
  const startsOnboardings = request.mode === 'reverify' && !request.dryRun;
  const onboardings = startsOnboardings ? await countOnboardings(temporal, batch) : undefined;
  const scan = heartbeats.reduce(further, progress.scan);
  const at = now();
  const isScanning = execution === 'RUNNING' && status === 'scanning' && pace !== undefined;
  const speed = isScanning ? takenPerSecond(scan, pace, at) : undefined;
  const left = isScanning ? timeLeftMs(scan, pace, at) : undefined;
  return {
    ...progress,
    execution,
    scan,
    ...(speed === undefined ? {} : { takenPerSecond: speed }),
    ...(left === undefined ? {} : { timeLeftMs: left }),
    ...(onboardings === undefined ? {} : { onboardings }),
    ...(problem === undefined ? {} : { problem }),
  };
};
