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
import { type BatchActivities, FOLDER_UNAVAILABLE, type ScanOutcome } from '../../contract/revalidation-activities.js';
import { SEARCH_ATTRIBUTES } from '../../contract/search-attributes.js';
import { backgroundTaskQueue } from '../../contract/task-queues.js';
import { NO_ONBOARDINGS, type OnboardingCounts } from '../../domain/revalidation/counts.js';
import { decodeScanProgress, further, type ScanProgress } from '../../domain/revalidation/progress.js';
import { type BatchRequest, decodeBatchRequest, decodeRate } from '../../domain/revalidation/request.js';
import { describeFieldErrors } from '../../shared/decoding.js';
import { DAY_MS, MINUTE_MS, SECOND_MS } from '../../shared/time.js';
import { activityFailureCause } from '../shared/interruptible.js';
import { Batch } from './batch.js';
import { batchDetails } from './details.js';

/**
 * Re-validates many registrations: scans its source at a limited rate, compares each registration with its last known
 * outcome (`audit`) or starts an onboarding that repeats the chosen checks (`reverify`), and writes a report.
 *
 * @throws ApplicationFailure `InvalidRequest`, naming the fields; `SourceUnreadable` if the source file is missing or
 * invalid.
 */
export async function revalidation(input: RevalidationInput): Promise<BatchResult> {
  const request = decodeOrFail(input);
  const batch = new Batch(batchOfWorkflowId(workflowInfo().workflowId), request, input.carried, show);
  registerHandlers(batch);
  show(batch);
  const activities = activitiesOf(batch);
  CancellationScope.current().cancelRequested.catch(() => batch.cancel({ onboardings: 'keep' }));
  try {
    await scan(batch, input, activities);
    await awaitOnboardings(batch, activities);
  } catch (error) {
    if (!isCancellation(error)) throw error;
    batch.cancel({ onboardings: 'keep' });
  }
  return CancellationScope.nonCancellable(async () => {
    const result = await report(batch, request, activities);
    batch.setStatus(result.stopped === 'cancelled' ? 'cancelled' : 'ended');
    return result;
  });
}

/** Writes the report, and returns the result. A cancelled batch whose folder is unavailable ends without a report. */
const report = async (batch: Batch, request: BatchRequest, activities: Proxies): Promise<BatchResult> => {
  const onboardings = await countOnboardings(batch, activities);
  for (;;) {
    const result = batch.close(onboardings);
    try {
      await activities.bookkeeping.writeSummary({ request, result });
      if (batch.progress.problem !== undefined) batch.setProblem(undefined);
      return result;
    } catch (error) {
      const failure = folderFailure(error);
      if (failure === undefined) throw error;
      const { interruptions } = batch;
      batch.setProblem(failure.message);
      if (batch.cancelled !== undefined) return result;
      await condition(() => batch.interruptions !== interruptions, FOLDER_RETRY_MS);
    }
  }
};

const decodeOrFail = ({ request }: RevalidationInput): BatchRequest => {
  const read = decodeBatchRequest(request);
  if (E.isRight(read)) return read.right;
  throw ApplicationFailure.nonRetryable(describeFieldErrors(read.left), 'InvalidRequest', read.left);
};

/** Updates the details in the Temporal UI, and the search attribute of the status if it has changed. */
const show = (batch: Batch): void => {
  setCurrentDetails(batchDetails(batch.progress, Date.now()));
  const { status } = batch.progress;
  if (workflowInfo().typedSearchAttributes.get(SEARCH_ATTRIBUTES.status) !== status)
    upsertSearchAttributes([{ key: SEARCH_ATTRIBUTES.status, value: status }]);
};

const registerHandlers = (batch: Batch): void => {
  setHandler(batchQuery, () => batch.progress, { description: 'The progress of the batch, as of its last chunk.' });
  setHandler(pauseSignal, () => batch.pause(), {
    description: 'Pauses the scan until it is resumed. Takes no argument.',
  });
  setHandler(resumeSignal, () => batch.resume(), { description: 'Resumes the scan. Takes no argument.' });
  setHandler(cancelBatchSignal, (args) => batch.cancel(args), {
    description:
      'Ends the batch with a report of the registrations so far: {"onboardings": "keep"}, or "withdraw" to withdraw the running onboardings of the batch.',
  });
  setHandler(
    changeRateUpdate,
    (callsPerSecond) => {
      batch.changeRate(callsPerSecond);
      return batch.progress;
    },
    {
      description:
        'Sets the maximum number of calls a second that the batch makes to Verifik: at least 0.017, one a minute.',
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
  const taskQueue = backgroundTaskQueue(workflowInfo().taskQueue);
  const retry = { initialInterval: SECOND_MS, backoffCoefficient: 2, maximumInterval: MINUTE_MS };
  const common = { taskQueue, priority, retry };
  // A cancelled chunk returns its progress.
  const cancellationType = ActivityCancellationType.WAIT_CANCELLATION_COMPLETED;
  return {
    chunk: proxyActivities<Pick<BatchActivities, 'scanBatch'>>({
      summary:
        request.mode === 'audit' ? 'Compare a chunk of the source' : 'Start onboardings for a chunk of the source',
      startToCloseTimeout: 10 * MINUTE_MS,
      heartbeatTimeout: 10 * SECOND_MS,
      cancellationType,
      ...common,
    }),
    watch: proxyActivities<Pick<BatchActivities, 'awaitOnboardings'>>({
      summary: 'Wait for the onboardings of the batch',
      startToCloseTimeout: request.deadlineMs + DAY_MS,
      heartbeatTimeout: MINUTE_MS,
      cancellationType: ActivityCancellationType.TRY_CANCEL,
      ...common,
    }),
    bookkeeping: proxyActivities<Pick<BatchActivities, 'countOnboardings' | 'withdrawOnboardings' | 'writeSummary'>>({
      startToCloseTimeout: 30 * MINUTE_MS,
      heartbeatTimeout: MINUTE_MS,
      ...common,
    }),
  };
};

const scan = async (batch: Batch, { request }: RevalidationInput, activities: Proxies): Promise<void> => {
  while (!batch.isScanOver) {
    if (batch.isPaused) {
      await condition(() => !batch.isPaused || batch.isScanOver);
      continue;
    }
    const { interruptions } = batch;
    const { problem, ...outcome } = await scanChunk(batch, activities);
    batch.recordChunk(outcome, problem);
    if (problem !== undefined) await condition(() => batch.interruptions !== interruptions, FOLDER_RETRY_MS);
    if (!batch.isScanOver && workflowInfo().continueAsNewSuggested)
      await continueAsNew<typeof revalidation>({ request, carried: batch.carried });
  }
};

const FOLDER_RETRY_MS = 30 * SECOND_MS;

/** Returns the failure of an activity that could not read or write the folder of batches. */
const folderFailure = (error: unknown): ApplicationFailure | undefined => {
  const cause = activityFailureCause(error);
  return cause instanceof ApplicationFailure && cause.type === FOLDER_UNAVAILABLE ? cause : undefined;
};

/** The outcome of a chunk, and the reason if the folder of batches is unavailable. */
type Chunk = ScanOutcome & { readonly problem?: string };

/** Scans one chunk. Pausing, cancelling or changing the rate of the batch ends the chunk early. */
const scanChunk = async (batch: Batch, { chunk }: Proxies): Promise<Chunk> => {
  const { interruptions } = batch;
  const scope = new CancellationScope();
  const outcome = scope.run(() => chunk.scanBatch(batch.nextChunk));
  const interruption = scope.run(() => condition(() => batch.interruptions !== interruptions));
  await Promise.race([outcome, interruption]).catch(() => undefined);
  scope.cancel();
  await interruption.catch(() => undefined);
  try {
    return await outcome;
  } catch (error) {
    const problem = folderFailure(error)?.message;
    if (problem !== undefined) return { scan: lastProgress(error, batch.progress.scan), why: 'stopped', problem };
    if (batch.interruptions === interruptions || isFinal(error)) throw error;
    // The activity never started, failed, or lost its worker. It was cancelled, so that the server does not retry it.
    return { scan: lastProgress(error, batch.progress.scan), why: 'stopped' };
  }
};

const isFinal = (error: unknown): boolean => {
  const cause = activityFailureCause(error);
  return cause instanceof ApplicationFailure && cause.nonRetryable === true;
};

/**
 * Returns the last progress of a chunk that failed, or the chunk's start if it is unknown. Scanning a registration
 * twice has no second effect.
 */
const lastProgress = (error: unknown, start: ScanProgress): ScanProgress => {
  const cause = activityFailureCause(error);
  const last = decodeScanProgress(cause instanceof TimeoutFailure ? cause.lastHeartbeatDetails : cause?.details?.[0]);
  return E.isRight(last) ? further(start, last.right) : start;
};

const startsOnboardings = ({ progress: { request } }: Batch): boolean => request.mode === 'reverify' && !request.dryRun;

/**
 * Waits until all onboardings of the batch have ended, and withdraws them if the batch is cancelled with that option.
 */
const awaitOnboardings = async (batch: Batch, { watch, bookkeeping }: Proxies): Promise<void> => {
  if (!startsOnboardings(batch)) return;
  const { batch: id, scan } = batch.progress;
  const onboardings = { batch: id, started: scan.counts.results.started ?? 0 };
  if (batch.cancelled === undefined && onboardings.started > 0) {
    batch.setStatus('waiting');
    const scope = new CancellationScope();
    const ended = scope.run(() => watch.awaitOnboardings(onboardings));
    const interruption = scope.run(() => condition(() => batch.cancelled !== undefined));
    await Promise.race([ended, interruption]).finally(() => scope.cancel());
    await Promise.allSettled([ended, interruption]);
  }
  if (batch.cancelled?.onboardings !== 'withdraw') return;
  // Not only if the count is positive: a lost chunk may have started onboardings that are not counted.
  await bookkeeping.withdrawOnboardings(onboardings);
};

const countOnboardings = async (batch: Batch, { bookkeeping }: Proxies): Promise<OnboardingCounts | undefined> => {
  const { batch: id, scan } = batch.progress;
  if (!startsOnboardings(batch)) return undefined;
  const mayHaveStarted = (scan.counts.results.started ?? 0) > 0 || batch.cancelled !== undefined;
  return mayHaveStarted ? bookkeeping.countOnboardings({ batch: id }) : NO_ONBOARDINGS;
};
