import { WithStartWorkflowOperation, WorkflowIdConflictPolicy, WorkflowIdReusePolicy } from '@temporalio/client';
import { ONBOARDING_WORKFLOW, type OnboardingInput } from '../contract/messages.js';
import { type OnboardingWorkflow, startOptions } from '../contract/start-options.js';
import type { OnboardingRequest } from '../domain/request.js';

export interface OperationInput {
  readonly workflowId: string;
  readonly request: OnboardingRequest;
  readonly input: OnboardingInput;
  readonly restart: boolean;
  readonly fairnessKey: string;
}

/** Creates the operation that starts the onboarding, or uses the running one. An operation is valid for one call. */
export const startOperation = (
  { workflowId, request, input, restart, fairnessKey }: OperationInput,
  taskQueue: string,
): WithStartWorkflowOperation<OnboardingWorkflow> =>
  new WithStartWorkflowOperation<OnboardingWorkflow>(ONBOARDING_WORKFLOW, {
    ...startOptions(request, input),
    workflowId,
    taskQueue,
    // The activities inherit it.
    priority: { fairnessKey },
    workflowIdConflictPolicy: WorkflowIdConflictPolicy.USE_EXISTING,
    workflowIdReusePolicy: restart
      ? WorkflowIdReusePolicy.ALLOW_DUPLICATE
      : WorkflowIdReusePolicy.ALLOW_DUPLICATE_FAILED_ONLY,
  });
