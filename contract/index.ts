/**
 * The messages of an onboarding, for your own workflows and backends: `import … from 'verifik-onboarding/contract'`.
 * Workflow code can import it.
 */
export type { OnboardingEvent, WireEvent } from '../domain/changes.js';
export type { CheckName } from '../domain/checks.js';
export type { Contact } from '../domain/contact.js';
export type { Decision, Outcome, ReasonCode } from '../domain/outcomes.js';
export type { Policy } from '../domain/policy/policy.js';
export type { OnboardingRequestInput } from '../domain/request.js';
export type { Snapshot } from '../domain/snapshot.js';
export { type ChildOptions, childOnboarding } from './child.js';
export {
  appRegistrationSignal,
  claimReviewUpdate,
  DEFAULT_TASK_QUEUE,
  decideReviewUpdate,
  eventsQuery,
  FAILURES,
  type FailureType,
  ONBOARDING_WORKFLOW,
  type OnboardingResult,
  onboardingQuery,
  registrationUpdate,
  releaseReviewUpdate,
  requestAgainUpdate,
  reRegisterUpdate,
  validationSignals,
  withdrawSignal,
} from './messages.js';
export { SEARCH_ATTRIBUTES } from './search-attributes.js';
export type { OnboardingWorkflow } from './start-options.js';
export { workflowIdOfReference } from './workflow-id.js';
