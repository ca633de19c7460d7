import type { BatchCounts, OnboardingCounts } from '../domain/revalidation/counts.js';
import type { BatchStatus, Pace, ScanProgress } from '../domain/revalidation/progress.js';
import type { BatchRequest, BatchRequestInput } from '../domain/revalidation/request.js';
import { defineQuery, defineSignal, defineUpdate } from './definitions.js';
import { ONBOARDING_WORKFLOW } from './messages.js';
import { quoted } from './report-routing.js';
import { SEARCH_ATTRIBUTES } from './search-attributes.js';

export const REVALIDATION_WORKFLOW = 'revalidation';

const WORKFLOW_ID_PREFIX = 'revalidation-';

export const workflowIdOfBatch = (batch: string): string =>
  `${WORKFLOW_ID_PREFIX}${batch.replace(/(-\d{4}-\d\d-\d\dT\d\d)(\d\d)(\d\dZ)$/, '$1:$2:$3')}`;

/**
 * Returns the batch id of a workflow. Temporal appends the time to the workflow ids of scheduled batches
 * (`-2026-06-01T03:30:00Z`). The batch id has it without colons, because it is also part of file names.
 */
export const batchOfWorkflowId = (workflowId: string): string =>
  (workflowId.startsWith(WORKFLOW_ID_PREFIX) ? workflowId.slice(WORKFLOW_ID_PREFIX.length) : workflowId).replace(
    /(-\d{4}-\d\d-\d\dT\d\d):(\d\d):(\d\dZ)$/,
    '$1$2$3',
  );

/**
 * Returns the workflow id of an onboarding that verifies a registration again. All batches use the same id, so that
 * only one such onboarding runs at a time. Its search attribute `OnboardingBatch` names the batch.
 */
export const workflowIdOfReverify = (appRegistrationId: string): string => `reverify-${appRegistrationId}`;

export const onboardingsOfBatch = (batch: string): string =>
  `WorkflowType = ${quoted(ONBOARDING_WORKFLOW)} AND ${SEARCH_ATTRIBUTES.batch.name} = ${quoted(batch)}`;

/** Lower than interactive traffic, which has the default priority of 3. */
export const BATCH_PRIORITY = 5;

/** The server's limit of a fairness key, in characters. */
const MAX_FAIRNESS_KEY = 64;

/** The priority of a batch and its work. Batches whose ids share the first 64 characters share a fairness key. */
export const priorityOfBatch = (batch: string) => ({
  priorityKey: BATCH_PRIORITY,
  fairnessKey: batch.slice(0, MAX_FAIRNESS_KEY),
});

export type { BatchStatus };

export interface RevalidationInput {
  readonly request: BatchRequestInput;
  readonly carried?: RevalidationCarried;
}

export interface RevalidationCarried {
  readonly scan: ScanProgress;
  readonly callsPerSecond: number;
  readonly paused: boolean;
  readonly startedAt: number;
}

/**
 * The answer to the query `batch`. During a chunk, `scan` is the progress before it: the client adds the heartbeat
 * details.
 */
export interface BatchProgress {
  readonly batch: string;
  readonly request: BatchRequest;
  readonly status: BatchStatus;
  readonly callsPerSecond: number;
  readonly startedAt: number;
  readonly scan: ScanProgress;
  /** The basis of the ETA. Absent while no chunk is scanned. */
  readonly pace?: Pace;
  /** The type of the running activity, whose heartbeat details show its progress. */
  readonly activity?: string;
  /** Set if the scan ended before the end of the source. */
  readonly stopped?: StopReason;
  /** Set if the scan ended at the credit budget, also if the batch was cancelled afterwards. */
  readonly budgetSpent?: true;
  /**
   * The reason for which the batch cannot continue, or ended without a complete report. The client adds the failure of
   * the current activity's last attempt.
   */
  readonly problem?: string;
}

export type StopReason = 'budget' | 'cancelled';

export interface CancelArgs {
  /** `withdraw` also withdraws the batch's running onboardings. */
  readonly onboardings: 'keep' | 'withdraw';
}

export interface BatchResult extends BatchCounts {
  readonly batch: string;
  readonly mode: BatchRequest['mode'];
  readonly dryRun: boolean;
  /** The outcomes of the started onboardings. Set for `reverify`. */
  readonly onboardings?: OnboardingCounts;
  readonly stopped?: StopReason;
  /** Set if the scan ended at the credit budget, also if the batch was cancelled afterwards. */
  readonly budgetSpent?: true;
  /** The registrations of the source that the scan did not reach. Set if it ended early and the number is known. */
  readonly unprocessed?: number;
  readonly startedAt: number;
  readonly endedAt: number;
}

export const pauseSignal = defineSignal<[]>('pause');
export const resumeSignal = defineSignal<[]>('resume');
export const cancelBatchSignal = defineSignal<[CancelArgs | undefined]>('cancelBatch');
export const changeRateUpdate = defineUpdate<BatchProgress, [number]>('changeRate');
export const batchQuery = defineQuery<BatchProgress>('batch');
