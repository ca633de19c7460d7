import type { Client, WorkflowExecutionInfo } from '@temporalio/client';
import type { Known } from '../../domain/batch/comparing.js';
import { OUTCOMES_BY_WORD } from '../../domain/batch/counts.js';
import { quoted } from '../../workflows/finding.js';
import { ONBOARDING_WORKFLOW } from '../../workflows/messages.js';
import { SEARCH_ATTRIBUTES } from '../../workflows/search-attributes.js';

/** What Temporal knows of a registration by its onboardings. */
export interface Record {
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

/** What one onboarding tells. */
const recordOf = (run: WorkflowExecutionInfo): Record => {
  const known = knownOf(run);
  const reference = run.typedSearchAttributes.get(SEARCH_ATTRIBUTES.reference);
  return {
    ...(known === undefined ? {} : { known }),
    ...(known === 'open' ? { running: run.workflowId } : {}),
    ...(reference === undefined ? {} : { reference }),
  };
};

/** What is known of some registrations (100 at most), by their ids, in one query. What this batch has begun itself is passed over. */
export const readRegistry = async (
  temporal: Client,
  ids: readonly string[],
  batch: string,
): Promise<ReadonlyMap<string, Record>> => {
  const records = new Map<string, Record>();
  if (ids.length === 0) return records;
  for await (const run of temporal.workflow.list({ query: queryOf(ids), pageSize: 500 })) {
    const isOwn = run.typedSearchAttributes.get(SEARCH_ATTRIBUTES.batch) === batch;
    if (isOwn || run.status.name === 'CONTINUED_AS_NEW') continue;
    // The newest comes first, and what it tells stands.
    for (const id of run.typedSearchAttributes.get(SEARCH_ATTRIBUTES.registrationIds) ?? [])
      records.set(id, { ...recordOf(run), ...records.get(id) });
  }
  return records;
};
