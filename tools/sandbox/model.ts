import * as t from 'io-ts';
import type { ForcedOutcomes } from './rules/outcomes.js';

export const KINDS = ['email', 'phone', 'document', 'biometric'] as const;

export type Kind = (typeof KINDS)[number];

/** A six-digit code. Times are ms since the Unix epoch, by the sandbox's clock. */
export interface Otp {
  readonly code: string;
  readonly expiresAt: number;
  attempts: number;
}

export interface Validation {
  readonly _id: string;
  readonly kind: Kind;
  readonly appRegistrationId: string;
  readonly createdAt: number;
  status: string;
  updatedAt?: number;
  /** Set for email and phone. */
  otp?: Otp;
  /** The contact that the validation is for. Default: the registration's. */
  readonly contact?: Contact;
  /** The reason of a failed document or selfie, as Verifik records it. */
  failedReason?: string;
  /** Verifik could not cut a portrait from the document, so no face comparison can run. */
  hasNoPortrait?: true;
  nameReview?: NameReview;
}

/** A person's decision at Verifik about the name on a document. */
export interface NameReview {
  readonly decision: 'match' | 'mismatch';
  readonly note?: string;
}

/** A person's decision at Verifik about a registration. */
export interface ManualReview {
  readonly previousStatus: string;
  readonly newStatus: string;
  readonly note?: string;
  readonly by: 'client' | 'staff';
  readonly at: number;
}

export interface Comparison {
  readonly _id: string;
  passed: boolean;
  readonly score: number;
  readonly at: number;
}

export interface Contact {
  email?: string;
  phone?: string;
  countryCode?: string;
}

/** The caller of create, which the response repeats. */
export interface Caller {
  readonly ipAddress: string;
  readonly userAgent: string;
}

export interface Registration extends Contact {
  readonly _id: string;
  readonly informationValidationId: string;
  readonly personId: string;
  readonly project: string;
  readonly projectFlow: string;
  readonly createdAt: number;
  updatedAt: number;
  fullName?: string;
  language: string;
  status: string;
  currentStep: string;
  /** Counts recreations. Tokens of an earlier epoch are void. */
  epoch: number;
  readonly validations: Partial<Record<Kind, Validation>>;
  /** Failed documents and selfies, oldest first. */
  failed?: Validation[];
  manualReviews?: ManualReview[];
  /** The newest token, for the link in Verifik's emails. */
  token?: string;
  /** The caller that created the registration. */
  caller?: Caller;
  completedAt?: number;
  compare?: Comparison;
  outcomes: ForcedOutcomes;
}

export const MessageCodec = t.readonly(
  t.intersection([
    t.type({
      /** An email address, or a phone number with its country code. */
      to: t.string,
      kind: t.keyof({ email: null, sms: null }),
      appRegistrationId: t.string,
      /** ms since the Unix epoch, by the sandbox's clock. */
      at: t.number,
    }),
    t.partial({ otp: t.string, link: t.string }),
  ]),
);

/** An email or text message to an applicant. */
export type Message = t.TypeOf<typeof MessageCodec>;
