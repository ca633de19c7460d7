import { CHECK_NAMES } from '../checks.js';
import type { Outcome } from '../outcomes.js';
import type { RegistrationStatus, VendorRegistration } from '../vendor-registration.js';
import type { Finding } from './counts.js';

/** The status of a registration's latest onboarding: its outcome, or `open` if it is running. */
export type Known = Outcome | 'open';

/** The vendor's statuses that match the status of an onboarding. */
const MATCHING: Readonly<Record<Known, readonly RegistrationStatus[]>> = {
  verified: ['completed', 'completedWithoutKyc'],
  rejected: ['failed', 'needsReview', 'inProgress', 'sessionOver'],
  // The vendor does not learn of these outcomes, so that any status without success matches.
  expired: ['inProgress', 'sessionOver', 'needsReview', 'failed'],
  withdrawn: ['inProgress', 'sessionOver', 'needsReview', 'failed'],
  open: ['inProgress', 'needsReview', 'sessionOver'],
};

/** Returns the vendor's status words that are not known: first the registration's, then those of its checks. */
export const unknownWords = ({ unknownWord, checks }: VendorRegistration): readonly string[] =>
  [unknownWord, ...CHECK_NAMES.map((name) => checks[name]?.unknownWord)].filter((word) => word !== undefined);

/**
 * Compares a registration at the vendor with its known status. An unknown status word takes precedence, as nothing else
 * is certain.
 */
export const compare = (vendorRegistration: VendorRegistration, known: Known | undefined): Finding => {
  if (unknownWords(vendorRegistration).length > 0) return 'unknownWord';
  if (known !== undefined && !MATCHING[known].includes(vendorRegistration.status)) return 'mismatch';
  if (vendorRegistration.status === 'sessionOver') return 'expired';
  return known === undefined ? 'unknownHere' : 'match';
};
