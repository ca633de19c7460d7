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
  /** The caller's own opaque reference for the customer: the same reference is the same onboarding. Never personal data. */
  readonly reference?: string;
  /** Start again where an earlier onboarding of the same customer has ended. Without it, that is an error of type `Ended`. */
  readonly again?: boolean;
  /** Where the onboarding's events are sent. By default nowhere. */
  readonly callbacks?: CallbacksInput;
  /** An error of type `OtherRequest` where the onboarding was started with another request. Without it, that onboarding is the answer. */
  readonly refuseOther?: true;
  /** A key of the caller's own for this start, 1 to 255 characters: an error of type `OtherRequest` where it was used for another one. */
  readonly idempotencyKey?: string;
  /** How long to wait for the token, in ms. The onboarding goes on when the wait is over. */
  readonly timeoutMs?: number;
}

/** An onboarding with a live token: what the applicant's device needs. `token` is a secret of the applicant. */
export interface StartedOnboarding extends LiveRegistration {
  readonly workflowId: string;
}

interface Start {
  readonly workflowId: string;
  readonly taskQueue: string;
  readonly request: OnboardingRequest;
  readonly input: OnboardingInput;
  readonly again: boolean;
}

const days = (ms: number): string => `${Number((ms / DAY_MS).toFixed(1))} days`;

/** What the onboarding was started to do, as Markdown for whoever opens it in the Temporal UI. */
const staticDetails = ({ project, projectFlow, policy }: OnboardingRequest): string =>
  [
    `Carries one applicant through project ${project}, flow ${projectFlow}, of Verifik.`,
    [
      `- Asked for: ${policy.required.map((check) => `${check} (${policy.attemptLimits[check]} attempts)`).join(', ')}.`,
      `- To be through within ${days(policy.deadlineMs)}; reminded at most ${policy.reminders.max} times.`,
      '- Ends as verified, rejected, expired or withdrawn. What is red has failed: mend its cause and start again.',
    ].join('\n'),
  ].join('\n\n');

/** Starts the onboarding where it is not running already. Good for one call. */
export const startOperation = ({
  workflowId,
  taskQueue,
  request,
  input,
  again,
}: Start): WithStartWorkflowOperation<OnboardingWorkflow> =>
  new WithStartWorkflowOperation<OnboardingWorkflow>(ONBOARDING_WORKFLOW, {
    workflowId,
    taskQueue,
    args: [input],
    workflowIdConflictPolicy: WorkflowIdConflictPolicy.USE_EXISTING,
    workflowIdReusePolicy: again
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

export const started = (
  workflowId: string,
  { appRegistrationId, token, expiresAt, generation }: RegistrationAnswer,
): StartedOnboarding => ({
  workflowId,
  appRegistrationId,
  token,
  expiresAt,
  generation,
});
