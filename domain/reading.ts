import type { CheckName } from './checks.js';

/**
 * The result of a validation, independent of Verifik's status words. An unknown word means `pending` and never passes a
 * check.
 */
export type CheckResult = 'pending' | 'passed' | 'failed' | 'inReview';

export interface CheckReading {
  readonly result: CheckResult;
  readonly validationId?: string;
  /** Verifik's status word, if it is unknown. It is shown, and has no effect. */
  readonly unknownWord?: string;
}

/** The statuses of a registration. `sessionOver` can be resumed; `unknown` is treated as in progress. */
export const STANDINGS = [
  'inProgress',
  'completed',
  'completedWithoutKyc',
  'failed',
  'needsReview',
  'sessionOver',
  'unknown',
] as const;

export type RegistrationStanding = (typeof STANDINGS)[number];

/**
 * The registration as one authoritative `GET /app-registrations/{id}` returned it. A check without an entry has no
 * validation yet.
 */
export interface RegistrationReading {
  readonly appRegistrationId: string;
  readonly standing: RegistrationStanding;
  /** Verifik's status word, if it is unknown. */
  readonly unknownWord?: string;
  readonly checks: { readonly [K in CheckName]?: CheckReading };
  /** True if Verifik compared the face on the selfie with the document's, and they did not match. */
  readonly faceMismatch?: boolean;
}
