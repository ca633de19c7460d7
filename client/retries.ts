import { setTimeout as pause } from 'node:timers/promises';
import {
  type ConnectionOptions,
  defaultGrpcRetryOptions,
  isGrpcServiceError,
  makeGrpcRetryInterceptor,
  QueryNotRegisteredError,
  ServiceError,
  type WorkflowHandle,
  WorkflowUpdateFailedError,
} from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { isUnreachable } from './errors.js';

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

/** Longer than the server waits for the worker that has the workflow in its cache. */
const QUERY_RETRIES_MS = 15_000;

/** Retries a call while its error is transient, for `retriesMs` or until the deadline of the call. */
const retry = async <A>(
  call: (isRepeated: boolean) => Promise<A>,
  isTransient: (error: unknown) => boolean | Promise<boolean>,
  retriesMs: number,
): Promise<A> => {
  const until = Date.now() + retriesMs;
  for (let isRepeated = false; ; isRepeated = true) {
    try {
      return await call(isRepeated);
    } catch (error) {
      if (Date.now() > until || !(await isTransient(error))) throw error;
      await pause(RETRY_INTERVAL_MS);
    }
  }
};

/**
 * Queries a workflow, and retries while its replay guard rejects the query. The guard accepts the query after the next
 * workflow task, so a query of a closed workflow is not retried.
 */
export const query = <H extends Pick<WorkflowHandle, 'describe'>, A>(
  handle: H,
  call: (handle: H) => Promise<A>,
): Promise<A> =>
  retry(
    () => call(handle),
    // Temporal's client throws this error for every query that a worker rejects.
    async (error) => error instanceof QueryNotRegisteredError && (await handle.describe()).status.name === 'RUNNING',
    QUERY_RETRIES_MS,
  );

/** The server's failure type for an update that a worker received and did not process. */
const UNPROCESSED = 'UnprocessedUpdate';

/**
 * The server's error detail for a workflow whose workflow task failed. An update-with-start nests it in its own detail.
 */
const NOT_READY = 'temporal.api.errordetails.v1.WorkflowNotReadyFailure';

const isUnprocessed = (error: unknown): boolean =>
  error instanceof WorkflowUpdateFailedError &&
  error.cause instanceof ApplicationFailure &&
  error.cause.type === UNPROCESSED;

const isNotReady = (error: unknown): boolean => {
  const serviceError = error instanceof ServiceError ? error.cause : error;
  return (
    isGrpcServiceError(serviceError) &&
    serviceError.metadata.get('grpc-status-details-bin').some((details) => details.includes(NOT_READY))
  );
};

/**
 * Sends an update, and repeats it until the workflow accepts or rejects it, or the deadline of the call passes. Only an
 * update that had no effect is repeated: the worker lost it, or the server refused it because a workflow task failed,
 * as happens when a signal arrives while the workflow closes.
 */
export const update = <A>(call: (isRepeated: boolean) => Promise<A>): Promise<A> =>
  retry(call, (error) => isUnprocessed(error) || isNotReady(error), Number.POSITIVE_INFINITY);
