import { type OnboardingClient, OnboardingError } from '../../client/index.js';
import type { Decision } from '../../domain/outcomes.js';
import { Problem } from '../problems.js';

/** Temporal finds no onboarding that runs: there is none, or it has ended. Answers with how it ended, or throws what is the case. */
const decisionOf = async (client: OnboardingClient, workflowId: string): Promise<Decision> => {
  const { decision } = await client.status(workflowId);
  if (decision === undefined) throw new Problem('stopped');
  return decision;
};

/** What the call answers or, where the onboarding has ended, what `otherwise` makes of that. */
export const unlessEnded = async <A>(
  client: OnboardingClient,
  workflowId: string,
  call: () => Promise<A>,
  otherwise: (decision: Decision) => A,
): Promise<A> => {
  try {
    return await call();
  } catch (error) {
    if (!(error instanceof OnboardingError) || error.type !== 'NotFound') throw error;
    return otherwise(await decisionOf(client, workflowId));
  }
};

export const refuseEnded = (): never => {
  throw new Problem('ended');
};
