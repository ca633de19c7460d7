import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type { BatchCounts, OnboardingCounts } from '../domain/revalidation/counts.js';
import type { BatchStatus, Pace, Walked } from '../domain/revalidation/progress.js';
import type { BatchRequest, BatchRequestInput } from '../domain/revalidation/request.js';
import { ONBOARDING_WORKFLOW } from './messages.js';
import { quoted } from './report-routing.js';
import { SEARCH_ATTRIBUTES } from './search-attributes.js';

/** The type's name of the workflow that re-validates a population. */
export const REVALIDATION_WORKFLOW = 'revalidation';

const WORKFLOW_ID_PREFIX = 'revalidation-';

/** The id of the workflow that is the batch of this id. */
export const workflowIdOfBatch = (batch: string): string =>
  `${WORKFLOW_ID_PREFIX}${batch.replace(/(-\d{4}-\d\d-\d\dT\d\d)(\d\d)(\d\dZ)$/, '$1:$2:$3')}`;

/**
 * The id of the batch that is this workflow. Temporal adds the time to the workflow ids of what a schedule begins
 * (`-2026-06-01T03:30:00Z`); in the batch's id, which names files too, it stands without colons.
 */
export const batchOfWorkflowId = (workflowId: string): string =>
  (workflowId.startsWith(WORKFLOW_ID_PREFIX) ? workflowId.slice(WORKFLOW_ID_PREFIX.length) : workflowId).replace(
    /(-\d{4}-\d\d-\d\dT\d\d):(\d\d):(\d\dZ)$/,
    '$1$2$3',
  );

/**
 * The id of the onboarding by which batches ask an applicant again: the same for all batches, so that the server lets one at a time run.
 * Which batch began it, its search attribute `OnboardingBatch` tells.
 */
export const workflowIdOfReverify = (appRegistrationId: string): string => `reverify-${appRegistrationId}`;

/** The onboardings that a batch has begun, as a query of Temporal's visibility. */
export const onboardingsOfBatch = (batch: string): string =>
  `WorkflowType = ${quoted(ONBOARDING_WORKFLOW)} AND ${SEARCH_ATTRIBUTES.batch.name} = ${quoted(batch)}`;

/** The task queue of calls to the vendor on behalf of batches: the server holds them to the fleet's rate. */
export const vendorTaskQueue = (taskQueue: string): string => `${taskQueue}-vendor`;

/** After live traffic, whose priority is the default of 3. */
export const BATCH_PRIORITY = 5;

/** The server takes no longer fairness key. */
const MAX_FAIRNESS_KEY = 64;

/** The priority of a batch and of all that is done for it. Batches whose ids begin alike share their turn. */
export const priorityOfBatch = (batch: string) => ({
  priorityKey: BATCH_PRIORITY,
  fairnessKey: batch.slice(0, MAX_FAIRNESS_KEY),
});

/** What the `OnboardingStatus` of a batch can be. */
export type { BatchStatus };

/** What the workflow is started with. */
export interface RevalidationInput {
  readonly request: BatchRequestInput;
  /** What one run hands to the next at continue-as-new. */
  readonly carried?: RevalidationCarried;
}

/** What a batch remembers. */
export interface RevalidationCarried {
  readonly walked: Walked;
  readonly callsPerSecond: number;
  readonly paused: boolean;
  readonly startedAt: number;
}

/** What the query answers. While a leg is under way, `walked` is from before it: the client adds what the leg has heartbeated. */
export interface BatchProgress {
  readonly batch: string;
  readonly request: BatchRequest;
  readonly status: BatchStatus;
  readonly callsPerSecond: number;
  readonly startedAt: number;
  readonly walked: Walked;
  /** What the time left is told by. Absent while nothing is walked. */
  readonly pace?: Pace;
  /** The type of the activity that is under way, whose heartbeat details tell how far it is. */
  readonly activity?: string;
  /** Why the walk has stopped before the end of the source. */
  readonly stopped?: StopReason;
}

export type StopReason = 'budget' | 'cancelled';

export interface CancelArgs {
  /** `withdraw`: the onboardings that the batch has begun and that are running are withdrawn. */
  readonly onboardings: 'keep' | 'withdraw';
}

export interface BatchResult extends BatchCounts {
  readonly batch: string;
  readonly mode: BatchRequest['mode'];
  readonly dryRun: boolean;
  /** How the onboardings that were begun have ended. Of a `reverify` alone. */
  readonly onboardings?: OnboardingCounts;
  readonly stopped?: StopReason;
  readonly startedAt: number;
  readonly endedAt: number;
}

export const pauseSignal = defineSignal<[]>('pause');
export const resumeSignal = defineSignal<[]>('resume');
export const cancelBatchSignal = defineSignal<[CancelArgs | undefined]>('cancelBatch');
/** Answers with the progress at the new rate. */
export const changeRateUpdate = defineUpdate<BatchProgress, [number]>('changeRate');
export const batchQuery = defineQuery<BatchProgress>('batch');
