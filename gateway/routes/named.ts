import type { FastifyRequest } from 'fastify';
import type { StartedOnboarding } from '../../client/index.js';
import { callerOf } from '../callers/authentication.js';
import { workflowIdIn } from '../tenants.js';

/** The onboarding that a request names, among those of its key's tenant. */
export const named = (request: FastifyRequest, id: string): { readonly id: string; readonly workflowId: string } => {
  request.call.onboarding = id;
  return { id, workflowId: workflowIdIn(callerOf(request).tenant, id) };
};

/** A live token, as the caller who knows the onboarding by this id is told of it. */
export const registrationOf = (id: string, { workflowId: _, ...registration }: StartedOnboarding) => ({
  id,
  ...registration,
});
