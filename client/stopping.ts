import { type Client, type WorkflowExecutionStatusName, WorkflowFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import type { Stop, Stopped } from '../domain/outcomes.js';
import { afterStop, type Snapshot } from '../domain/snapshot.js';

const STOP_OF: Partial<Readonly<Record<WorkflowExecutionStatusName, Stop>>> = {
  FAILED: 'failed',
  CANCELLED: 'cancelled',
  TERMINATED: 'terminated',
  TIMED_OUT: 'timedOut',
};

/** The type of the failure that a run has ended with. */
const failureOf = async (temporal: Client, workflowId: string, runId: string): Promise<string | undefined> => {
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
  const failure = how === 'failed' ? await failureOf(temporal, workflowId, runId) : undefined;
  return { how, at: closeTime.getTime(), ...(failure === undefined ? {} : { failure }) };
};

/** What an onboarding answers. Where it was stopped in Temporal, which it cannot know itself, its snapshot says so. */
export const knowingOfStops = async <A extends { readonly snapshot: Snapshot }>(
  temporal: Client,
  workflowId: string,
  ask: () => Promise<A>,
): Promise<A> => {
  const [answer, stopped] = await Promise.all([ask(), stopOf(temporal, workflowId)]);
  return stopped === undefined ? answer : { ...answer, snapshot: afterStop(answer.snapshot, stopped) };
};
