import { workflowIdOfReference } from '../client/workflow-id.js';

/**
 * The reference of an onboarding in Temporal. The prefix is the tenant of the API key, so that no id in a request can
 * name an onboarding of another tenant.
 */
export const referenceIn = (tenant: string, id: string): string => `${prefixOf(tenant)}${id}`;

/** The prefix of the references of a tenant. Names of tenants contain no colon. */
export const prefixOf = (tenant: string): string => `${tenant}:`;

export const workflowIdIn = (tenant: string, id: string): string => workflowIdOfReference(referenceIn(tenant, id));

/** The caller's id of an onboarding, from its reference in Temporal. */
export const idOf = (tenant: string, reference: string): string => reference.slice(prefixOf(tenant).length);
