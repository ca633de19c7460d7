import { type Client, type WorkflowExecutionInfo, WorkflowNotFoundError } from '@temporalio/client';
import * as t from 'io-ts';
import { listWithMemos } from '../../codec/memos.js';
import { ONBOARDING_WORKFLOW } from '../../contract/messages.js';
import { quoted } from '../../contract/report-routing.js';
import { SEARCH_ATTRIBUTES } from '../../contract/search-attributes.js';
import type { Known } from '../../domain/revalidation/comparing.js';
import { OUTCOMES_BY_WORD } from '../../domain/revalidation/counts.js';
import type { EpochMs } from '../../shared/time.js';

/** An onboarding that this batch has started. */
export interface OwnOnboarding {
  readonly workflowId: string;
  /** The place in the source for which it was started. */
  readonly ordinal?: number;
  readonly startedAt: EpochMs;
}

/** The onboardings of a registration that visibility lists. */
export interface PriorOnboardings {
  /** The one that this batch has started. The other fields are about other onboardings. */
  readonly own?: OwnOnboarding;
  /** The status of the latest one that has any. */
  readonly known?: Known;
  /** The workflow id of the running one. */
  readonly running?: string;
  /** The caller's reference of the customer. */
  readonly reference?: string;
}

const knownOf = ({ status, typedSearchAttributes }: WorkflowExecutionInfo): Known | undefined =>
  status.name === 'RUNNING' ? 'open' : OUTCOMES_BY_WORD.get(typedSearchAttributes.get(SEARCH_ATTRIBUTES.status) ?? '');

const queryOf = (ids: readonly string[]): string =>
  `WorkflowType = ${quoted(ONBOARDING_WORKFLOW)} AND ${SEARCH_ATTRIBUTES.registrationIds.name} IN (${ids.map(quoted).join(', ')})`;

const Memo = t.type({ ordinal: t.number });

type Run = Pick<WorkflowExecutionInfo, 'workflowId' | 'memo' | 'startTime' | 'status' | 'typedSearchAttributes'>;

/** Returns the onboarding if this batch has started it. */
export const ownOf = (
  { workflowId, memo, startTime, typedSearchAttributes }: Run,
  batch: string,
): Pick<PriorOnboardings, 'own'> =>
  typedSearchAttributes.get(SEARCH_ATTRIBUTES.batch) === batch
    ? { own: { workflowId, startedAt: startTime.getTime(), ...(Memo.is(memo) ? { ordinal: memo.ordinal } : {}) } }
    : {};

const fromRun = (run: WorkflowExecutionInfo, batch: string): PriorOnboardings => {
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

/** Finds the onboardings of at most 100 registrations in one query. Visibility lags behind by about a second. */
export const findPriorOnboardings = async (
  temporal: Client,
  ids: readonly string[],
  batch: string,
): Promise<ReadonlyMap<string, PriorOnboardings>> => {
  const found = new Map<string, PriorOnboardings>();
  if (ids.length === 0) return found;
  for await (const run of listWithMemos(temporal, { query: queryOf(ids), pageSize: 500 })) {
    if (run.status.name === 'CONTINUED_AS_NEW') continue;
    // Visibility lists the latest run first, and its values take precedence.
    for (const id of run.typedSearchAttributes.get(SEARCH_ATTRIBUTES.registrationIds) ?? [])
      found.set(id, { ...fromRun(run, batch), ...found.get(id) });
  }
  return found;
};

/** Returns the latest run of a workflow id, strongly consistent; `undefined` if it does not exist. */
export const latestRun = async (temporal: Client, workflowId: string): Promise<Run | undefined> => {
  try {
    return await temporal.workflow.getHandle(workflowId).describe();
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined;
    throw error;
  }
};
