import type { Client, WorkflowExecutionInfo } from '@temporalio/client';
import * as E from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';
import { quoted } from '../contract/report-routing.js';
import { batchOfWorkflowId, REVALIDATION_WORKFLOW } from '../contract/revalidation.js';
import { SEARCH_ATTRIBUTES } from '../contract/search-attributes.js';
import { BATCH_STATUSES, type BatchStatus } from '../domain/revalidation/progress.js';
import { BATCH_MODES, type BatchMode } from '../domain/revalidation/request.js';
import { oneOf } from '../shared/decoding.js';

const Memo = t.partial({
  fingerprint: t.string,
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

export interface ListedBatch {
  readonly batch: string;
  readonly workflowId: string;
  /**
   * Absent if the workflow has not published one. The last one, if the workflow failed or was stopped: see `execution`.
   */
  readonly status?: BatchStatus;
  /** The execution status in Temporal: `RUNNING`, `COMPLETED`, `FAILED`, `CANCELLED`, `TERMINATED`, … */
  readonly execution: string;
  /** Absent if the batch was not started by this client. */
  readonly mode?: BatchMode;
  readonly dryRun?: boolean;
  readonly startedAt: Date;
  readonly endedAt?: Date;
}

const queryOf = ({ status, running }: BatchFilter): string =>
  [
    `WorkflowType = ${quoted(REVALIDATION_WORKFLOW)}`,
    // A long batch continues as new: only its last run counts.
    'ExecutionStatus != "ContinuedAsNew"',
    ...(status === undefined ? [] : [`${SEARCH_ATTRIBUTES.status.name} = ${quoted(status)}`]),
    ...(running === undefined ? [] : [`ExecutionStatus ${running ? '=' : '!='} "Running"`]),
  ].join(' AND ');

export const toListedBatch = (info: Omit<WorkflowExecutionInfo, 'raw'>): ListedBatch => {
  const { workflowId, status, startTime, closeTime, typedSearchAttributes } = info;
  const { mode, dryRun, startedAt } = memoOf(info);
  const published = typedSearchAttributes.get(SEARCH_ATTRIBUTES.status);
  const batchStatus = BATCH_STATUSES.find((known) => known === published);
  return {
    batch: batchOfWorkflowId(workflowId),
    workflowId,
    execution: status.name,
    startedAt: startedAt === undefined ? startTime : new Date(startedAt),
    ...(batchStatus === undefined ? {} : { status: batchStatus }),
    ...(mode === undefined ? {} : { mode }),
    ...(dryRun === undefined ? {} : { dryRun }),
    ...(closeTime === undefined ? {} : { endedAt: closeTime }),
  };
};

export const listBatches = async function* (
  temporal: Client,
  filter: BatchFilter,
): AsyncGenerator<ListedBatch, void, undefined> {
  for await (const info of temporal.workflow.list({ query: queryOf(filter) })) yield toListedBatch(info);
};
