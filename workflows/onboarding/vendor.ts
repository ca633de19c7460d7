import {
  ActivityCancellationType,
  ApplicationFailure,
  proxyActivities,
  proxyLocalActivities,
  sleep,
  type TimeoutFailure,
  workflowInfo,
} from '@temporalio/workflow';
import * as t from 'io-ts';
import type { OnboardingActivities } from '../../contract/activities.js';
import { priorityOfBatch, vendorTaskQueue } from '../../contract/revalidation.js';
import { activityFailureCause } from '../shared/activity-failures.js';
import { type Interruptible, interruptible } from '../shared/interruptible.js';

/** The first try: the applicant or their device is waiting. */
const QUICK_TRY_MS = 5_000;

/** The length of a history whose first workflow task has just started: started, scheduled, started. */
const FIRST_TASK_LENGTH = 3;

/** What is left for the durable tries where all the time there was went by in waiting: none can begin. */
const LEAST_TIME_MS = 1;

/** One durable try: above the transport's own total timeout, so that the transport tells what went wrong. */
const DURABLE_TRY_MS = 60_000;

/** What asking the vendor came to, where it did not come to an answer. */
export type Unanswered =
  /** The answer no longer matters: something else happened meanwhile. */
  | { readonly kind: 'interrupted' }
  /** The time there was for it ran out. */
  | { readonly kind: 'unreachable'; readonly problem: string }
  /** A typed refusal: asking again would change nothing. */
  | { readonly kind: 'refused'; readonly failure: ApplicationFailure };

export type Answer<A> = { readonly kind: 'answered'; readonly answer: A } | Unanswered;

type Call<A> = (activities: OnboardingActivities, checkExistingFirst: boolean) => Promise<A>;

export interface CallOptions {
  /** What the activity is for, as the Temporal UI shows it. */
  readonly summary: string;
  /** How long to go on asking, in ms. */
  readonly withinMs: number;
  /** True when the answer no longer matters. */
  readonly interrupted: () => boolean;
  /** Told when the quick try has come to nothing, so that the answer may take long. */
  readonly onDelay: () => void;
  /** True where the first try may be a local activity: for the first call of a workflow. */
  readonly isFirst?: boolean;
  /** The batch on whose behalf Verifik is asked: its calls wait their turn, behind live ones and beside those of other batches. */
  readonly batch?: string;
}

const onBehalfOf = (batch: string | undefined) =>
  batch === undefined
    ? {}
    : {
        taskQueue: vendorTaskQueue(workflowInfo().taskQueue),
        priority: priorityOfBatch(batch),
      };

const durable = ({ summary, withinMs, batch }: CallOptions) =>
  proxyActivities<OnboardingActivities>({
    ...onBehalfOf(batch),
    summary,
    startToCloseTimeout: DURABLE_TRY_MS,
    scheduleToCloseTimeout: withinMs,
    cancellationType: ActivityCancellationType.TRY_CANCEL,
    retry: { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: '5 minutes' },
  });

/**
 * A local activity answers within the workflow task, which makes a start fast. It is for the first call in the first task of a workflow
 * alone: a query seldom comes with that task and, where one does, the replay guard has the task repeated, with a longer history.
 */
const quick = ({ summary, isFirst = false }: CallOptions) => {
  const options = {
    summary,
    startToCloseTimeout: QUICK_TRY_MS,
    cancellationType: ActivityCancellationType.TRY_CANCEL,
    retry: { maximumAttempts: 1 },
  };
  return isFirst && workflowInfo().historyLength === FIRST_TASK_LENGTH
    ? proxyLocalActivities<OnboardingActivities>({ ...options, scheduleToCloseTimeout: QUICK_TRY_MS })
    : proxyActivities<OnboardingActivities>({ ...options, scheduleToCloseTimeout: 2 * QUICK_TRY_MS });
};

const isFinal = (fault: ApplicationFailure | TimeoutFailure): fault is ApplicationFailure =>
  fault instanceof ApplicationFailure && fault.nonRetryable === true;

const Delay = t.type({ retryAfterMs: t.number });

// A decoded failure has lost its `nextRetryDelay`, which is for the server; so the delay stands in the details as well.
const waitAsTold = async ({ details }: ApplicationFailure, atMostMs: number): Promise<number> => {
  const delay = details?.find(Delay.is);
  if (delay === undefined) return 0;
  const waitMs = Math.min(delay.retryAfterMs, atMostMs);
  await sleep(waitMs, { summary: 'As long as Verifik asked to wait' });
  return waitMs;
};

/** The failure that another try may mend, if it is one. */
const faultToRetry = <A>(end: Interruptible<A>): ApplicationFailure | TimeoutFailure | undefined => {
  if (end.kind !== 'failed') return undefined;
  const fault = activityFailureCause(end.error);
  return fault === undefined || isFinal(fault) ? undefined : fault;
};

const toAnswer = <A>(end: Interruptible<A>): Answer<A> => {
  if (end.kind !== 'failed') return end;
  const fault = activityFailureCause(end.error);
  if (fault === undefined) throw end.error;
  if (isFinal(fault)) return { kind: 'refused', failure: fault };
  const problem = fault instanceof ApplicationFailure ? fault.message : 'Verifik could not be asked in time';
  return { kind: 'unreachable', problem };
};

const durablyAfter = async <A>(
  fault: ApplicationFailure | TimeoutFailure,
  call: Call<A>,
  options: CallOptions,
): Promise<A> => {
  const waitedMs = fault instanceof ApplicationFailure ? await waitAsTold(fault, options.withinMs) : 0;
  const withinMs = Math.max(options.withinMs - waitedMs, LEAST_TIME_MS);
  // The quick try may have taken effect without its answer.
  return call(durable({ ...options, withinMs }), true);
};

/** Asks once, and then durably: for what somebody is waiting for. Nobody waits for a batch. */
export const callLocalFirst = async <A>(call: Call<A>, options: CallOptions): Promise<Answer<A>> => {
  if (options.batch !== undefined) return callActivity(call, options);
  const quickly = await interruptible(() => call(quick(options), false), options.interrupted);
  const fault = faultToRetry(quickly);
  if (fault === undefined) return toAnswer(quickly);
  options.onDelay();
  return toAnswer(await interruptible(() => durablyAfter(fault, call, options), options.interrupted));
};

/** Asks durably: for what nobody is waiting for. */
export const callActivity = <A>(call: Call<A>, options: CallOptions): Promise<Answer<A>> =>
  interruptible(() => call(durable(options), false), options.interrupted).then(toAnswer);
