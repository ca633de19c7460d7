import { setTimeout as pause } from 'node:timers/promises';
import {
  isGrpcServiceError,
  QueryNotRegisteredError,
  ServiceError,
  type WorkflowHandle,
  WorkflowUpdateFailedError,
} from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';

const AGAIN_AFTER_MS = 200;

/** Above the time that Temporal waits for the worker that a workflow was with. */
const PATIENCE_MS = 15_000;

/** Repeats a call while its error is transient, until the deadline of the call passes or for `patienceMs`. */
const patiently = async <A>(
  call: (isRepeated: boolean) => Promise<A>,
  isTransient: (error: unknown) => boolean | Promise<boolean>,
  patienceMs: number,
): Promise<A> => {
  const until = Date.now() + patienceMs;
  for (let isRepeated = false; ; isRepeated = true) {
    try {
      return await call(isRepeated);
    } catch (error) {
      if (Date.now() > until || !(await isTransient(error))) throw error;
      await pause(AGAIN_AFTER_MS);
    }
  }
};

/**
 * Asks a workflow, and again while the worker refuses as it cannot answer before the workflow task for what has happened meanwhile. To
 * one that has ended no task comes.
 */
export const ask = <H extends Pick<WorkflowHandle, 'describe'>, A>(
  handle: H,
  query: (handle: H) => Promise<A>,
): Promise<A> =>
  patiently(
    () => query(handle),
    // The client calls every query so that a worker has refused.
    async (error) => error instanceof QueryNotRegisteredError && (await handle.describe()).status.name === 'RUNNING',
    PATIENCE_MS,
  );

/** The server's failure type for an update that a worker received and did not process. */
const UNPROCESSED = 'UnprocessedUpdate';

/** The server's error detail for a workflow whose workflow task failed. An update-with-start nests it in its own detail. */
const NOT_READY = 'temporal.api.errordetails.v1.WorkflowNotReadyFailure';

const isUnprocessed = (error: unknown): boolean =>
  error instanceof WorkflowUpdateFailedError &&
  error.cause instanceof ApplicationFailure &&
  error.cause.type === UNPROCESSED;

const isNotReady = (error: unknown): boolean => {
  const refusal = error instanceof ServiceError ? error.cause : error;
  return (
    isGrpcServiceError(refusal) &&
    refusal.metadata.get('grpc-status-details-bin').some((details) => details.includes(NOT_READY))
  );
};

/**
 * Sends an update, and repeats it until the workflow accepts or rejects it, or the deadline of the call passes. Only an
 * update that had no effect is repeated: the worker lost it, or the server refused it because a workflow task failed,
 * as happens when a signal arrives while the workflow closes.
 */
export const update = <A>(call: (isRepeated: boolean) => Promise<A>): Promise<A> =>
  patiently(call, (error) => isUnprocessed(error) || isNotReady(error), Number.POSITIVE_INFINITY);
