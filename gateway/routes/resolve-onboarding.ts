import type { FastifyRequest } from 'fastify';
import { type OnboardingClient, OnboardingError, type StartedOnboarding } from '../../client/index.js';
import { workflowIdOfReference } from '../../contract/workflow-id.js';
import type { Decision } from '../../domain/outcomes.js';
import { callerOf } from '../auth/authentication.js';
import { Problem, type ProblemCode } from '../problems.js';

/** The prefix of the references of a tenant. Names of tenants contain no colon. */
export const prefixOf = (tenant: string): string => `${tenant}:`;

/**
 * The reference of an onboarding in Temporal. The prefix is the tenant of the API key, so that no id in a request can
 * name an onboarding of another tenant.
 */
export const referenceIn = (tenant: string, id: string): string => `${prefixOf(tenant)}${id}`;

/** The caller's id of an onboarding, which follows the tenant in its reference. */
export const idIn = (tenant: string, reference: string): string => reference.slice(prefixOf(tenant).length);

export const workflowIdIn = (tenant: string, id: string): string => workflowIdOfReference(referenceIn(tenant, id));

/** Resolves the id in a request to a workflow of the caller's tenant. */
export const resolveOnboarding = (request: FastifyRequest, id: string) => {
  request.context.onboarding = id;
  return { id, workflowId: workflowIdIn(callerOf(request).tenant, id) };
};

/** Learns which onboarding has a registration, so that its webhooks find it without a search. */
export type Learn = (started: StartedOnboarding) => void;

/** Replaces the workflow id of a registration by the caller's id. */
export const registrationOf = (id: string, { workflowId: _, ...registration }: StartedOnboarding) => ({
  id,
  ...registration,
});

/** The problems of calls that return a token. */
export const TOKEN_PROBLEMS: readonly ProblemCode[] = [
  'notFound',
  'alreadyEnded',
  'registrationClosed',
  'alreadyRegistered',
  'closedWithoutOutcome',
  'misconfigured',
  'refusedByPolicy',
  'unexpectedVendorResponse',
  'unreachable',
];

export const rejectEnded = (): never => {
  throw new Problem('alreadyEnded');
};

/**
 * Calls a running onboarding. If it has ended, returns the result of `otherwise`, which by default throws the problem;
 * if it ended without a decision, throws the problem.
 */
export const unlessEnded = async <A>(
  client: OnboardingClient,
  workflowId: string,
  call: () => Promise<A>,
  otherwise: (decision: Decision) => A = rejectEnded,
): Promise<A> => {
  try {
    return await call();
  } catch (error) {
    if (!(error instanceof OnboardingError) || error.type !== 'AlreadyEnded') throw error;
    const { decision, stopped } = await client.status(workflowId);
    if (decision !== undefined) return otherwise(decision);
    throw stopped === undefined ? error : new Problem('closedWithoutOutcome', { stopped });
  }
};
