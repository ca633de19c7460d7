import { type ActivateInput, type WorkflowInterceptorsFactory, workflowInfo } from '@temporalio/workflow';

type Job = NonNullable<ActivateInput['activation']['jobs']>[number];

/** The id that the SDK's core gives to a query that comes without a workflow task. */
const QUERY_WITHOUT_TASK = 'legacy_query';

const isQuery = ({ queryWorkflow }: Job): boolean => queryWorkflow != null;

const comesWithoutTask = ({ queryWorkflow }: Job): boolean => queryWorkflow?.queryId === QUERY_WITHOUT_TASK;

/** The last activation that applied events: the history's size in bytes by its last workflow task, and its length in events. */
let applied = { size: 0, length: 0 };

/** True if the run was loaded from its history and this worker has not been given a workflow task of it since, as far as is known. */
let isLoaded = false;

/** True if the last activation applied new events to a loaded run: for a workflow task, or for the query that comes next. */
let mayBeForQuery = false;

/** The local activities that are running. */
const running = new Set<number>();

/** True if the activation applies events that no workflow task covers: each task adds to the size. A server that omits sizes sends 0. */
const isAheadOfTask = (): boolean => {
  const { historySize: size, historyLength: length } = workflowInfo();
  const isAhead = size > 0 && size === applied.size && length > applied.length;
  applied = { size, length };
  return isAhead;
};

const noteEvents = (): void => {
  const { length } = applied;
  const { historyLength, unsafe } = workflowInfo();
  if (unsafe.isReplaying) {
    isLoaded = true;
    mayBeForQuery = false;
  } else if (historyLength > length) {
    mayBeForQuery = isLoaded;
    isLoaded = false;
  }
};

const refuse = (why: string): never => {
  throw new Error(why);
};

const guardEvents = (jobs: readonly Job[]): void => {
  for (const { resolveActivity } of jobs)
    if (resolveActivity?.isLocal === true && typeof resolveActivity.seq === 'number')
      running.delete(resolveActivity.seq);
  noteEvents();
  if (isAheadOfTask()) refuse('The query has to wait for a workflow task: repeat it.');
};

const guardQuery = (jobs: readonly Job[]): void => {
  if (running.size > 0) refuse('The workflow task is repeated, as a query came with it while a local activity ran.');
  if (!jobs.some(comesWithoutTask)) mayBeForQuery = false;
  else if (mayBeForQuery) refuse('The query came with events whose workflow task another worker was given: repeat it.');
};

/**
 * Keeps queries from changing a workflow. The SDK's core (1.24) applies what the history holds when a query arrives, and how far it
 * applies it depends on the query; replayed, the same events are applied with their workflow task, together with what else belongs to that
 * task. A run that went ahead of its tasks writes a history that nobody can replay. So an activation is refused, which evicts the run
 * (the worker loads it again from its history), where
 *
 * - a query without a workflow task applies events whose workflow task has not started;
 * - it applies events whose workflow task was given to another worker, which was then lost;
 * - a query comes with a workflow task in which a local activity runs: the core completes that task early, and where the worker is
 *   lost before the next, an update that waited for the local activity can never be answered (`BadUpdateWorkflowExecutionMessage`).
 *
 * The callers of refused queries repeat them. The third is close to temporalio/sdk-rust#888, which was closed as nobody could reproduce
 * it; the first two have no issue in the SDK's repositories.
 */
export const interceptors: WorkflowInterceptorsFactory = () => ({
  internals: [
    {
      activate: (input, next) => {
        const jobs = input.activation.jobs ?? [];
        if (jobs.some(isQuery)) guardQuery(jobs);
        else guardEvents(jobs);
        return next(input);
      },
    },
  ],
  outbound: [
    {
      scheduleLocalActivity: (input, next) => {
        running.add(input.seq);
        return next(input);
      },
    },
  ],
});
