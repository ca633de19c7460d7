import type { FastifyRequest } from 'fastify';
import { type OnboardingClient, OnboardingError, type StartedOnboarding } from '../../client/index.js';
import type { Decision } from '../../domain/outcomes.js';
import { callerOf } from '../auth/authentication.js';
import { Problem } from '../problems.js';
import { workflowIdIn } from '../tenants.js';

/** Resolves the id in a request to a workflow of the caller's tenant. */
export const resolveOnboarding = (
  request: FastifyRequest,
  id: string,
): { readonly id: string; readonly workflowId: string } => {
  request.context.onboarding = id;
  return { id, workflowId: workflowIdIn(callerOf(request).tenant, id) };
};

/** Replaces the workflow id of a registration by the caller's id. */
export const registrationOf = (id: string, { workflowId: _, ...registration }: StartedOnboarding) => ({
  id,
  ...registration,
});

const decisionOf = async (client: OnboardingClient, workflowId: string): Promise<Decision> => {
  const { decision } = await client.status(workflowId);
  if (decision === undefined) throw new Problem('closedWithoutOutcome');
  return decision;
};

/**
 * Calls a running onboarding. If it has ended, returns the result of `otherwise`; if it ended without a decision or
 * does not exist, throws the problem.
 */
export const unlessEnded = async <A>(
  client: OnboardingClient,
  workflowId: string,
  call: () => Promise<A>,
  otherwise: (decision: Decision) => A,
): Promise<A> => {
  try {
    return await call();
  } catch (error) {
    // The client reports `NotFound` for closed workflows, too.
    if (!(error instanceof OnboardingError) || error.type !== 'NotFound') throw error;
    return otherwise(await decisionOf(client, workflowId));
  }
};

export const rejectEnded = (): never => {
  throw new Problem('alreadyEnded');
};
