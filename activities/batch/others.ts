import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import { SECOND_MS } from '../../domain/time.js';
import { batchOfWorkflowId, REVALIDATION_WORKFLOW, workflowIdOfReverify } from '../../workflows/batch/messages.js';
import { quoted } from '../../workflows/finding.js';

const RUNNING = `WorkflowType = ${quoted(REVALIDATION_WORKFLOW)} AND ExecutionStatus = "Running"`;

const LOOK_AGAIN_MS = SECOND_MS;

/** An onboarding of the registration that another batch has begun and that is running, by its workflow id. */
export type BegunByOthers = (appRegistrationId: string) => Promise<string | undefined>;

const ifRunning = async (temporal: Client, workflowId: string): Promise<string | undefined> => {
  try {
    const { status } = await temporal.workflow.getHandle(workflowId).describe();
    return status.name === 'RUNNING' ? workflowId : undefined;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined;
    throw error;
  }
};

/**
 * Asks for the onboardings themselves: Temporal's visibility lags behind by a second or so, and of batches that walk over the same at
 * the same time, both would ask an applicant.
 */
export const begunByOthers = (temporal: Client, batch: string): BegunByOthers => {
  let others: Promise<readonly string[]> = Promise.resolve([]);
  let lookAt = 0;
  const look = async (): Promise<readonly string[]> => {
    const ids: string[] = [];
    for await (const { workflowId, memo } of temporal.workflow.list({ query: RUNNING }))
      if (memo?.['mode'] !== 'audit') ids.push(batchOfWorkflowId(workflowId));
    return ids.filter((id) => id !== batch);
  };
  return async (appRegistrationId) => {
    if (performance.now() >= lookAt) {
      lookAt = performance.now() + LOOK_AGAIN_MS;
      others = look();
    }
    const found = await Promise.all(
      (await others).map((other) => ifRunning(temporal, workflowIdOfReverify(other, appRegistrationId))),
    );
    return found.find((workflowId) => workflowId !== undefined);
  };
};
