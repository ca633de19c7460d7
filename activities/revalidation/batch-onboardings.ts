import { setTimeout as pause } from 'node:timers/promises';
import { cancellationSignal, heartbeat } from '@temporalio/activity';
import { type Client, type WorkflowExecutionInfo, WorkflowNotFoundError } from '@temporalio/client';
import { ApplicationFailure, ApplicationFailureCategory } from '@temporalio/common';
import { listWorkflows } from '../../codec/memos.js';
import { withdrawSignal } from '../../contract/messages.js';
import { onboardingsOfBatch } from '../../contract/revalidation.js';
import type { StartedOnboardings } from '../../contract/revalidation-activities.js';
import { countLedger, ledgerQuery } from '../../contract/revalidation-counts.js';
import { SEARCH_ATTRIBUTES } from '../../contract/search-attributes.js';
import { type OnboardingCounts, OUTCOMES_BY_WORD } from '../../domain/revalidation/counts.js';
import type { OutcomeLine } from '../../domain/revalidation/lines.js';
import { SECOND_MS } from '../../shared/time.js';

const FIRST_POLL_MS = SECOND_MS;
const LONGEST_POLL_MS = 15 * SECOND_MS;

/** Visibility lists a started workflow within this time. */
const VISIBILITY_LAG_MS = 30 * SECOND_MS;

/** Counts a batch's onboardings by status in visibility. */
export const countOnboardings = (temporal: Client, batch: string): Promise<OnboardingCounts> =>
  countLedger(batch, async (query) => (await temporal.workflow.count(query)).count);

/** Creates a retryable failure: a worker's shutdown cancels its activities too, and another worker must continue. */
const stoppedTooEarly = (): ApplicationFailure =>
  ApplicationFailure.create({
    type: 'Interrupted',
    message: 'the activity was cancelled while onboardings were running',
    category: ApplicationFailureCategory.BENIGN,
  });

/**
 * Polls a batch's onboardings until none is running. If visibility lists fewer than were started, it may lag behind, or
 * the retention period of some may have passed: then none must be running for 30 seconds.
 *
 * @throws ApplicationFailure `Interrupted`, retryable, if the activity is cancelled before.
 */
const pollUntilNoneRuns = async (
  temporal: Client,
  { batch, started }: StartedOnboardings,
  onPoll: (counts: OnboardingCounts) => Promise<void>,
): Promise<OnboardingCounts> => {
  const signal = cancellationSignal();
  let noneRunningMs = 0;
  for (let waitMs = FIRST_POLL_MS; ; waitMs = Math.min(2 * waitMs, LONGEST_POLL_MS)) {
    const counts = await countOnboardings(temporal, batch);
    const listed = Object.values(counts).reduce((sum, count) => sum + count, 0);
    const isOver = counts.running === 0 && (listed >= started || noneRunningMs >= VISIBILITY_LAG_MS);
    if (isOver) return counts;
    if (signal.aborted) throw stoppedTooEarly();
    await onPoll(counts);
    await pause(waitMs, undefined, { signal }).catch(() => undefined);
    noneRunningMs = counts.running === 0 ? noneRunningMs + waitMs : 0;
  }
};

/**
 * Waits until none of a batch's onboardings is running. Reports the counts by heartbeats, which add no history events.
 */
export const awaitOnboardings = (temporal: Client, started: StartedOnboardings): Promise<OnboardingCounts> =>
  pollUntilNoneRuns(temporal, started, async (counts) => heartbeat(counts));

/** Signals one run, because another batch may have started a later run under the same workflow id. */
const withdraw = async (temporal: Client, { workflowId, runId }: WorkflowExecutionInfo): Promise<void> => {
  try {
    await temporal.workflow.getHandle(workflowId, runId).signal(withdrawSignal);
  } catch (error) {
    // It has ended, or continued as a new run, which the next poll lists.
    if (!(error instanceof WorkflowNotFoundError)) throw error;
  }
};

/** Withdraws the onboardings of a batch until none is running. Returns the number of signalled runs. */
export const withdrawOnboardings = async (temporal: Client, started: StartedOnboardings): Promise<number> => {
  const signalled = new Set<string>();
  await pollUntilNoneRuns(temporal, started, async (counts) => {
    heartbeat(counts);
    for await (const run of listWorkflows(temporal, { query: ledgerQuery(started.batch, 'running') })) {
      if (signalled.has(run.runId)) continue;
      await withdraw(temporal, run);
      signalled.add(run.runId);
      heartbeat(counts);
    }
  });
  return signalled.size;
};

const statusOf = ({ status, typedSearchAttributes }: WorkflowExecutionInfo): OutcomeLine['status'] | undefined => {
  switch (status.name) {
    case 'RUNNING':
      return 'running';
    // A later run of the same onboarding has the status.
    case 'CONTINUED_AS_NEW':
      return undefined;
    case 'COMPLETED':
      return OUTCOMES_BY_WORD.get(typedSearchAttributes.get(SEARCH_ATTRIBUTES.status) ?? '') ?? 'failed';
    default:
      return 'failed';
  }
};

/** Lists a batch's onboardings with their status, for the report. */
export async function* outcomesOf(temporal: Client, batch: string): AsyncGenerator<OutcomeLine> {
  for await (const run of listWorkflows(temporal, { query: onboardingsOfBatch(batch), pageSize: 500 })) {
    const status = statusOf(run);
    const [appRegistrationId] = run.typedSearchAttributes.get(SEARCH_ATTRIBUTES.registrationIds) ?? [];
    if (status !== undefined)
      yield { workflowId: run.workflowId, status, ...(appRegistrationId === undefined ? {} : { appRegistrationId }) };
  }
}
