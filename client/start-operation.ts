import { WithStartWorkflowOperation, WorkflowIdConflictPolicy, WorkflowIdReusePolicy } from '@temporalio/client';
import { ONBOARDING_WORKFLOW, type OnboardingInput, type OnboardingResult } from '../contract/messages.js';
import { attributesAtStart } from '../contract/search-attributes.js';
import type { OnboardingRequest } from '../domain/request.js';
import { DAY_MS } from '../shared/time.js';

export type OnboardingWorkflow = (input: OnboardingInput) => Promise<OnboardingResult>;

export interface OperationInput {
  readonly workflowId: string;
  readonly request: OnboardingRequest;
  readonly input: OnboardingInput;
  readonly restart: boolean;
}

const days = (ms: number): string => `${Number((ms / DAY_MS).toFixed(1))} days`;

/** The description of the workflow in the Temporal UI, as Markdown. */
const staticDetails = ({ project, projectFlow, policy }: OnboardingRequest): string =>
  [
    `Onboards one applicant in project ${project}, flow ${projectFlow}, of Verifik.`,
    [
      `- Required checks: ${policy.required.map((check) => `${check} (${policy.attemptLimits[check]} attempts)`).join(', ')}.`,
      `- Deadline: ${days(policy.deadlineMs)} after the start. The applicant gets at most ${policy.reminders.max} reminders.`,
      '- Outcome: verified, rejected, expired or withdrawn. If the workflow failed (red), correct the cause and start it again.',
    ].join('\n'),
  ].join('\n\n');

/** Creates the operation that starts the onboarding, or uses the running one. An operation is valid for one call. */
export const startOperation = (
  { workflowId, request, input, restart }: OperationInput,
  taskQueue: string,
): WithStartWorkflowOperation<OnboardingWorkflow> =>
  new WithStartWorkflowOperation<OnboardingWorkflow>(ONBOARDING_WORKFLOW, {
    workflowId,
    taskQueue,
    args: [input],
    workflowIdConflictPolicy: WorkflowIdConflictPolicy.USE_EXISTING,
    workflowIdReusePolicy: restart
      ? WorkflowIdReusePolicy.ALLOW_DUPLICATE
      : WorkflowIdReusePolicy.ALLOW_DUPLICATE_FAILED_ONLY,
    staticSummary: `Onboarding at Verifik: ${request.policy.required.join(', ')}`,
    staticDetails: staticDetails(request),
    typedSearchAttributes: attributesAtStart({
      ...request,
      pending: request.policy.required,
      contactKeys: input.contactKeys,
      reference: input.reference,
    }),
  });
