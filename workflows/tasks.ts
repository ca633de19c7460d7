import { type ActivateInput, type WorkflowInterceptorsFactory, workflowInfo } from '@temporalio/workflow';
import { ONBOARDING_WORKFLOW } from './messages.js';
import { asksForPatches } from './versions.js';

type Job = NonNullable<ActivateInput['activation']['jobs']>[number];

/** What the last activation knew of the history: its size as the last workflow task has it, and how many events had been applied. */
let applied = { size: 0, length: 0 };

/** True where events come without a workflow task: each task makes the history larger. A server that does not tell the size says 0. */
const isAheadOfItsTask = (): boolean => {
  const { historySize: size, historyLength: length } = workflowInfo();
  const isAhead = size > 0 && size === applied.size && length > applied.length;
  applied = { size, length };
  return isAhead;
};

/** The local activities under way, by their numbers: in the workflow task of which length of history each was begun. */
const begunAt = new Map<number, number>();

/** In the workflow task of which length of history a query was answered last. */
let askedAt = 0;

/** Whether the workflow may ask for a patch. */
let asks = false;

/** The end of a local activity whose workflow task was completed before it could be told, as that had a query to answer. */
const isLate = ({ resolveActivity }: Job, length: number): boolean => {
  if (resolveActivity?.isLocal !== true || typeof resolveActivity.seq !== 'number') return false;
  const begun = begunAt.get(resolveActivity.seq) ?? length;
  begunAt.delete(resolveActivity.seq);
  return begun <= askedAt && askedAt < length;
};

/**
 * True where the end of a local activity is told in a later workflow task than the one that the SDK's worker has put it into, and tells it
 * in when it is replayed; and where that makes a difference: to what else is told, or to a patch that is asked for.
 */
const isBehindItsTask = (jobs: readonly Job[]): boolean => {
  const { historyLength: length } = workflowInfo();
  if (jobs.some(({ queryWorkflow }) => queryWorkflow != null)) askedAt = length;
  const late = jobs.filter((job) => isLate(job, length));
  return late.length > 0 && (asks || late.length < jobs.length);
};

/**
 * Keeps what a workflow does in step with its history, where queries would have the SDK's worker do it in another order than it is
 * replayed in. What is out of step is refused, and the worker begins the history anew with the task that there is next.
 *
 * A query that waited for a worker while more happened: the worker would apply what happened before there is a workflow task for it, and
 * keep what follows from it; replayed, it comes with the task, and whatever else came with that may go first. Whoever asked asks again.
 *
 * A query that came with a workflow task in which a local activity was begun: the next workflow task may fail once.
 */
export const interceptors: WorkflowInterceptorsFactory = () => ({
  internals: [
    {
      activate: (input, next) => {
        if (isAheadOfItsTask()) throw new Error('This has to wait for a workflow task: ask again.');
        if (isBehindItsTask(input.activation.jobs ?? []))
          throw new Error('This was to be told in the workflow task before: the history is begun anew.');
        return next(input);
      },
    },
  ],
  inbound: [
    {
      execute: (input, next) => {
        asks = workflowInfo().workflowType === ONBOARDING_WORKFLOW && asksForPatches(input.args[0]);
        return next(input);
      },
    },
  ],
  outbound: [
    {
      scheduleLocalActivity: (input, next) => {
        begunAt.set(input.seq, workflowInfo().historyLength);
        return next(input);
      },
    },
  ],
});
