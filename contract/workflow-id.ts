const PREFIX = 'onboarding-';

export const workflowIdOfReference = (reference: string): string => `${PREFIX}${reference}`;

/** Returns the reference in an onboarding's workflow id; `undefined` if it is no such id. */
export const referenceOfWorkflowId = (workflowId: string): string | undefined =>
  workflowId.startsWith(PREFIX) ? workflowId.slice(PREFIX.length) : undefined;
