import {
  type Client,
  isGrpcServiceError,
  type WorkflowExecutionInfo,
  type WorkflowHandle,
  WorkflowNotFoundError,
} from '@temporalio/client';
import { listWorkflows } from '../../codec/memos.js';
import { OnboardingError } from '../errors.js';

export type Run = Pick<WorkflowExecutionInfo, 'workflowId' | 'runId'>;

/** A run as Temporal describes it. `closeTime` is absent while it is open. */
export type FoundRun = Pick<
  WorkflowExecutionInfo,
  keyof Run | 'startTime' | 'closeTime' | 'typedSearchAttributes' | 'memo'
>;

const GRPC_NOT_FOUND = 5;

const isNotFound = (error: unknown): boolean =>
  error instanceof WorkflowNotFoundError || (isGrpcServiceError(error) && error.code === GRPC_NOT_FOUND);

/** Returns the result of a call, or `undefined` if the server responds that it does not have the object. */
export const unlessNotFound = async <A>(call: Promise<A>): Promise<A | undefined> => {
  try {
    return await call;
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
};

/**
 * Makes a call that only a running workflow accepts.
 *
 * @throws OnboardingError `AlreadyEnded` if it has closed, `NotFound` if it does not exist.
 */
export const whileRunning = async <A>(
  handle: Pick<WorkflowHandle, 'describe'>,
  subject: 'onboarding' | 'batch',
  call: () => Promise<A>,
): Promise<A> => {
  try {
    return await call();
  } catch (error) {
    if (!isNotFound(error)) throw error;
    const options = { cause: error };
    const run = await unlessNotFound(handle.describe());
    if (run === undefined)
      throw new OnboardingError('NotFound', `there is no ${subject} with this id`, { ...options, subject });
    // Another run has started, or the server has lost an update that no worker had accepted.
    if (run.status.name === 'RUNNING')
      throw new OnboardingError('TimedOut', `the ${subject} did not accept the call`, options);
    throw new OnboardingError('AlreadyEnded', `this ${subject} has ended already`, options);
  }
};

/** Describes a run, by default the latest. Reads the server's current state, not visibility. */
export const findRun = (
  temporal: Client,
  { workflowId, runId }: { readonly workflowId: string; readonly runId?: string },
): Promise<FoundRun | undefined> => unlessNotFound(temporal.workflow.getHandle(workflowId, runId).describe());

export const listRuns = async (temporal: Client, query: string): Promise<readonly FoundRun[]> => {
  const runs: FoundRun[] = [];
  for await (const run of listWorkflows(temporal, { query })) runs.push(run);
  return runs;
};

/**
 * Deletes a run, and returns whether it existed. Deleting an open run also terminates it, in one step, so that it
 * cannot continue as a new run. The server deletes at once, except for a run that closed less than about 30 s ago: it
 * first finishes closing that run.
 */
export const deleteRun = async (temporal: Client, { workflowId, runId }: Run): Promise<boolean> => {
  const { namespace } = temporal.options;
  const deletion = { namespace, workflowExecution: { workflowId, runId } };
  return (await unlessNotFound(temporal.workflowService.deleteWorkflowExecution(deletion))) !== undefined;
};
