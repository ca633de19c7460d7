import { type ConnectionOptions, defaultGrpcRetryOptions, makeGrpcRetryInterceptor } from '@temporalio/client';
import { isUnreachable } from './grpc-errors.js';

const RETRY_INTERVAL_MS = 200;

/** The time for which a request is repeated while there is no connection. */
const RECONNECT_WITHIN_MS = 2_000;

/** Ends the repetitions before the deadline of the call, whose error would be a timeout. */
const DEADLINE_MARGIN_MS = 500;

type Interceptor = NonNullable<ConnectionOptions['interceptors']>[number];

/**
 * Repeats requests like the SDK, but at most for two seconds while there is no connection. The SDK takes twenty to
 * report that Temporal is down.
 */
export const retryRequests: Interceptor = (options, nextCall) => {
  const { delayFunction, retryableDecider } = defaultGrpcRetryOptions();
  const deadline = Number(options.deadline ?? Number.POSITIVE_INFINITY);
  const until = Math.min(Date.now() + RECONNECT_WITHIN_MS, deadline - DEADLINE_MARGIN_MS);
  const repeat = makeGrpcRetryInterceptor({
    delayFunction: (attempt, status) => (isUnreachable(status) ? RETRY_INTERVAL_MS : delayFunction(attempt, status)),
    retryableDecider: (attempt, status) =>
      isUnreachable(status) ? Date.now() + RETRY_INTERVAL_MS < until : retryableDecider(attempt, status),
  });
  return repeat(options, nextCall);
};
