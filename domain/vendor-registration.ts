import type { EpochMs } from '../shared/time.js';
import type { CheckReason } from './check-reasons.js';
import type { CheckName } from './checks.js';

/**
 * The result of a validation, independent of Verifik's status words. An unknown word means `pending` and never passes a
 * check.
 */
export type CheckResult = 'pending' | 'passed' | 'failed' | 'inReview';

/** A score of Verifik and the minimum that it named with it, both as units. */
export interface Score {
  readonly score: number;
  readonly minScore?: number;
}

export interface VendorCheck {
  readonly result: CheckResult;
  readonly validationId?: string;
  /** Verifik's status word, if it is unknown. It is shown, and has no effect. */
  readonly unknownWord?: string;
  /** Why the last attempt failed, or why the check waits for people. */
  readonly reason?: CheckReason;
  /**
   * The failed validations that Verifik keeps and that use up an attempt: their ids, or their positions where they have
   * none. Rejected pictures of a poor quality are not among them.
   */
  readonly failedAttempts?: readonly string[];
  /** When the document expires: the end of that day in UTC, if Verifik read the date. */
  readonly expiresAt?: EpochMs;
  /** Why each of them failed, by its id in `failedAttempts`. */
  readonly failureReasons?: Readonly<Record<string, CheckReason>>;
  /** True if Verifik lists all failed validations, so that `failedAttempts` is certain. */
  readonly failuresListed?: true;
  /** Of a selfie: the score of the test that it shows a living person. */
  readonly liveness?: Score;
}

/** The statuses of a registration. `sessionOver` can be resumed; `unknown` is treated as in progress. */
export const REGISTRATION_STATUSES = [
  'inProgress',
  'completed',
  'completedWithoutKyc',
  'failed',
  'needsReview',
  'sessionOver',
  'unknown',
] as const;

export type RegistrationStatus = (typeof REGISTRATION_STATUSES)[number];

/** A contact as Verifik has it: the email in lower case, the phone in digits, the country code with its `+`. */
export interface VendorContact {
  readonly email?: string;
  readonly phone?: string;
  readonly countryCode?: string;
}

/**
 * The registration as one authoritative `GET /app-registrations/{id}` returned it. A check without an entry has no
 * validation yet.
 */
export interface VendorRegistration {
  readonly appRegistrationId: string;
  readonly status: RegistrationStatus;
  /** Verifik's status word, if it is unknown. */
  readonly unknownWord?: string;
  readonly checks: { readonly [K in CheckName]?: VendorCheck };
  /** Verifik's comparison of the face on the selfie with the document's. Absent until it has run. */
  readonly comparison?: 'match' | 'mismatch';
  /** The score of the comparison. */
  readonly compared?: Score;
  /** The contact that was validated, or is to be. */
  readonly contact?: VendorContact;
  readonly project?: string;
  readonly projectFlow?: string;
}
