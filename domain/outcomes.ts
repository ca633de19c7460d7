import type { EpochMs } from '../shared/time.js';
import type { CheckName } from './checks.js';

/** The four ways in which an onboarding ends. A misconfigured project or an invalid request is none of them: it fails the workflow. */
export const OUTCOMES = ['verified', 'rejected', 'expired', 'withdrawn'] as const;

export type Outcome = (typeof OUTCOMES)[number];

/** Every ending: its outcome, and what is said to people about it. Read by code, documents and tests alike. */
export const REASONS = {
  allChecksPassed: { outcome: 'verified', sentence: 'Every required check has passed, and Verifik confirmed it.' },
  approvedByReviewer: {
    outcome: 'verified',
    sentence: 'A reviewer approved what Verifik had left to people to decide.',
  },
  attemptsExhausted: { outcome: 'rejected', sentence: 'The applicant used up the attempts that a check allows.' },
  rejectedByReviewer: { outcome: 'rejected', sentence: 'A reviewer rejected the applicant.' },
  refusedByPolicy: { outcome: 'rejected', sentence: 'Verifik refuses this applicant by the policy of the project.' },
  failedAtVendor: { outcome: 'rejected', sentence: 'Verifik closed the registration as failed.' },
  deadlinePassed: { outcome: 'expired', sentence: 'The checks were not finished before the deadline.' },
  withdrawn: { outcome: 'withdrawn', sentence: 'The onboarding was withdrawn before it was finished.' },
} as const satisfies Record<string, { outcome: Outcome; sentence: string }>;

export type ReasonCode = keyof typeof REASONS;

/** How an onboarding ended, why, when, and under which rules. */
export interface Decision {
  readonly outcome: Outcome;
  readonly reason: ReasonCode;
  /** The reason in a plain sentence. */
  readonly sentence: string;
  readonly decidedAt: EpochMs;
  readonly policyVersion: string;
  /** The check that decided a rejection. */
  readonly check?: CheckName;
  /** Who decided, where a person did: the reviewer's id as the caller gave it. */
  readonly reviewer?: string;
  /** Until when a `verified` holds, where the policy asks for re-verification. */
  readonly validUntil?: EpochMs;
}
