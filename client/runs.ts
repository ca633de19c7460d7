import { type Client, isGrpcServiceError, type WorkflowExecutionInfo, WorkflowNotFoundError } from '@temporalio/client';

/** One run of a workflow. */
export type Run = Pick<WorkflowExecutionInfo, 'workflowId' | 'runId'>;

/** A run and what Temporal knows of it. `closeTime` is absent where it is open. */
export type FoundRun = Pick<
  WorkflowExecutionInfo,
  keyof Run | 'startTime' | 'closeTime' | 'typedSearchAttributes' | 'memo'
>;

const GRPC_NOT_FOUND = 5;

const isNotFound = (error: unknown): boolean =>
  error instanceof WorkflowNotFoundError || (isGrpcServiceError(error) && error.code === GRPC_NOT_FOUND);

/** The answer; `undefined` where the server knows nothing of what was asked for. */
export const unlessNotFound = async <A>(call: Promise<A>): Promise<A | undefined> => {
  try {
    return await call;
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
};

/** The run (the latest where none is named) as the server has it at this moment; `undefined` where there is none. */
export const findRun = (
  temporal: Client,
  { workflowId, runId }: { readonly workflowId: string; readonly runId?: string },
): Promise<FoundRun | undefined> => unlessNotFound(temporal.workflow.getHandle(workflowId, runId).describe());

/** The runs that fit the query of Temporal's visibility, which may lag behind. */
export const listRuns = async (temporal: Client, query: string): Promise<readonly FoundRun[]> => {
  const runs: FoundRun[] = [];
  for await (const run of temporal.workflow.list({ query })) runs.push(run);
  return runs;
};

/**
 * Has the server delete a run, and answers whether there was one. An open run is ended with it, in one step: it cannot go on as
 * another. It is gone at once; one that closed less than half a minute ago only when the server has done with closing it.
 */
export const deleteRun = async (temporal: Client, { workflowId, runId }: Run): Promise<boolean> => {
  const { namespace } = temporal.options;
  const deletion = { namespace, workflowExecution: { workflowId, runId } };
  return (await unlessNotFound(temporal.workflowService.deleteWorkflowExecution(deletion))) !== undefined;
};
