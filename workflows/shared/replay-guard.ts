import { type ActivateInput, type WorkflowInterceptorsFactory, workflowInfo } from '@temporalio/workflow';

type Job = NonNullable<ActivateInput['activation']['jobs']>[number];

/** The id that the SDK's core gives to a query without a workflow task. */
const QUERY_WITHOUT_TASK = 'legacy_query';

const isQuery = ({ queryWorkflow }: Job): boolean => queryWorkflow != null;

const comesWithoutTask = ({ queryWorkflow }: Job): boolean => queryWorkflow?.queryId === QUERY_WITHOUT_TASK;

/**
 * The last activation that applied events: the history's size in bytes by its last workflow task, and its length in
 * events.
 */
let applied = { size: 0, length: 0 };

/** True if the run was loaded from its history, and this worker has applied no new event since. */
let isLoaded = false;

/**
 * True if the last activation applied new events to a loaded run: for a workflow task, or for the query that follows.
 */
let mayBeForQuery = false;

const runningLocalActivities = new Set<number>();

/**
 * True if the activation applies events of no workflow task: each task increases the size. A server that omits sizes
 * sends 0.
 */
const isAheadOfTask = (): boolean => {
  const { historySize: size, historyLength: length } = workflowInfo();
  const isAhead = size > 0 && size === applied.size && length > applied.length;
  applied = { size, length };
  return isAhead;
};

const trackEvents = (): void => {
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
      runningLocalActivities.delete(resolveActivity.seq);
  trackEvents();
  if (isAheadOfTask()) refuse('The query must wait for a workflow task: repeat it.');
};

const guardQuery = (jobs: readonly Job[]): void => {
  if (runningLocalActivities.size > 0)
    refuse('The workflow task is retried: it carries a query while a local activity is running.');
  if (!jobs.some(comesWithoutTask)) mayBeForQuery = false;
  else if (mayBeForQuery) refuse('The query carries events whose workflow task belongs to another worker: repeat it.');
};

/**
 * Keeps queries from changing a workflow. When a query arrives, the SDK's core (1.24) applies the events that the
 * history holds by then. On replay, the same events are applied with their workflow task, possibly in another order, so
 * that the workflow may issue commands that do not match its history. The guard throws, which evicts the run (the
 * worker loads it again from its history), if
 *
 * - a query without a workflow task applies events whose workflow task has not started;
 * - a query without a workflow task applies events whose workflow task was given to another worker, which was then
 *   lost;
 * - a workflow task in which a local activity runs carries a query: the core completes that task early, and if the
 *   worker is lost before the next task, an update that waits for the local activity can never complete
 *   (`BadUpdateWorkflowExecutionMessage`).
 *
 * The callers of refused queries repeat them. The third is close to temporalio/sdk-rust#888, which was closed as nobody
 * could reproduce it; the first two have no issue in the SDK's repositories.
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
        runningLocalActivities.add(input.seq);
        return next(input);
      },
    },
  ],
});
