import { OUTCOMES, type Outcome } from '../outcomes.js';

/** What an audit finds of each registration. Read by code, documents and tests alike. */
export const FINDINGS = {
  unchanged: 'Verifik says what is known here',
  drifted: 'Verifik says something else than is known here',
  untracked: 'nothing is known of it here, so there is nothing to compare it with; Verifik has it',
  expired: 'its session at Verifik is over',
  unknownWord: "Verifik's status word is one that we do not know",
  gone: 'Verifik has no such registration (any more)',
  unreadable: 'Verifik refused to tell, or its answer could not be read',
  counted: 'a dry run: it would be compared, or asked again',
} as const;

export type Finding = keyof typeof FINDINGS;

/** What a reverify does with each applicant. */
export const STEPS = {
  begun: 'an onboarding was begun, which asks for the chosen checks again',
  live: 'another onboarding of theirs is running: it was left alone',
  repeated: 'the source names them more than once',
  uncontactable: 'Verifik has no contact of theirs that the chosen checks could go by, or no name',
  gone: 'Verifik has no such registration (any more)',
  unreadable: 'Verifik refused to tell, or its answer could not be read',
} as const;

export type Step = keyof typeof STEPS;

/** What a batch has come to so far. Every registration is in exactly one of the `results`; `total` is their sum. */
export interface BatchCounts {
  readonly total: number;
  readonly results: Readonly<Partial<Record<Finding | Step, number>>>;
  /** Lines of a file that could not be read: they are skipped, and no part of the total. */
  readonly badLines: number;
  /** What the applicants that were begun may cost, in the vendor's credits; in a dry run, what they would. */
  readonly credits: number;
}

export const NO_COUNTS: BatchCounts = { total: 0, results: {}, badLines: 0, credits: 0 };

/** Counts one registration. */
export const counted = (counts: BatchCounts, result: Finding | Step, credits = 0): BatchCounts => ({
  ...counts,
  total: counts.total + 1,
  results: { ...counts.results, [result]: (counts.results[result] ?? 0) + 1 },
  credits: counts.credits + credits,
});

/** True of what costs credits, or would. */
export const isCharged = (result: Finding | Step): boolean => result === 'begun' || result === 'counted';

/** How the onboardings that a batch has begun stand. `failed` have no outcome: they are red in the Temporal UI. */
export type OnboardingCounts = Readonly<Record<Outcome | 'running' | 'failed', number>>;

export const NO_ONBOARDINGS: OnboardingCounts = {
  verified: 0,
  rejected: 0,
  expired: 0,
  withdrawn: 0,
  running: 0,
  failed: 0,
};

/** The outcomes by their words, as they come from elsewhere. */
export const OUTCOMES_BY_WORD: ReadonlyMap<string, Outcome> = new Map(OUTCOMES.map((outcome) => [outcome, outcome]));
