import type { WorkflowExecutionInfo } from '@temporalio/client';
import * as E from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';
import { batchOfWorkflowId, REVALIDATION_WORKFLOW } from '../../contract/revalidation.js';
import { SEARCH_ATTRIBUTES } from '../../contract/search-attributes.js';
import { BATCH_STATUSES, type BatchStatus } from '../../domain/revalidation/progress.js';
import { BATCH_MODES, type BatchMode } from '../../domain/revalidation/request.js';
import { closed, oneOf } from '../../shared/decoding.js';
import { defined } from '../../shared/defined.js';
import { allOf, equals } from '../lists/list.js';

const Memo = t.partial({
  fingerprints: t.record(t.string, t.string),
  mode: oneOf(BATCH_MODES),
  dryRun: t.boolean,
  startedAt: t.number,
});

/** Decodes the memo. It is empty if the batch was not started by this client. */
export const memoOf = ({ memo }: Pick<WorkflowExecutionInfo, 'memo'>): t.TypeOf<typeof Memo> =>
  E.getOrElse((): t.TypeOf<typeof Memo> => ({}))(Memo.decode(memo ?? {}));

export interface BatchFilter {
  readonly status?: BatchStatus;
  /** True: only running batches. False: only ended ones. */
  readonly running?: boolean;
}

export const BatchFilterFields = closed(t.partial({ status: oneOf(BATCH_STATUSES), running: t.boolean }));

export interface ListedBatch {
  readonly batch: string;
  readonly workflowId: string;
  /**
   * Absent if the workflow has not published one. The last one, if the workflow failed or was stopped: see `execution`.
   */
  readonly status?: BatchStatus;
  /** The execution status in Temporal: `RUNNING`, `COMPLETED`, `FAILED`, `CANCELLED`, `TERMINATED`, … */
  readonly execution: string;
  /** Absent if the batch was not started by this client, or its memo is encrypted with a key of others. */
  readonly mode?: BatchMode;
  readonly dryRun?: boolean;
  readonly startedAt: Date;
  readonly endedAt?: Date;
}

/** Returns the visibility query of a filter. */
export const batchQueryOf = ({ status, running }: BatchFilter): string =>
  allOf([
    equals('WorkflowType', REVALIDATION_WORKFLOW),
    // A long batch continues as new: only its last run counts.
    'ExecutionStatus != "ContinuedAsNew"',
    equals(SEARCH_ATTRIBUTES.status.name, status),
    running === undefined ? undefined : `ExecutionStatus ${running ? '=' : '!='} "Running"`,
  ]);

export const toListedBatch = (info: Omit<WorkflowExecutionInfo, 'raw'>): ListedBatch => {
  const { workflowId, status, startTime, closeTime, typedSearchAttributes } = info;
  const { mode, dryRun, startedAt } = memoOf(info);
  const published = typedSearchAttributes.get(SEARCH_ATTRIBUTES.status);
  return defined({
    batch: batchOfWorkflowId(workflowId),
    workflowId,
    execution: status.name,
    startedAt: startedAt === undefined ? startTime : new Date(startedAt),
    status: BATCH_STATUSES.find((known) => known === published),
    mode,
    dryRun,
    endedAt: closeTime,
  });
};
