import { activityInfo, cancellationSignal, heartbeat } from '@temporalio/activity';
import { CancelledFailure } from '@temporalio/common';
import * as E from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type { CallOptions, VerifikError } from '../../verifik/index.js';
import { toFailure } from '../failures.js';

/** What every call of an activity to the vendor carries: the activity's cancellation, and an id that leads back to its history. */
export const callOptions = (): CallOptions => {
  const { workflowExecution, activityId, attempt } = activityInfo();
  return {
    signal: cancellationSignal(),
    requestId: `${workflowExecution?.runId ?? 'standalone'}-${activityId}-${attempt}`,
  };
};

/** True on any try but the first: an earlier one may have taken effect without its answer. */
export const isRetry = (): boolean => activityInfo().attempt > 1;

/** Fails the activity with the vendor's error, or with its cancellation if that is what ended the call. */
export const fail = (error: VerifikError): never => {
  if (cancellationSignal().aborted) throw new CancelledFailure('cancelled while asking Verifik');
  const { heartbeatDetails, isLocal } = activityInfo();
  const before = typeof heartbeatDetails === 'number' ? heartbeatDetails : 0;
  const brokenInARow = error.type === 'ContractBroken' ? before + 1 : 0;
  // What a try heartbeats is what the next one finds: the only memory that tries share. A local activity is tried once.
  if (!isLocal) heartbeat(brokenInARow);
  throw toFailure(error, brokenInARow);
};

/** The answer, or the activity's failure. */
export const answerOf = async <A>(call: TaskEither<VerifikError, A>): Promise<A> => {
  const answered = await call();
  return E.isRight(answered) ? answered.right : fail(answered.left);
};
