import { WithStartWorkflowOperation, WorkflowIdConflictPolicy, WorkflowIdReusePolicy } from '@temporalio/client';
import {
  type LiveRegistration,
  ONBOARDING_WORKFLOW,
  type OnboardingInput,
  type OnboardingResult,
  type RegistrationAnswer,
} from '../contract/messages.js';
import { attributesAtStart } from '../contract/search-attributes.js';
import type { OnboardingRequest } from '../domain/request.js';
import { DAY_MS } from '../shared/time.js';
import type { CallbacksInput } from './events.js';

export type OnboardingWorkflow = (input: OnboardingInput) => Promise<OnboardingResult>;

export interface StartOptions {
  /** Your own opaque reference for the customer. A customer has one onboarding at a time. Never personal data. */
  readonly reference?: string;
  /** Starts another onboarding if the customer's earlier one has ended. Without it, the call throws `AlreadyEnded`. */
  readonly restart?: boolean;
  /** The endpoint that receives the onboarding's events. Default: none. */
  readonly callbacks?: CallbacksInput;
  /**
   * Throws `RequestMismatch` if the onboarding was started with a different request. Without it, the call returns that
   * onboarding.
   */
  readonly rejectIfDifferent?: true;
  /**
   * Your own key for this start, 1 to 255 characters. The call throws `RequestMismatch` if the key was used for a
   * different start.
   */
  readonly idempotencyKey?: string;
  /** How long to wait for the token, in ms. The onboarding continues after a timeout. */
  readonly timeoutMs?: number;
}

/** An onboarding with a live token for the applicant's device. `token` is a secret of the applicant. */
export interface StartedOnboarding extends LiveRegistration {
  readonly workflowId: string;
}

interface Start {
  readonly workflowId: string;
  readonly taskQueue: string;
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
export const startOperation = ({
  workflowId,
  taskQueue,
  request,
  input,
  restart,
}: Start): WithStartWorkflowOperation<OnboardingWorkflow> =>
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

export const toStartedOnboarding = (
  workflowId: string,
  { appRegistrationId, token, expiresAt, generation }: RegistrationAnswer,
): StartedOnboarding => ({
  workflowId,
  appRegistrationId,
  token,
  expiresAt,
  generation,
});
