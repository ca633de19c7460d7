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
import type { OnboardingActivities, VendorErasureActivities } from '../../contract/activities.js';
import type { OnboardingBatch } from '../../contract/messages.js';
import { priorityOfBatch } from '../../contract/revalidation.js';
import { vendorTaskQueue } from '../../contract/task-queues.js';
import { activityFailureCause, type Interruptible, interruptible } from '../shared/interruptible.js';

/** The time for the quick try: the applicant or their device is waiting. */
const QUICK_TRY_MS = 5_000;

/** The length of a history whose first workflow task has just started: started, scheduled, started. */
const FIRST_TASK_LENGTH = 3;

/** A schedule-to-close timeout has to be positive: with this one, no durable try begins. */
const LEAST_TIME_MS = 1;

/** The time for one durable try: above the HTTP transport's own timeout, so that the transport reports the cause. */
const DURABLE_TRY_MS = 60_000;

/** Within this time, another worker repeats a call of a killed one. */
const HEARTBEAT_TIMEOUT_MS = 15_000;

/** The end of a call that Verifik has not answered. */
export type Unanswered =
  /** Another step comes first. */
  | { readonly kind: 'interrupted' }
  /** The time for the call ran out. */
  | { readonly kind: 'unreachable'; readonly problem: string }
  /** A failure that a retry would not change. */
  | { readonly kind: 'refused'; readonly failure: ApplicationFailure };

export type Answer<A> = { readonly kind: 'answered'; readonly answer: A } | Unanswered;

/** The activities that call Verifik. */
type VendorActivities = OnboardingActivities & Pick<VendorErasureActivities, 'deleteVendorRecord'>;

type Call<A> = (activities: VendorActivities, checkExistingFirst: boolean) => Promise<A>;

export interface CallOptions {
  /** Shown in the Temporal UI. */
  readonly summary: string;
  /** The time for all tries, in ms. */
  readonly withinMs: number;
  /** True when another step comes first: the call is cancelled. */
  readonly interrupted: () => boolean;
  /** Called when the quick try has failed, so that the answer may take long. */
  readonly onDelay: (fault: ApplicationFailure | TimeoutFailure) => void;
  /** True where the first try may be a local activity: for the first call of a workflow. */
  readonly isFirst?: boolean;
  /** The batch that the onboarding belongs to: its calls use the rate-limited task queue, after live calls. */
  readonly batch?: Pick<OnboardingBatch, 'id' | 'account'>;
}

const routingOf = (batch: CallOptions['batch']) =>
  batch === undefined
    ? {}
    : {
        taskQueue: vendorTaskQueue(workflowInfo().taskQueue, batch.account),
        priority: priorityOfBatch(batch.id),
      };

const durable = ({ summary, withinMs, batch }: CallOptions) =>
  proxyActivities<VendorActivities>({
    ...routingOf(batch),
    summary,
    startToCloseTimeout: DURABLE_TRY_MS,
    heartbeatTimeout: HEARTBEAT_TIMEOUT_MS,
    scheduleToCloseTimeout: withinMs,
    cancellationType: ActivityCancellationType.TRY_CANCEL,
    retry: { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: '5 minutes' },
  });

/**
 * A local activity answers within the workflow task, which makes a start fast. It is for the first call in the first
 * task of a workflow alone: a query seldom comes with that task and, where one does, the replay guard has the task
 * repeated, with a longer history.
 */
const quick = ({ summary, isFirst = false }: CallOptions) => {
  const options = {
    summary,
    startToCloseTimeout: QUICK_TRY_MS,
    cancellationType: ActivityCancellationType.TRY_CANCEL,
    retry: { maximumAttempts: 1 },
  };
  return isFirst && workflowInfo().historyLength === FIRST_TASK_LENGTH
    ? proxyLocalActivities<VendorActivities>({ ...options, scheduleToCloseTimeout: QUICK_TRY_MS })
    : proxyActivities<VendorActivities>({ ...options, scheduleToCloseTimeout: 2 * QUICK_TRY_MS });
};

const isFinal = (fault: ApplicationFailure | TimeoutFailure): fault is ApplicationFailure =>
  fault instanceof ApplicationFailure && fault.nonRetryable === true;

const Delay = t.type({ retryAfterMs: t.number });

// A decoded failure has lost its `nextRetryDelay`, which is for the server: the delay is in the details as well.
const waitForRetryAfter = async ({ details }: ApplicationFailure, atMostMs: number): Promise<number> => {
  const delay = details?.find(Delay.is);
  if (delay === undefined) return 0;
  const waitMs = Math.min(delay.retryAfterMs, atMostMs);
  await sleep(waitMs, { summary: 'Wait as Verifik asked (Retry-After)' });
  return waitMs;
};

/** The failure, if a retry may succeed. */
const retryableFailure = <A>(end: Interruptible<A>): ApplicationFailure | TimeoutFailure | undefined => {
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

const callDurablyAfter = async <A>(
  fault: ApplicationFailure | TimeoutFailure,
  call: Call<A>,
  options: CallOptions,
): Promise<A> => {
  const waitedMs = fault instanceof ApplicationFailure ? await waitForRetryAfter(fault, options.withinMs) : 0;
  const withinMs = Math.max(options.withinMs - waitedMs, LEAST_TIME_MS);
  // The quick try may have taken effect without its answer.
  return call(durable({ ...options, withinMs }), true);
};

/**
 * Calls Verifik once with a short timeout, then durably: for answers that a person waits for. Nobody waits for a batch.
 */
export const callQuicklyFirst = async <A>(call: Call<A>, options: CallOptions): Promise<Answer<A>> => {
  if (options.batch !== undefined) return callDurably(call, options);
  const end = await interruptible(() => call(quick(options), false), options.interrupted);
  const fault = retryableFailure(end);
  if (fault === undefined) return toAnswer(end);
  options.onDelay(fault);
  return toAnswer(await interruptible(() => callDurablyAfter(fault, call, options), options.interrupted));
};

/** Calls Verifik with the retries of a normal activity. */
export const callDurably = <A>(call: Call<A>, options: CallOptions): Promise<Answer<A>> =>
  interruptible(() => call(durable(options), false), options.interrupted).then(toAnswer);
