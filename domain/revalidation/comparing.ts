import { CHECK_NAMES } from '../checks.js';
import type { Outcome } from '../outcomes.js';
import type { RegistrationReading, RegistrationStanding } from '../reading.js';
import type { Finding } from './counts.js';

/** What is known here of a registration: how its latest onboarding stands. */
export type Known = Outcome | 'open';

/** The standings that bear out what is known. A review at the vendor bears out an onboarding that is open. */
const BORNE_OUT: Readonly<Record<Known, readonly RegistrationStanding[]>> = {
  verified: ['completed', 'completedWithoutKyc'],
  rejected: ['failed', 'needsReview', 'inProgress', 'sessionOver'],
  // What ended here without a decision at the vendor may stand there as it was left.
  expired: ['inProgress', 'sessionOver', 'needsReview', 'failed'],
  withdrawn: ['inProgress', 'sessionOver', 'needsReview', 'failed'],
  open: ['inProgress', 'needsReview', 'sessionOver'],
};

/** The vendor's words of the reading that we do not know: the registration's first. */
export const unknownWords = ({ unknownWord, checks }: RegistrationReading): readonly string[] =>
  [unknownWord, ...CHECK_NAMES.map((name) => checks[name]?.unknownWord)].filter((word) => word !== undefined);

/**
 * What an audit finds of a registration. An unknown word comes first, as nothing else can be told with certainty; then whether the
 * vendor bears out what is known.
 */
export const compare = (reading: RegistrationReading, known: Known | undefined): Finding => {
  if (unknownWords(reading).length > 0) return 'unknownWord';
  if (known !== undefined && !BORNE_OUT[known].includes(reading.standing)) return 'drifted';
  if (reading.standing === 'sessionOver') return 'expired';
  return known === undefined ? 'untracked' : 'unchanged';
};
