import { activityInfo, Context, cancellationSignal, heartbeat } from '@temporalio/activity';
import { CancelledFailure } from '@temporalio/common';
import * as E from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type { CallOptions, VerifikError } from '../../verifik/index.js';
import { toFailure } from '../failures.js';

const callsMade = new WeakMap<Context, number>();

/** Counts the calls of the running activity, from 1. */
const nextCall = (): number => {
  const context = Context.current();
  const call = (callsMade.get(context) ?? 0) + 1;
  callsMade.set(context, call);
  return call;
};

/**
 * Returns the options of an activity's next call to the vendor: its cancellation, and a request id of its own that
 * contains the run id.
 */
export const callOptions = (): Required<CallOptions> => {
  const { workflowExecution, activityId, attempt } = activityInfo();
  return {
    signal: cancellationSignal(),
    requestId: `${workflowExecution?.runId ?? 'standalone'}-${activityId}-${attempt}-${nextCall()}`,
  };
};

/** True if an earlier attempt may have taken effect although its response was lost. */
export const isRetry = (): boolean => activityInfo().attempt > 1;

/** Fails the activity with the vendor's error, or with a `CancelledFailure` if the activity was cancelled. */
export const fail = (error: VerifikError): never => {
  if (cancellationSignal().aborted) throw new CancelledFailure('cancelled while asking Verifik');
  const { heartbeatDetails, isLocal } = activityInfo();
  const before = typeof heartbeatDetails === 'number' ? heartbeatDetails : 0;
  const brokenInARow = error.type === 'UnexpectedVendorResponse' ? before + 1 : 0;
  // The heartbeat passes the count on to the next attempt. A local activity has only one attempt.
  if (!isLocal) heartbeat(brokenInARow);
  throw toFailure(error, brokenInARow);
};

const HTTP_FORBIDDEN = 403;

/** True if a retry would have the same answer. Verifik refuses a single call with 403; other credentials are wrong. */
export const isRefusal = ({ type, status }: VerifikError): boolean =>
  type === 'Credentials'
    ? status === HTTP_FORBIDDEN
    : type !== 'Transient' && type !== 'UnexpectedVendorResponse' && type !== 'Cancelled';

/** Returns the result of a call, or fails the activity. */
export const answerOf = async <A>(call: TaskEither<VerifikError, A>): Promise<A> => {
  const answered = await call();
  return E.isRight(answered) ? answered.right : fail(answered.left);
};
