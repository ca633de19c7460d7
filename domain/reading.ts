import type { CheckName } from './checks.js';

/** Where one validation stands, whatever words the vendor used for it. An unknown word is `pending`: it never passes a check. */
export type CheckResult = 'pending' | 'passed' | 'failed' | 'inReview';

/** What one authoritative read says about one check. */
export interface CheckReading {
  readonly result: CheckResult;
  /** The validation's own id, where the vendor gave it. */
  readonly validationId?: string;
  /** The vendor's status word when it is not one we know. It is shown to people and never acted upon. */
  readonly unknownWord?: string;
}

/** Where the registration as a whole stands at the vendor. `sessionOver` may be resumed; `unknown` is treated as in progress. */
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

/** The vendor's truth about one registration, as one `GET /app-registrations/{id}` tells it. A check without an entry has no validation yet. */
export interface RegistrationReading {
  readonly appRegistrationId: string;
  readonly standing: RegistrationStanding;
  /** The vendor's registration status word when it is not one we know. */
  readonly unknownWord?: string;
  readonly checks: { readonly [K in CheckName]?: CheckReading };
  /** True when the face on the selfie was compared with the document's and did not match. */
  readonly faceMismatch?: boolean;
}
