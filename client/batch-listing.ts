import type { Client, WorkflowExecutionInfo } from '@temporalio/client';
import * as E from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';
import { quoted } from '../contract/report-routing.js';
import { batchOfWorkflowId, REVALIDATION_WORKFLOW } from '../contract/revalidation.js';
import { SEARCH_ATTRIBUTES } from '../contract/search-attributes.js';
import { BATCH_STATUSES, type BatchStatus } from '../domain/revalidation/progress.js';
import { BATCH_MODES, type BatchMode } from '../domain/revalidation/request.js';
import { oneOf } from '../shared/decoding.js';

/** What is noted with a batch when it is started. */
const Memo = t.partial({
  fingerprint: t.string,
  mode: oneOf(BATCH_MODES),
  dryRun: t.boolean,
  startedAt: t.number,
});

/** What was noted; nothing where the batch was started by hand. */
export const memoOf = ({ memo }: Pick<WorkflowExecutionInfo, 'memo'>): t.TypeOf<typeof Memo> =>
  E.getOrElse((): t.TypeOf<typeof Memo> => ({}))(Memo.decode(memo ?? {}));

export interface BatchFilter {
  readonly status?: BatchStatus;
  /** Running ones alone, or ended ones alone. */
  readonly running?: boolean;
}

/** One batch, as the list knows it. */
export interface ListedBatch {
  readonly batch: string;
  readonly workflowId: string;
  /** Absent where Temporal knows of none. Where the workflow failed or was stopped, the last it had: see `execution`. */
  readonly status?: BatchStatus;
  /** Temporal's own word: `RUNNING`, `COMPLETED`, `FAILED`, `CANCELLED`, `TERMINATED`, … */
  readonly execution: string;
  /** Absent where the batch was started by hand. */
  readonly mode?: BatchMode;
  readonly dryRun?: boolean;
  readonly startedAt: Date;
  readonly endedAt?: Date;
}

const queryOf = ({ status, running }: BatchFilter): string =>
  [
    `WorkflowType = ${quoted(REVALIDATION_WORKFLOW)}`,
    // A long batch goes on in run after run: each but the last is one of these.
    'ExecutionStatus != "ContinuedAsNew"',
    ...(status === undefined ? [] : [`${SEARCH_ATTRIBUTES.status.name} = ${quoted(status)}`]),
    ...(running === undefined ? [] : [`ExecutionStatus ${running ? '=' : '!='} "Running"`]),
  ].join(' AND ');

export const listedBatch = (info: Omit<WorkflowExecutionInfo, 'raw'>): ListedBatch => {
  const { workflowId, status, startTime, closeTime, typedSearchAttributes } = info;
  const { mode, dryRun, startedAt } = memoOf(info);
  const word = typedSearchAttributes.get(SEARCH_ATTRIBUTES.status);
  const batchStatus = BATCH_STATUSES.find((one) => one === word);
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

/** The batches that fit the filter, newest first. */
export const listBatches = async function* (
  temporal: Client,
  filter: BatchFilter,
): AsyncGenerator<ListedBatch, void, undefined> {
  for await (const info of temporal.workflow.list({ query: queryOf(filter) })) yield listedBatch(info);
};
