import type { EpochMs } from '../shared/time.js';
import type { CheckName } from './checks.js';
import type { NamedPolicy, Policy } from './policy/policy.js';

/** The ways in which an onboarding ends. An invalid request or a misconfigured project fails the workflow instead. */
export const OUTCOMES = ['verified', 'rejected', 'expired', 'withdrawn'] as const;

export type Outcome = (typeof OUTCOMES)[number];

/** Each reason for an outcome, with the sentence that users read. The tests compare the documents with it. */
export const REASONS = {
  allChecksPassed: { outcome: 'verified', sentence: 'Every required check has passed, and Verifik confirmed it.' },
  approvedByReviewer: {
    outcome: 'verified',
    sentence: 'A reviewer approved what Verifik had left to people.',
  },
  attemptsExhausted: { outcome: 'rejected', sentence: 'The applicant used up the attempts that a check allows.' },
  rejectedByReviewer: { outcome: 'rejected', sentence: 'A reviewer rejected the applicant.' },
  reviewOverdue: { outcome: 'rejected', sentence: 'No reviewer decided in the time that the policy allows.' },
  refusedByPolicy: { outcome: 'rejected', sentence: 'Verifik refused the applicant under the policy of the project.' },
  failedAtVendor: { outcome: 'rejected', sentence: 'Verifik closed the registration as failed.' },
  deadlinePassed: { outcome: 'expired', sentence: 'The checks were not finished before the deadline.' },
  withdrawn: { outcome: 'withdrawn', sentence: 'The onboarding was withdrawn before it was finished.' },
} as const satisfies Record<string, { outcome: Outcome; sentence: string }>;

export type ReasonCode = keyof typeof REASONS;

/** With the fields of `NamedPolicy` if the request named a policy and Verifik had answered. */
export interface Decision extends Partial<NamedPolicy> {
  readonly outcome: Outcome;
  readonly reason: ReasonCode;
  readonly sentence: string;
  readonly decidedAt: EpochMs;
  readonly policyVersion: string;
  /** The policy that was in force, with what the project flow decided. */
  readonly policy: Policy;
  /** The version of the project flow when the onboarding started, if Verifik names one. */
  readonly flowVersion?: number;
  /** The check that decided a rejection. */
  readonly check?: CheckName;
  /** The deciding reviewer's id, as the caller gave it. */
  readonly reviewer?: string;
  /**
   * The end of a `verified` outcome's validity. Set if the policy has `verifiedForMs`, which the document may shorten.
   */
  readonly validUntil?: EpochMs;
}

/** The ways in which an onboarding's workflow can close without an outcome, each with its sentence. */
export const STOPS = {
  failed: 'It failed without an outcome.',
  cancelled: 'It was cancelled in Temporal without an outcome.',
  terminated: 'It was terminated in Temporal without an outcome.',
  timedOut: 'It timed out in Temporal without an outcome.',
} as const;

export type Stop = keyof typeof STOPS;

/** How and why an onboarding closed without an outcome. Contains no personal data. */
export interface Stopped {
  readonly how: Stop;
  readonly at: EpochMs;
  /** The type of the failure, if the workflow failed. */
  readonly failure?: string;
  readonly sentence: string;
}
