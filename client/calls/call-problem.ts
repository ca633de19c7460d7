import type { Client, WorkflowExecutionDescription } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { decodeOptionalFailureToOptionalError } from '@temporalio/common/lib/internal-non-workflow/index.js';
import { type CallProblem, isForOperator, type Snapshot, withProblem } from '../../domain/snapshot.js';

/** Returns the last failures of the calls that the server repeats. */
const callProblems = async (
  { options: { loadedDataConverter } }: Client,
  { raw: { pendingActivities } }: WorkflowExecutionDescription,
): Promise<readonly CallProblem[]> => {
  const failures = await Promise.all(
    (pendingActivities ?? []).map(({ lastFailure }) =>
      decodeOptionalFailureToOptionalError(loadedDataConverter, lastFailure),
    ),
  );
  return failures.flatMap((failure) =>
    failure instanceof ApplicationFailure ? { type: failure.type ?? '', message: failure.message } : [],
  );
};

/** Adds to a snapshot who must act while a call fails: the workflow itself sees only the failure of the first try. */
export const withCallProblem = async (
  temporal: Client,
  run: WorkflowExecutionDescription,
  snapshot: Snapshot,
): Promise<Snapshot> => {
  const problems = await callProblems(temporal, run);
  const problem = problems.find(isForOperator) ?? problems[0];
  return problem === undefined ? snapshot : withProblem(snapshot, problem);
};
