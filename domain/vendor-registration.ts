import type { CheckName } from './checks.js';

/**
 * The result of a validation, independent of Verifik's status words. An unknown word means `pending` and never passes a
 * check.
 */
export type CheckResult = 'pending' | 'passed' | 'failed' | 'inReview';

export interface VendorCheck {
  readonly result: CheckResult;
  readonly validationId?: string;
  /** Verifik's status word, if it is unknown. It is shown, and has no effect. */
  readonly unknownWord?: string;
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
  /** True if Verifik compared the face on the selfie with the document's, and they did not match. */
  readonly faceMismatch?: boolean;
}
