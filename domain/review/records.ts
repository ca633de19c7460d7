import type { EpochMs } from '../../shared/time.js';
import type { CheckReason } from '../check-reasons.js';
import type { CheckName } from '../checks.js';

/** A reviewer's claim on a review. It ends by itself. */
export interface Claim {
  readonly reviewer: string;
  readonly since: EpochMs;
  readonly until: EpochMs;
}

/** A review that waits for people. It pauses the applicant's deadline. */
export interface OpenReview {
  readonly since: EpochMs;
  readonly dueAt: EpochMs;
  /** Set after the event that the review is due soon. */
  readonly escalated?: true;
  readonly claim?: Claim;
}

export type ReviewDecision = 'approve' | 'reject' | 'again';

/** A check as a reviewer decided it. */
export interface ReviewedCheck {
  readonly check: CheckName;
  readonly validationId?: string;
  /** Why it waited for a reviewer. */
  readonly reason?: CheckReason;
}

/** A reviewer's decision. */
export interface ReviewRecord {
  readonly at: EpochMs;
  readonly decision: ReviewDecision;
  readonly reviewer: string;
  /** The decided checks. Empty if the registration as a whole was under review. */
  readonly checks: readonly CheckName[];
  /** The decided checks with their validations, for the evidence. */
  readonly reviewed: readonly ReviewedCheck[];
  /** The reviewer who had claimed the review, if another one decided it by force. */
  readonly overruled?: string;
  /** The reason for the applicant, if the checks have to be done again. */
  readonly reason?: string;
  /** For people. May contain personal data. */
  readonly note?: string;
}

/**
 * A validation at Verifik that a reviewer voided, and that is to be deleted there so that the applicant can repeat it.
 */
export interface VoidedValidation {
  readonly kind: RepeatableCheck;
  readonly id: string;
}

/**
 * The checks that a reviewer can request again. Verifik deletes single documents and selfies, so that the applicant can
 * repeat them, but no email and phone validations: those take a re-registration.
 */
export const REPEATABLE_CHECKS = ['document', 'biometric'] as const satisfies readonly CheckName[];

export type RepeatableCheck = (typeof REPEATABLE_CHECKS)[number];
