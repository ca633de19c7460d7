import { type Client, type WorkflowExecutionInfo, WorkflowNotFoundError } from '@temporalio/client';
import * as t from 'io-ts';
import { ONBOARDING_WORKFLOW } from '../../contract/messages.js';
import { quoted } from '../../contract/report-routing.js';
import { SEARCH_ATTRIBUTES } from '../../contract/search-attributes.js';
import type { Known } from '../../domain/revalidation/comparing.js';
import { OUTCOMES_BY_WORD } from '../../domain/revalidation/counts.js';
import type { EpochMs } from '../../shared/time.js';

/** An onboarding that this batch has begun itself. */
export interface Own {
  readonly workflowId: string;
  /** The place in the source that it was begun for. */
  readonly ordinal?: number;
  /** When its run began, in ms since the Unix epoch. */
  readonly startedAt: EpochMs;
}

/** What Temporal knows of a registration by its onboardings. But for `own`, by those that others have begun. */
export interface Record {
  readonly own?: Own;
  /** How the newest of them that says anything stands. */
  readonly known?: Known;
  /** The one that is running. */
  readonly running?: string;
  /** The customer that it is of, as the caller names them. */
  readonly reference?: string;
}

const knownOf = ({ status, typedSearchAttributes }: WorkflowExecutionInfo): Known | undefined =>
  status.name === 'RUNNING' ? 'open' : OUTCOMES_BY_WORD.get(typedSearchAttributes.get(SEARCH_ATTRIBUTES.status) ?? '');

const queryOf = (ids: readonly string[]): string =>
  `WorkflowType = ${quoted(ONBOARDING_WORKFLOW)} AND ${SEARCH_ATTRIBUTES.registrationIds.name} IN (${ids.map(quoted).join(', ')})`;

/** What an onboarding of a batch notes of where it comes from. */
const Memo = t.type({ ordinal: t.number });

type Run = Pick<WorkflowExecutionInfo, 'workflowId' | 'memo' | 'startTime' | 'status' | 'typedSearchAttributes'>;

/** The onboarding where this batch has begun it. */
export const ownOf = (
  { workflowId, memo, startTime, typedSearchAttributes }: Run,
  batch: string,
): { readonly own?: Own } =>
  typedSearchAttributes.get(SEARCH_ATTRIBUTES.batch) === batch
    ? { own: { workflowId, startedAt: startTime.getTime(), ...(Memo.is(memo) ? { ordinal: memo.ordinal } : {}) } }
    : {};

/** What one onboarding tells. */
const recordOf = (run: WorkflowExecutionInfo, batch: string): Record => {
  const { own } = ownOf(run, batch);
  if (own !== undefined) return { own };
  const known = knownOf(run);
  const reference = run.typedSearchAttributes.get(SEARCH_ATTRIBUTES.reference);
  return {
    ...(known === undefined ? {} : { known }),
    ...(known === 'open' ? { running: run.workflowId } : {}),
    ...(reference === undefined ? {} : { reference }),
  };
};

/** What is known of some registrations (100 at most), by their ids, in one query. Temporal's visibility lags behind by a second or so. */
export const readRegistry = async (
  temporal: Client,
  ids: readonly string[],
  batch: string,
): Promise<ReadonlyMap<string, Record>> => {
  const records = new Map<string, Record>();
  if (ids.length === 0) return records;
  for await (const run of temporal.workflow.list({ query: queryOf(ids), pageSize: 500 })) {
    if (run.status.name === 'CONTINUED_AS_NEW') continue;
    // The newest comes first, and what it tells stands.
    for (const id of run.typedSearchAttributes.get(SEARCH_ATTRIBUTES.registrationIds) ?? [])
      records.set(id, { ...recordOf(run, batch), ...records.get(id) });
  }
  return records;
};

/** The latest run of this workflow id, as the server has it at this moment; `undefined` where there is none. */
export const latestRun = async (temporal: Client, workflowId: string): Promise<Run | undefined> => {
  try {
    return await temporal.workflow.getHandle(workflowId).describe();
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined;
    throw error;
  }
};
