import { workflowIdOfReference } from '../client/workflow-id.js';

/**
 * The reference of an onboarding as Temporal has it. An API key names onboardings of its own tenant by construction: ids hold whatever
 * they hold, the tenant before them is the key's.
 */
export const referenceIn = (tenant: string, id: string): string => `${prefixOf(tenant)}${id}`;

/** What the references of a tenant's onboardings begin with. No tenant's name holds a colon. */
export const prefixOf = (tenant: string): string => `${tenant}:`;

/** The id of the workflow that is a tenant's onboarding. */
export const workflowIdIn = (tenant: string, id: string): string => workflowIdOfReference(referenceIn(tenant, id));

/** The id that the caller knows an onboarding by. */
export const idOf = (tenant: string, reference: string): string => reference.slice(prefixOf(tenant).length);
