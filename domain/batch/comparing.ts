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

const hasUnknownWord = ({ unknownWord, checks }: RegistrationReading): boolean =>
  unknownWord !== undefined || Object.values(checks).some((check) => check.unknownWord !== undefined);

/**
 * What an audit finds of a registration. An unknown word comes first, as nothing else can be told with certainty; then whether the
 * vendor bears out what is known.
 */
export const compare = (reading: RegistrationReading, known: Known | undefined): Finding => {
  if (hasUnknownWord(reading)) return 'unknownWord';
  if (known !== undefined && !BORNE_OUT[known].includes(reading.standing)) return 'drifted';
  if (reading.standing === 'sessionOver') return 'expired';
  return known === undefined ? 'untracked' : 'unchanged';
};
