import type { Client, WorkflowExecutionDescription, WorkflowHandle } from '@temporalio/client';
import {
  decodeArrayFromPayloads,
  decodeOptionalFailureToOptionalError,
} from '@temporalio/common/lib/internal-non-workflow/codec-helpers.js';
import * as A from 'fp-ts/lib/Array.js';
import { type BatchProgress, batchQuery } from '../../contract/revalidation.js';
import { countLedger } from '../../contract/revalidation-counts.js';
import type { OnboardingCounts } from '../../domain/revalidation/counts.js';
import {
  decodeScanProgress,
  further,
  type ScanProgress,
  takenPerSecond,
  timeLeftMs,
} from '../../domain/revalidation/progress.js';
import { defined } from '../../shared/defined.js';
import { query } from '../calls/queries.js';

/** The progress of a batch: the state of its workflow, and the progress of the chunk in progress. */
export interface LiveBatchProgress extends BatchProgress {
  /** The execution status in Temporal, such as `RUNNING` or `FAILED`. After a failure, `status` is the last. */
  readonly execution: string;
  /** The registrations per second since the rate was last set. Absent if not scanning, or only just started. */
  readonly takenPerSecond?: number;
  /** The estimated time for the rest of the source, in ms. Absent if there is no estimate. */
  readonly timeLeftMs?: number;
  /** The onboardings of a `reverify`, counted by status. May lag behind by about a second. */
  readonly onboardings?: OnboardingCounts;
}

/** The pending activities of the batch: at most one, or two while a cancelled chunk ends. */
type PendingActivities = NonNullable<WorkflowExecutionDescription['raw']['pendingActivities']>;

const heartbeatsOf = async (temporal: Client, pending: PendingActivities): Promise<readonly ScanProgress[]> => {
  const details = await Promise.all(
    pending.map(({ heartbeatDetails }) =>
      decodeArrayFromPayloads(temporal.options.loadedDataConverter, heartbeatDetails?.payloads),
    ),
  );
  return A.rights(details.map(([heartbeat]) => decodeScanProgress(heartbeat)));
};

const problemOf = async (temporal: Client, pending: PendingActivities): Promise<string | undefined> => {
  const failure = pending.find(({ lastFailure }) => lastFailure)?.lastFailure;
  return (await decodeOptionalFailureToOptionalError(temporal.options.loadedDataConverter, failure))?.message;
};

export const readBatchProgress = async (temporal: Client, handle: WorkflowHandle): Promise<LiveBatchProgress> => {
  // Read the activity before the workflow, which then includes a chunk that ended in between.
  const { raw, status: execution } = await handle.describe();
  const pending = raw.pendingActivities ?? [];
  const heartbeats = await heartbeatsOf(temporal, pending);
  const problem = await problemOf(temporal, pending);
  const progress = await query(handle, () => handle.query(batchQuery));
  const { batch, request, pace, status } = progress;
  const startsOnboardings = request.mode === 'reverify' && !request.dryRun;
  const count = async (condition: string) => (await temporal.workflow.count(condition)).count;
  const onboardings = startsOnboardings ? await countLedger(batch, count) : undefined;
  const scan = heartbeats.reduce(further, progress.scan);
  const now = Date.now();
  const isScanning = execution.name === 'RUNNING' && status === 'scanning' && pace !== undefined;
  return {
    ...progress,
    execution: execution.name,
    scan,
    ...defined({
      takenPerSecond: isScanning ? takenPerSecond(scan, pace, now) : undefined,
      timeLeftMs: isScanning ? timeLeftMs(scan, pace, now) : undefined,
      onboardings,
      problem: problem ?? progress.problem,
    }),
  };
};
