import {
  type Client,
  QueryNotRegisteredError,
  type WorkflowExecutionInfo,
  type WorkflowExecutionStatusName,
  WorkflowFailedError,
} from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { undecodableIn } from '../codec/errors.js';
import { FAILURES, type FailureType } from '../contract/messages.js';
import { STOPS, type Stop, type Stopped } from '../domain/outcomes.js';
import { afterStop, type Snapshot, unreadSnapshot } from '../domain/snapshot.js';
import { defined } from '../shared/defined.js';
import { withCallProblem } from './calls/call-problem.js';
import { hasNeverRun } from './calls/queries.js';
import { isFailureType, OnboardingError, toOnboardingError } from './errors.js';

const STOP_OF: Partial<Readonly<Record<WorkflowExecutionStatusName, Stop>>> = {
  FAILED: 'failed',
  CANCELLED: 'cancelled',
  TERMINATED: 'terminated',
  TIMED_OUT: 'timedOut',
};

type ClosedRun = Pick<WorkflowExecutionInfo, 'workflowId' | 'runId' | 'status' | 'closeTime'>;

const IN_TEMPORAL = `${STOPS.failed} Its error is in the Temporal UI.`;
const UNDECODABLE = `${STOPS.failed} Its error is encrypted with a key that this process does not have.`;

/** Describes a failure. Only the messages of the product's own failures are known to have no personal data. */
const describeFailure = (failure: unknown): Pick<Stopped, 'failure' | 'sentence'> => {
  if (!(failure instanceof ApplicationFailure)) return { sentence: IN_TEMPORAL };
  const { type, message } = failure;
  if (isFailureType(type)) return { failure: type, sentence: `${FAILURES[type]} Details: ${message}.` };
  return { sentence: IN_TEMPORAL, ...defined({ failure: type ?? undefined }) };
};

const readFailure = async (
  temporal: Client,
  { workflowId, runId }: ClosedRun,
): Promise<ReturnType<typeof describeFailure>> => {
  try {
    await temporal.workflow.getHandle(workflowId, runId).result();
    return { sentence: STOPS.failed };
  } catch (error) {
    if (error instanceof WorkflowFailedError) return describeFailure(error.cause);
    const undecodable = undecodableIn(error);
    if (undecodable !== undefined && undecodable.why !== 'keyService') return { sentence: UNDECODABLE };
    throw error;
  }
};

/** Returns how Temporal closed a run without an outcome, or `undefined`. Costs one call if the run failed. */
export const stopOf = async (temporal: Client, run: ClosedRun): Promise<Stopped | undefined> => {
  const how = STOP_OF[run.status.name];
  if (how === undefined || run.closeTime === undefined) return undefined;
  const why = how === 'failed' ? await readFailure(temporal, run) : { sentence: STOPS[how] };
  return { how, at: run.closeTime.getTime(), ...why };
};

/**
 * True if a query failed because the closed workflow never read its request: it then has no workflow task, or no query
 * handlers. The latter error is also that of a build that cannot replay the workflow.
 */
const isUnread = (error: unknown, { failure }: Stopped): boolean =>
  hasNeverRun(error) ||
  (error instanceof QueryNotRegisteredError && failure === ('InvalidRequest' satisfies FailureType));

/**
 * Reads a workflow, and adds to its snapshot what the workflow itself cannot know: how Temporal closed it, if it failed
 * or was cancelled, terminated or timed out, and why its calls fail while it runs. One that never read its input gets
 * the answer of `unread`.
 */
export const withCloseStatus = async <A extends { readonly snapshot: Snapshot }>(
  temporal: Client,
  workflowId: string,
  read: () => Promise<A>,
  unread: (snapshot: Snapshot, runId: string) => A,
): Promise<A> => {
  const reading = read().then(
    (answer) => ({ answer }),
    (error: unknown) => ({ error }),
  );
  const [reply, run] = await Promise.all([reading, temporal.workflow.getHandle(workflowId).describe()]);
  const stopped = await stopOf(temporal, run);
  if ('answer' in reply) {
    const { answer } = reply;
    const { snapshot } = answer;
    const known = stopped === undefined ? await withCallProblem(temporal, run, snapshot) : afterStop(snapshot, stopped);
    return { ...answer, snapshot: known };
  }
  if (stopped === undefined || !isUnread(reply.error, stopped)) throw reply.error;
  return unread(unreadSnapshot(run.startTime.getTime(), stopped), run.runId);
};

/**
 * Waits for the result of a workflow.
 *
 * @throws OnboardingError of the workflow's failure, or `ClosedWithoutOutcome`. With `stopped`, unless the workflow was
 * reset and runs again.
 */
export const resultOf = async <A>(temporal: Client, workflowId: string, result: () => Promise<A>): Promise<A> => {
  try {
    return await result();
  } catch (error) {
    if (!(error instanceof WorkflowFailedError)) throw error;
    const { type, message, cause, fields } = toOnboardingError(error);
    const stopped = await stopOf(temporal, await temporal.workflow.getHandle(workflowId).describe());
    if (type === 'Unexpected' && stopped !== undefined)
      throw new OnboardingError('ClosedWithoutOutcome', stopped.sentence, { cause, stopped });
    throw new OnboardingError(type, message, { cause, fields, ...defined({ stopped }) });
  }
};
