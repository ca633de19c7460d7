import { setTimeout as pause } from 'node:timers/promises';
import { cancellationSignal, heartbeat } from '@temporalio/activity';
import { type Client, type WorkflowExecutionInfo, WorkflowNotFoundError } from '@temporalio/client';
import { type OnboardingCounts, OUTCOMES_BY_WORD } from '../../domain/batch/counts.js';
import type { OutcomeLine } from '../../domain/batch/lines.js';
import { SECOND_MS } from '../../domain/time.js';
import { countLedger, ledgerQuery } from '../../workflows/batch/ledger.js';
import { onboardingsOfBatch } from '../../workflows/batch/messages.js';
import { withdrawSignal } from '../../workflows/messages.js';
import { SEARCH_ATTRIBUTES } from '../../workflows/search-attributes.js';

const POLL_FIRST_MS = SECOND_MS;
const POLL_LONGEST_MS = 15 * SECOND_MS;

/** How a batch's onboardings stand, by what Temporal's visibility knows. */
export const countOnboardings = (temporal: Client, batch: string): Promise<OnboardingCounts> =>
  countLedger(batch, async (query) => (await temporal.workflow.count(query)).count);

/** Waits until none of a batch's onboardings is running. Heartbeats the counts, which costs no history. */
export const awaitOnboardings = async (temporal: Client, batch: string): Promise<OnboardingCounts> => {
  const signal = cancellationSignal();
  for (let waitMs = POLL_FIRST_MS; ; waitMs = Math.min(2 * waitMs, POLL_LONGEST_MS)) {
    const counts = await countOnboardings(temporal, batch);
    if (counts.running === 0 || signal.aborted) return counts;
    heartbeat(counts);
    await pause(waitMs, undefined, { signal }).catch(() => undefined);
  }
};

/** Withdraws every onboarding of a batch that is running. Answers with how many there were. */
export const withdrawOnboardings = async (temporal: Client, batch: string): Promise<number> => {
  let withdrawn = 0;
  for await (const { workflowId } of temporal.workflow.list({ query: ledgerQuery(batch, 'running') })) {
    try {
      await temporal.workflow.getHandle(workflowId).signal(withdrawSignal);
      withdrawn += 1;
    } catch (error) {
      // It has ended meanwhile.
      if (!(error instanceof WorkflowNotFoundError)) throw error;
    }
    heartbeat(withdrawn);
  }
  return withdrawn;
};

const statusOf = ({ status, typedSearchAttributes }: WorkflowExecutionInfo): OutcomeLine['status'] | undefined => {
  switch (status.name) {
    case 'RUNNING':
      return 'running';
    // Another run of the same onboarding tells how it went on.
    case 'CONTINUED_AS_NEW':
      return undefined;
    case 'COMPLETED':
      return OUTCOMES_BY_WORD.get(typedSearchAttributes.get(SEARCH_ATTRIBUTES.status) ?? '') ?? 'failed';
    default:
      return 'failed';
  }
};

/** How each of a batch's onboardings stands, as the report has it. */
export async function* outcomesOf(temporal: Client, batch: string): AsyncGenerator<OutcomeLine> {
  for await (const run of temporal.workflow.list({ query: onboardingsOfBatch(batch), pageSize: 500 })) {
    const status = statusOf(run);
    const [appRegistrationId] = run.typedSearchAttributes.get(SEARCH_ATTRIBUTES.registrationIds) ?? [];
    if (status !== undefined)
      yield { workflowId: run.workflowId, status, ...(appRegistrationId === undefined ? {} : { appRegistrationId }) };
  }
}
