import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../../shared/time.js';
import { type CheckName, type PerCheck, perCheck } from '../checks.js';

/** The version of the rules in this folder. Each decision records it for auditors. */
export const POLICY_VERSION = '2026-11';

export interface Policy {
  /** The checks that must pass. Never empty. */
  readonly required: readonly CheckName[];
  /** The number of failed validations of a check at which the onboarding is rejected. */
  readonly attemptLimits: PerCheck<number>;
  /** The time from the start to `expired`, in ms. */
  readonly deadlineMs: number;
  /** A reminder is sent after `afterMs` without progress by the applicant, at most `max` times. */
  readonly reminders: { readonly afterMs: number; readonly max: number };
  /** Without reports, Verifik is read after `firstMs`, then at doubling intervals up to `maxMs`. */
  readonly reconcile: { readonly firstMs: number; readonly maxMs: number };
  /**
   * How long Verifik's comparison of the faces is awaited after document and selfie, in ms. Without one, a reviewer
   * decides.
   */
  readonly comparisonWithinMs: number;
  /** `accept`: a contact that the applicant changed on Verifik's page is used; `review`: a reviewer decides. */
  readonly contactChange: 'accept' | 'review';
  /** `api`: the onboarding completes the registration at Verifik; `page`: Verifik's hosted page does. */
  readonly closing: 'api' | 'page';
  /**
   * When Verifik's status of the registration is set to the outcome, if it differs: `reviews`: after a reviewer decided
   * the outcome; `ends`: at every end as `verified` or `rejected`.
   */
  readonly override: 'none' | 'reviews' | 'ends';
  /**
   * A review is due `withinMs` after it began, and an event says so `escalateBeforeMs` before that. When it is due, the
   * onboarding continues to wait, or rejects the applicant. An open review pauses the applicant's deadline.
   */
  readonly review: {
    readonly withinMs: number;
    readonly escalateBeforeMs: number;
    readonly atDeadline: 'wait' | 'reject';
  };
  /**
   * `required`: an applicant whose checks have passed is verified only after an approval, of your own system or of a
   * reviewer. Absent: at once.
   */
  readonly approval?: 'required';
  /** The validity of a `verified` outcome in ms, which a document that expires shortens. Absent: unlimited. */
  readonly verifiedForMs?: number;
  /**
   * How long before the end of the validity the event `onboarding.validity.ending` is sent, in ms, and
   * `onboarding.validity.ended` at the end. Absent: neither is sent.
   */
  readonly validityNoticeMs?: number;
}

/** The parts of a policy that a request leaves to the project flow. */
export interface OpenPolicy {
  readonly required: boolean;
  /** The checks whose attempt limits the request does not set. */
  readonly attemptLimits: readonly CheckName[];
}

/** The policy of the workers' file that is in force. Its name differs from the request's if it is the canary. */
export interface NamedPolicy {
  readonly policyName: string;
  /** The policy's version in the file. */
  readonly policyRevision: string;
  /** The first 16 hexadecimal digits of the SHA-256 of the policy in force, as JSON with sorted keys. */
  readonly policyHash: string;
}

/** A named policy, with what the project flow decided. */
export interface ResolvedPolicy extends NamedPolicy {
  readonly policy: Policy;
}

/** A token with less time left than this is renewed before it is returned. */
export const TOKEN_MARGIN_MS = MINUTE_MS;

/** The minimum interval between reads that reports cause. */
export const READ_GAP_MS = 2 * SECOND_MS;

/** The default policy. Three attempts are Verifik's own `maxAttempts`. */
export const DEFAULT_POLICY: Omit<Policy, 'required'> = {
  attemptLimits: perCheck(() => 3),
  deadlineMs: 7 * DAY_MS,
  reminders: { afterMs: DAY_MS, max: 2 },
  reconcile: { firstMs: 5 * MINUTE_MS, maxMs: 6 * HOUR_MS },
  comparisonWithinMs: 15 * MINUTE_MS,
  contactChange: 'accept',
  closing: 'api',
  override: 'reviews',
  review: { withinMs: 3 * DAY_MS, escalateBeforeMs: DAY_MS, atDeadline: 'wait' },
};
