import type { CheckName } from '../domain/checks.js';
import type { OnboardingRequest } from '../domain/request.js';
import { code } from '../shared/markdown.js';
import { DAY_MS } from '../shared/time.js';
import type { OnboardingInput, OnboardingResult } from './messages.js';
import { attributesAtStart } from './search-attributes.js';

export type OnboardingWorkflow = (input: OnboardingInput) => Promise<OnboardingResult>;

const days = (ms: number): string => `${Number((ms / DAY_MS).toFixed(1))} days`;

/** The checks that the request itself requires; otherwise the named policy or the project flow decides. */
const checksOf = (
  { policyName, policy, openPolicy }: OnboardingRequest,
  describe = (check: CheckName): string => check,
): string => {
  if (policyName !== undefined) return `the checks of the policy ${code(policyName)}`;
  return openPolicy.required ? 'the checks of the project flow' : policy.required.map(describe).join(', ');
};

/** The worker knows the times of a named policy. */
const deadlineOf = ({ policyName, policy }: OnboardingRequest): string =>
  policyName === undefined
    ? `${days(policy.deadlineMs)} after the start. The applicant gets at most ${policy.reminders.max} reminders.`
    : 'set by the policy.';

/** The description of the workflow in the Temporal UI, as Markdown. */
const staticDetails = (request: OnboardingRequest): string => {
  const { project, projectFlow, policy, openPolicy } = request;
  const withLimit = (check: CheckName): string =>
    openPolicy.attemptLimits.includes(check) ? check : `${check} (${policy.attemptLimits[check]} attempts)`;
  return [
    `Onboards one applicant in project ${code(project)}, flow ${code(projectFlow)}, of Verifik.`,
    [
      `- Required checks: ${checksOf(request, withLimit)}.`,
      `- Deadline: ${deadlineOf(request)}`,
      '- Outcome: verified, rejected, expired or withdrawn. If the workflow failed (red), correct the cause and start it again.',
    ].join('\n'),
  ].join('\n\n');
};

/** Returns the options of every start: how the onboarding is found, and what the UI shows of it. */
export const startOptions = (request: OnboardingRequest, input: OnboardingInput) => ({
  args: [input] as [OnboardingInput],
  staticSummary: `Onboarding at Verifik: ${checksOf(request)}`,
  staticDetails: staticDetails(request),
  typedSearchAttributes: attributesAtStart({
    ...request,
    pending: request.policy.required,
    contactKeys: input.contactKeys,
    reference: input.reference,
  }),
});
