import type { EpochMs } from '../shared/time.js';
import { defineSignal } from './definitions.js';
import type { DeliverArgs } from './messages.js';
import { SEARCH_ATTRIBUTES } from './search-attributes.js';

/** Later years have more digits, and another place in the order of texts. In ms since the Unix epoch. */
export const LAST_VALIDITY = Date.UTC(10_000, 0) - 1;

/** Returns the value of `OnboardingValidUntil`. Texts of this form are in the order of their times. */
export const validUntilText = (at: EpochMs): string => new Date(at).toISOString();

/** Returns the visibility condition of onboardings whose validity ends before a time. */
export const validBefore = (at: EpochMs): string => `${SEARCH_ATTRIBUTES.validUntil.name} < "${validUntilText(at)}"`;

/**
 * The workflow type that sends events when the validity of a customer's outcome ends. Runs only for onboardings with
 * `policy.validityNoticeMs` and callbacks.
 */
export const VALIDITY_WORKFLOW = 'validity';

/** Returns the id of a customer's workflow: all onboardings with the same reference share one. */
export const workflowIdOfValidity = (onboarding: string, reference?: string): string =>
  `validity-${reference ?? onboarding.replace(/^onboarding-/, '')}`;

/** A verified onboarding, the end of whose validity is announced. */
export interface Validity extends Pick<DeliverArgs, 'callbacks' | 'onboardingRunId'> {
  readonly workflowId: string;
  readonly reference?: string;
  readonly validUntil: EpochMs;
  /** How long before the end `onboarding.validity.ending` is sent, in ms. */
  readonly noticeMs: number;
  /** The sequence number of the onboarding's last event. */
  readonly sequence: number;
}

/** Announces the end of another onboarding of the customer in place of the one before. */
export const verifiedSignal = defineSignal<[Validity]>('verified');
