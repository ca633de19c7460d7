import {
  ActivityCancellationType,
  ApplicationFailure,
  CancellationScope,
  condition,
  continueAsNew,
  isCancellation,
  proxyActivities,
  setCurrentDetails,
  setHandler,
  TimeoutFailure,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import * as E from 'fp-ts/lib/Either.js';
import {
  type BatchResult,
  batchOfWorkflowId,
  batchQuery,
  cancelBatchSignal,
  changeRateUpdate,
  pauseSignal,
  priorityOfBatch,
  type RevalidationInput,
  resumeSignal,
} from '../../contract/revalidation.js';
import type { BatchActivities, WalkOutcome } from '../../contract/revalidation-activities.js';
import { SEARCH_ATTRIBUTES } from '../../contract/search-attributes.js';
import { NO_ONBOARDINGS, type OnboardingCounts } from '../../domain/revalidation/counts.js';
import { decodeWalked, further, type Walked } from '../../domain/revalidation/progress.js';
import { type BatchRequest, decodeBatchRequest, decodeRate } from '../../domain/revalidation/request.js';
import { describeFieldErrors } from '../../shared/decoding.js';
import { DAY_MS, MINUTE_MS, SECOND_MS } from '../../shared/time.js';
import { activityFailureCause } from '../shared/activity-failures.js';
import { Batch } from './batch.js';
import { batchDetails } from './details.js';

/**
 * Re-validates a population: walks its source at the rate it is given, compares each registration with what is known (`audit`) or has
 * each applicant asked for the chosen checks again (`reverify`), and ends with a report.
 *
 * @throws ApplicationFailure `InvalidRequest`, naming the fields; `SourceUnreadable` where there is no such file.
 */
export async function revalidation(input: RevalidationInput): Promise<BatchResult> {
  const request = readRequest(input);
  const batch = new Batch(batchOfWorkflowId(workflowInfo().workflowId), request, input.carried, show);
  openToMessages(batch);
  show(batch);
  const activities = activitiesOf(batch);
  try {
    await walk(batch, input, activities);
    await untilOnboardingsEnd(batch, activities);
  } catch (error) {
    if (!isCancellation(error)) throw error;
    batch.cancel({ onboardings: 'keep' });
  }
  return CancellationScope.nonCancellable(async () => {
    const result = batch.close(await onboardingsOf(batch, activities));
    await activities.lasting.writeSummary({ request, result });
    batch.enter(result.stopped === 'cancelled' ? 'cancelled' : 'ended');
    return result;
  });
}

const readRequest = ({ request }: RevalidationInput): BatchRequest => {
  const read = decodeBatchRequest(request);
  if (E.isRight(read)) return read.right;
  throw ApplicationFailure.nonRetryable(describeFieldErrors(read.left), 'InvalidRequest', read.left);
};

/** Makes the batch searchable by where it stands, and shows it to whoever opens it in the Temporal UI. */
const show = (batch: Batch): void => {
  setCurrentDetails(batchDetails(batch.progress, Date.now()));
  const { status } = batch.progress;
  if (workflowInfo().typedSearchAttributes.get(SEARCH_ATTRIBUTES.status) !== status)
    upsertSearchAttributes([{ key: SEARCH_ATTRIBUTES.status, value: status }]);
};

const openToMessages = (batch: Batch): void => {
  setHandler(batchQuery, () => batch.progress, { description: 'How far the batch is, as of its last leg.' });
  setHandler(pauseSignal, () => batch.pause(), {
    description: 'Stops the walk until it is resumed. Takes no argument.',
  });
  setHandler(resumeSignal, () => batch.resume(), { description: 'Lets the walk go on. Takes no argument.' });
  setHandler(cancelBatchSignal, (args) => batch.cancel(args), {
    description:
      'Ends the batch with a report of what was done: {"onboardings": "keep"}, or "withdraw" to withdraw those it has begun.',
  });
  setHandler(
    changeRateUpdate,
    (callsPerSecond) => {
      batch.changeRate(callsPerSecond);
      return batch.progress;
    },
    {
      description: 'How many calls a second the batch may make to Verifik: 0.017, which is one a minute, at least.',
      validator: (callsPerSecond) => {
        const read = decodeRate(callsPerSecond);
        if (E.isLeft(read)) throw ApplicationFailure.nonRetryable(describeFieldErrors(read.left), 'InvalidRequest');
      },
    },
  );
};

type Proxies = ReturnType<typeof activitiesOf>;

const activitiesOf = ({ progress: { batch, request } }: Batch) => {
  const priority = priorityOfBatch(batch);
  const retry = { initialInterval: SECOND_MS, backoffCoefficient: 2, maximumInterval: MINUTE_MS };
  // What is told to stop answers with how far it is.
  const cancellationType = ActivityCancellationType.WAIT_CANCELLATION_COMPLETED;
  return {
    leg: proxyActivities<Pick<BatchActivities, 'walkBatch'>>({
      summary: request.mode === 'audit' ? 'Compare a stretch of the source' : 'Ask a stretch of the source again',
      startToCloseTimeout: 10 * MINUTE_MS,
      heartbeatTimeout: 10 * SECOND_MS,
      cancellationType,
      priority,
      retry,
    }),
    watch: proxyActivities<Pick<BatchActivities, 'awaitOnboardings'>>({
      summary: 'Wait for the onboardings that were begun',
      startToCloseTimeout: request.deadlineMs + DAY_MS,
      heartbeatTimeout: MINUTE_MS,
      cancellationType: ActivityCancellationType.TRY_CANCEL,
      priority,
      retry,
    }),
    lasting: proxyActivities<Pick<BatchActivities, 'countOnboardings' | 'withdrawOnboardings' | 'writeSummary'>>({
      startToCloseTimeout: 30 * MINUTE_MS,
      heartbeatTimeout: MINUTE_MS,
      priority,
      retry,
    }),
  };
};

const walk = async (batch: Batch, { request }: RevalidationInput, activities: Proxies): Promise<void> => {
  while (!batch.isOver) {
    if (batch.isPaused) {
      await condition(() => !batch.isPaused || batch.isOver);
      continue;
    }
    batch.legEnded(await walkLeg(batch, activities));
    if (!batch.isOver && workflowInfo().continueAsNewSuggested)
      await continueAsNew<typeof revalidation>({ request, carried: batch.carried });
  }
};

/** One leg, which ends early when the batch is paused, cancelled or given another rate. */
const walkLeg = async (batch: Batch, { leg }: Proxies): Promise<WalkOutcome> => {
  const { changes } = batch;
  const scope = new CancellationScope();
  const outcome = scope.run(() => leg.walkBatch(batch.nextLeg));
  const interruption = scope.run(() => condition(() => batch.changes !== changes));
  await Promise.race([outcome, interruption]).catch(() => undefined);
  scope.cancel();
  await interruption.catch(() => undefined);
  try {
    return await outcome;
  } catch (error) {
    if (batch.changes === changes || isFinal(error)) throw error;
    // It never began, or its worker is gone, or it failed: told to stop, it is not tried again.
    return { walked: walkedBefore(error, batch.progress.walked), why: 'stopped' };
  }
};

const isFinal = (error: unknown): boolean => {
  const fault = activityFailureCause(error);
  return fault instanceof ApplicationFailure && fault.nonRetryable === true;
};

/** What a leg has heartbeated last; where nobody knows, where it began: what it does again has no other effect. */
const walkedBefore = (error: unknown, from: Walked): Walked => {
  const fault = activityFailureCause(error);
  const heartbeated = decodeWalked(fault instanceof TimeoutFailure ? fault.lastHeartbeatDetails : undefined);
  return E.isRight(heartbeated) ? further(from, heartbeated.right) : from;
};

const begins = ({ progress: { request } }: Batch): boolean => request.mode === 'reverify' && !request.dryRun;

const untilOnboardingsEnd = async (batch: Batch, { watch, lasting }: Proxies): Promise<void> => {
  if (!begins(batch)) return;
  const { batch: id, walked } = batch.progress;
  const onboardings = { batch: id, begun: walked.counts.results.begun ?? 0 };
  if (batch.cancelled === undefined && onboardings.begun > 0) {
    batch.enter('waiting');
    const scope = new CancellationScope();
    const ended = scope.run(() => watch.awaitOnboardings(onboardings));
    const interruption = scope.run(() => condition(() => batch.cancelled !== undefined));
    await Promise.race([ended, interruption]).finally(() => scope.cancel());
    await Promise.allSettled([ended, interruption]);
  }
  if (batch.cancelled?.onboardings !== 'withdraw') return;
  // Of a leg that is lost, more may have been begun than is known.
  await lasting.withdrawOnboardings(onboardings);
};

const onboardingsOf = async (batch: Batch, { lasting }: Proxies): Promise<OnboardingCounts | undefined> => {
  const { batch: id, walked } = batch.progress;
  if (!begins(batch)) return undefined;
  const mayHaveBegun = (walked.counts.results.begun ?? 0) > 0 || batch.cancelled !== undefined;
  return mayHaveBegun ? lasting.countOnboardings({ batch: id }) : NO_ONBOARDINGS;
};
