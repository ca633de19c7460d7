import { setTimeout as pause } from 'node:timers/promises';
import { QueryNotRegisteredError, type WorkflowHandle, WorkflowUpdateFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';

const AGAIN_AFTER_MS = 200;

/** Above the time that Temporal waits for the worker that a workflow was with. */
const PATIENCE_MS = 15_000;

/** Calls, and again while it fails in a way that passes. Ends with the deadline that the call has, or when that takes longer than it may. */
const patiently = async <A>(
  call: () => Promise<A>,
  passes: (error: unknown) => boolean | Promise<boolean>,
): Promise<A> => {
  const until = Date.now() + PATIENCE_MS;
  for (;;) {
    try {
      return await call();
    } catch (error) {
      if (Date.now() > until || !(await passes(error))) throw error;
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
  );

/** The server's name for the failure of an update that a worker was given and has not looked at. */
const UNPROCESSED = 'UnprocessedUpdate';

/**
 * Has an update done, and again where the worker lost sight of it, as it does when it begins a workflow anew: nothing has come of it then,
 * and Temporal keeps nothing of it.
 */
export const update = <A>(call: () => Promise<A>): Promise<A> =>
  patiently(
    call,
    (error) =>
      error instanceof WorkflowUpdateFailedError &&
      error.cause instanceof ApplicationFailure &&
      error.cause.type === UNPROCESSED,
  );
