import { OUTCOMES, type Outcome } from '../outcomes.js';

/** The results of an audit for each registration, with the meanings that reports and documents show. */
export const FINDINGS = {
  match: 'the status at Verifik matches the last known outcome',
  mismatch: 'the status at Verifik contradicts the last known outcome',
  unknownHere: 'Verifik has the registration, but no onboarding of it is known to compare with',
  expired: 'its session at Verifik has expired',
  unknownWord: "Verifik's status word is unknown",
  repeated: 'the source contains the registration more than once',
  notFound: 'Verifik does not have the registration, or no longer',
  unreadable: 'Verifik rejected the request, or its response could not be read',
  dryRun: 'dry run: it would be compared, or its checks repeated',
} as const;

export type Finding = keyof typeof FINDINGS;

/** The results of a reverify for each registration. */
export const STEPS = {
  started: 'an onboarding was started, which repeats the chosen checks',
  alreadyRunning: 'another onboarding of the applicant is running, and was left unchanged',
  repeated: FINDINGS.repeated,
  noContact: "Verifik does not have the applicant's name, or no contact for the chosen checks",
  notFound: FINDINGS.notFound,
  unreadable: FINDINGS.unreadable,
} as const;

export type Step = keyof typeof STEPS;

/** The counts of a batch so far. Every registration is in exactly one of the `results`; `total` is their sum. */
export interface BatchCounts {
  readonly total: number;
  readonly results: Readonly<Partial<Record<Finding | Step, number>>>;
  /** The number of invalid lines of a file. They are skipped, and not part of the total. */
  readonly badLines: number;
  /**
   * The maximum cost of the started onboardings in the vendor's credits; in a dry run, of those that would be started.
   */
  readonly credits: number;
}

export const NO_COUNTS: BatchCounts = { total: 0, results: {}, badLines: 0, credits: 0 };

export const addResult = (counts: BatchCounts, result: Finding | Step, credits = 0): BatchCounts => ({
  ...counts,
  total: counts.total + 1,
  results: { ...counts.results, [result]: (counts.results[result] ?? 0) + 1 },
  credits: counts.credits + credits,
});

/** True for a batch that ended, and whose source has no registration. */
export const foundNothing = ({ total, stopped }: { readonly total: number; readonly stopped?: unknown }): boolean =>
  total === 0 && stopped === undefined;

/** True if the result costs credits, or would in a dry run. */
export const isCharged = (result: Finding | Step): boolean => result === 'started' || result === 'dryRun';

/**
 * A batch's onboardings by status. `failed` ones have no outcome: their workflow failed, or was terminated or
 * cancelled.
 */
export type OnboardingCounts = Readonly<Record<Outcome | 'running' | 'failed', number>>;

export const NO_ONBOARDINGS: OnboardingCounts = {
  verified: 0,
  rejected: 0,
  expired: 0,
  withdrawn: 0,
  running: 0,
  failed: 0,
};

/** The outcomes by their names, to parse search attributes. */
export const OUTCOMES_BY_WORD: ReadonlyMap<string, Outcome> = new Map(OUTCOMES.map((outcome) => [outcome, outcome]));
