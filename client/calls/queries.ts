import {
  isGrpcCancelledError,
  isGrpcDeadlineError,
  QueryNotRegisteredError,
  type WorkflowHandle,
} from '@temporalio/client';
import { SECOND_MS } from '../../shared/time.js';
import { OnboardingError } from '../errors.js';
import { isPastDeadline, withDeadline } from './deadlines.js';
import { grpcErrorOf, isClosed } from './grpc-errors.js';
import { retry } from './retries.js';
import { unlessNotFound } from './runs.js';

/** Longer than the server waits for the worker that has the workflow in its cache. */
const REJECTIONS_MS = 15 * SECOND_MS;

/** Longer than an answer takes on a busy machine: a repeated query would add to its load. */
const FIRST_ATTEMPT_MS = 3 * SECOND_MS;

const GRPC_FAILED_PRECONDITION = 9;

type Queried = Pick<WorkflowHandle, 'client' | 'workflowId' | 'describe'>;

/** The server may cancel a call shortly before its deadline passes here. */
const hasTimedOut = (error: unknown): boolean => isGrpcDeadlineError(error) || isGrpcCancelledError(error);

/**
 * Makes the next query go to any worker, and not to the one that may have the workflow in its cache. Returns true if
 * Temporal has answered.
 */
const unstick = async ({ client, workflowId }: Queried): Promise<boolean> => {
  const { namespace } = client.options;
  try {
    // A closed workflow, which belongs to no worker's cache, is not found.
    await unlessNotFound(client.workflowService.resetStickyTaskQueue({ namespace, execution: { workflowId } }));
    return true;
  } catch {
    // Credentials that allow nothing but reading suffice for a query. An outage is an error of the next attempt, too.
    return false;
  }
};

/** The server's words for a workflow that no worker has run, and none will. */
const NEVER_RAN = 'Workflow execution closed before WorkflowTaskStarted event';

/** The server's reason why a workflow cannot be queried. */
const reasonOf = (error: unknown): string | undefined => {
  const grpcError = grpcErrorOf(error);
  return grpcError?.code === GRPC_FAILED_PRECONDITION ? grpcError.details : undefined;
};

/** True if a query failed because the workflow closed before its first workflow task. */
export const hasNeverRun = (error: unknown): boolean => reasonOf(error) === NEVER_RAN;

/**
 * Queries a workflow, and repeats the query until the deadline of the call
 *
 * - if there is no answer, after 3 s, then 6 s, 12 s and so on. The SDK's core (1.24) loses queries: when it removes a
 *   workflow from its cache, as it does whenever it has answered a query of a closed one, it keeps only one of the
 *   queries that have arrived meanwhile ("There were leftover buffered tasks when evicting run"), and it does not
 *   answer a query that it regards as expired. And the server waits 10 s for a worker that was killed;
 * - while the replay guard rejects the query, for 15 s. The guard accepts the query after the next workflow task, so a
 *   query of a closed workflow is not repeated.
 *
 * @throws OnboardingError `NoWorker` if Temporal answers, but no worker does.
 */
export const query = async <H extends Queried, A>(handle: H, call: (handle: H) => Promise<A>): Promise<A> => {
  const rejectedUntil = Date.now() + REJECTIONS_MS;
  let attemptMs = FIRST_ATTEMPT_MS / 2;
  let isTemporalThere = false;
  const attempt = () => {
    attemptMs *= 2;
    return withDeadline(handle.client, Date.now() + attemptMs, () => call(handle));
  };
  const isTransient = async (error: unknown): Promise<boolean> => {
    // Temporal's client throws this error for every query that a worker rejects.
    if (error instanceof QueryNotRegisteredError)
      return Date.now() < rejectedUntil && (await handle.describe()).status.name === 'RUNNING';
    if (!hasTimedOut(error) || isPastDeadline()) return false;
    isTemporalThere = await unstick(handle);
    return true;
  };
  try {
    return await retry(attempt, isTransient);
  } catch (error) {
    // The server's reason: no worker has polled recently, or the workflow task keeps failing.
    const reason = reasonOf(error) ?? (isTemporalThere && hasTimedOut(error) ? 'none answered in time' : undefined);
    if (reason === undefined || hasNeverRun(error) || isClosed(error)) throw error;
    throw new OnboardingError('NoWorker', `no worker answers: ${reason}`, { cause: error });
  }
};
