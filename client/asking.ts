import { setTimeout as pause } from 'node:timers/promises';
import { QueryNotRegisteredError, type WorkflowHandle } from '@temporalio/client';

const AGAIN_AFTER_MS = 200;

/** Above the time that Temporal waits for the worker that a workflow was with. */
const PATIENCE_MS = 15_000;

/**
 * Asks a workflow, and again while the worker refuses as it cannot answer before the workflow task for what has happened meanwhile. To
 * one that has ended no task comes. Ends with the deadline that the call has, or when it is refused for longer than that may take.
 */
export const ask = async <H extends Pick<WorkflowHandle, 'describe'>, A>(
  handle: H,
  query: (handle: H) => Promise<A>,
): Promise<A> => {
  const until = Date.now() + PATIENCE_MS;
  for (;;) {
    try {
      return await query(handle);
    } catch (error) {
      // The client calls every query so that a worker has refused.
      if (!(error instanceof QueryNotRegisteredError) || Date.now() > until) throw error;
      if ((await handle.describe()).status.name !== 'RUNNING') throw error;
      await pause(AGAIN_AFTER_MS);
    }
  }
};
