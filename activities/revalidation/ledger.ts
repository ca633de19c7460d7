import { setTimeout as pause } from 'node:timers/promises';
import { cancellationSignal, heartbeat } from '@temporalio/activity';
import { type Client, type WorkflowExecutionInfo, WorkflowNotFoundError } from '@temporalio/client';
import { ApplicationFailure, ApplicationFailureCategory } from '@temporalio/common';
import { withdrawSignal } from '../../contract/messages.js';
import { onboardingsOfBatch } from '../../contract/revalidation.js';
import type { BegunOnboardings } from '../../contract/revalidation-activities.js';
import { countLedger, ledgerQuery } from '../../contract/revalidation-counts.js';
import { SEARCH_ATTRIBUTES } from '../../contract/search-attributes.js';
import { type OnboardingCounts, OUTCOMES_BY_WORD } from '../../domain/revalidation/counts.js';
import type { OutcomeLine } from '../../domain/revalidation/lines.js';
import { SECOND_MS } from '../../shared/time.js';

const POLL_FIRST_MS = SECOND_MS;
const POLL_LONGEST_MS = 15 * SECOND_MS;

/** Temporal's visibility lists what was begun within seconds. */
const LISTED_WITHIN_MS = 30 * SECOND_MS;

/** How a batch's onboardings stand, by what Temporal's visibility knows. */
export const countOnboardings = (temporal: Client, batch: string): Promise<OnboardingCounts> =>
  countLedger(batch, async (query) => (await temporal.workflow.count(query)).count);

/** A worker that is stopped tells its activities to stop as a cancelled batch does: another worker is to go on with the looking. */
const stoppedTooEarly = (): ApplicationFailure =>
  ApplicationFailure.create({
    type: 'Stopped',
    message: 'told to stop while onboardings were running',
    category: ApplicationFailureCategory.BENIGN,
  });

/**
 * Looks at a batch's onboardings until none is running. What was begun just now may not be listed yet: where fewer are found than were
 * begun, none has to be running for a while, as those that ended long ago may be listed no more.
 *
 * @throws ApplicationFailure `Stopped`, to be tried again, where it is told to stop before that.
 */
const untilNoneRuns = async (
  temporal: Client,
  { batch, begun }: BegunOnboardings,
  look: (counts: OnboardingCounts) => Promise<void>,
): Promise<OnboardingCounts> => {
  const signal = cancellationSignal();
  let quietMs = 0;
  for (let waitMs = POLL_FIRST_MS; ; waitMs = Math.min(2 * waitMs, POLL_LONGEST_MS)) {
    const counts = await countOnboardings(temporal, batch);
    const listed = Object.values(counts).reduce((sum, count) => sum + count, 0);
    const isOver = counts.running === 0 && (listed >= begun || quietMs >= LISTED_WITHIN_MS);
    if (isOver) return counts;
    if (signal.aborted) throw stoppedTooEarly();
    await look(counts);
    await pause(waitMs, undefined, { signal }).catch(() => undefined);
    quietMs = counts.running === 0 ? quietMs + waitMs : 0;
  }
};

/** Waits until none of a batch's onboardings is running. Heartbeats the counts, which costs no history. */
export const awaitOnboardings = (temporal: Client, begun: BegunOnboardings): Promise<OnboardingCounts> =>
  untilNoneRuns(temporal, begun, async (counts) => heartbeat(counts));

/** By its run: under the same id, another batch's may run by now. */
const withdraw = async (temporal: Client, { workflowId, runId }: WorkflowExecutionInfo): Promise<void> => {
  try {
    await temporal.workflow.getHandle(workflowId, runId).signal(withdrawSignal);
  } catch (error) {
    // It has ended meanwhile, or goes on as another run, which is listed next.
    if (!(error instanceof WorkflowNotFoundError)) throw error;
  }
};

/** Withdraws every onboarding of a batch, until none is running. Answers with how many were told so. */
export const withdrawOnboardings = async (temporal: Client, begun: BegunOnboardings): Promise<number> => {
  const told = new Set<string>();
  await untilNoneRuns(temporal, begun, async (counts) => {
    heartbeat(counts);
    for await (const run of temporal.workflow.list({ query: ledgerQuery(begun.batch, 'running') })) {
      if (told.has(run.runId)) continue;
      await withdraw(temporal, run);
      told.add(run.runId);
      heartbeat(counts);
    }
  });
  return told.size;
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
