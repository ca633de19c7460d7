import { setTimeout as pause } from 'node:timers/promises';
import { CLOSING } from '../../contract/failures.js';
import { updateFailureOf } from '../errors.js';
import { grpcErrorOf } from './grpc-errors.js';

/** On average. */
const RETRY_INTERVAL_MS = 200;

/** Retries a call while its error is transient, at intervals of random length: callers that failed together diverge. */
export const retry = async <A>(
  call: (isRepeated: boolean) => Promise<A>,
  isTransient: (error: unknown) => boolean | Promise<boolean>,
): Promise<A> => {
  for (let isRepeated = false; ; isRepeated = true) {
    try {
      return await call(isRepeated);
    } catch (error) {
      if (!(await isTransient(error))) throw error;
      await pause(Math.random() * 2 * RETRY_INTERVAL_MS);
    }
  }
};

/** The server's failure type for an update that a worker received and did not process. */
const UNPROCESSED = 'UnprocessedUpdate';

/**
 * The server's error detail for a workflow whose workflow task failed. An update-with-start nests it in its own detail.
 */
const NOT_READY = 'temporal.api.errordetails.v1.WorkflowNotReadyFailure';

/** True if an update was rejected with a failure of this type. */
export const isRejectedAs = (type: string, error: unknown): boolean => updateFailureOf(error)?.type === type;

const isNotReady = (error: unknown): boolean =>
  grpcErrorOf(error)
    ?.metadata.get('grpc-status-details-bin')
    .some((details) => details.includes(NOT_READY)) ?? false;

/**
 * Sends an update, and repeats it until the workflow accepts or rejects it, or the deadline of the call passes. Only an
 * update that had no effect is repeated: the worker lost it, the server refused it because a workflow task failed, as
 * happens when a signal arrives while the workflow closes, the workflow has failed and is about to close, or
 * `isTransient` says so.
 */
export const update = <A>(
  call: (isRepeated: boolean) => Promise<A>,
  isTransient: (error: unknown) => boolean = () => false,
): Promise<A> =>
  retry(
    call,
    (error) =>
      isRejectedAs(UNPROCESSED, error) || isRejectedAs(CLOSING, error) || isNotReady(error) || isTransient(error),
  );
