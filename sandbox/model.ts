import type { Outcomes } from './outcomes.js';

export const KINDS = ['email', 'phone', 'document', 'biometric'] as const;

export type Kind = (typeof KINDS)[number];

export interface Validation {
  readonly _id: string;
  readonly kind: Kind;
  readonly appRegistrationId: string;
  readonly createdAt: number;
  status: string;
  /** Email and phone only. */
  otp?: { readonly code: string; readonly expiresAt: number; attempts: number };
}

export interface Registration {
  readonly _id: string;
  readonly project: string;
  readonly projectFlow: string;
  readonly createdAt: number;
  updatedAt: number;
  email?: string;
  phone?: string;
  countryCode?: string;
  fullName?: string;
  language: string;
  status: string;
  currentStep: string;
  /** Tokens of an earlier epoch are void. */
  epoch: number;
  readonly validations: Partial<Record<Kind, Validation>>;
  compare?: { readonly passed: boolean; readonly score: number };
  outcomes: Outcomes;
}

/** A message that the applicant would have got. */
export interface Message {
  readonly to: string;
  readonly kind: 'email' | 'sms';
  readonly appRegistrationId: string;
  readonly otp?: string;
  readonly link?: string;
  readonly at: number;
}
