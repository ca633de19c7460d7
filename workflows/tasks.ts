import { type WorkflowInterceptorsFactory, workflowInfo } from '@temporalio/workflow';

/** What the last activation knew of the history: its size as the last workflow task has it, and how many events had been applied. */
let applied = { size: 0, length: 0 };

/** True where events come without a workflow task: each task makes the history larger. A server that does not tell the size says 0. */
const isAheadOfItsTask = (): boolean => {
  const { historySize: size, historyLength: length } = workflowInfo();
  const isAhead = size > 0 && size === applied.size && length > applied.length;
  applied = { size, length };
  return isAhead;
};

/**
 * Refuses a query that waited for a worker while more happened. The SDK's worker would apply what happened before there is a workflow
 * task for it, and keep what follows from it; replayed, it comes with the task, and whatever else came with that may go first. A worker
 * that has refused begins the history anew with the task. Whoever asked asks again.
 */
export const interceptors: WorkflowInterceptorsFactory = () => ({
  internals: [
    {
      activate: (input, next) => {
        if (isAheadOfItsTask()) throw new Error('This has to wait for a workflow task: ask again.');
        return next(input);
      },
    },
  ],
});
