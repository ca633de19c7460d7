import { type Client, type WorkflowExecutionStatusName, WorkflowFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import type { Stop, Stopped } from '../domain/outcomes.js';
import { afterStop, type Snapshot } from '../domain/snapshot.js';
import { defined } from '../shared/defined.js';

const STOP_OF: Partial<Readonly<Record<WorkflowExecutionStatusName, Stop>>> = {
  FAILED: 'failed',
  CANCELLED: 'cancelled',
  TERMINATED: 'terminated',
  TIMED_OUT: 'timedOut',
};

const failureTypeOf = async (temporal: Client, workflowId: string, runId: string): Promise<string | undefined> => {
  try {
    await temporal.workflow.getHandle(workflowId, runId).result();
    return undefined;
  } catch (error) {
    if (!(error instanceof WorkflowFailedError)) throw error;
    return error.cause instanceof ApplicationFailure ? (error.cause.type ?? undefined) : undefined;
  }
};

const stopOf = async (temporal: Client, workflowId: string): Promise<Stopped | undefined> => {
  const { status, closeTime, runId } = await temporal.workflow.getHandle(workflowId).describe();
  const how = STOP_OF[status.name];
  if (how === undefined || closeTime === undefined) return undefined;
  const failure = how === 'failed' ? await failureTypeOf(temporal, workflowId, runId) : undefined;
  return { how, at: closeTime.getTime(), ...defined({ failure }) };
};

/**
 * Adds to a snapshot how Temporal closed the workflow, if it failed or was cancelled, terminated or timed out. The
 * workflow itself cannot know this.
 */
export const withCloseStatus = async <A extends { readonly snapshot: Snapshot }>(
  temporal: Client,
  workflowId: string,
  read: () => Promise<A>,
): Promise<A> => {
  const [answer, stopped] = await Promise.all([read(), stopOf(temporal, workflowId)]);
  return stopped === undefined ? answer : { ...answer, snapshot: afterStop(answer.snapshot, stopped) };
};
