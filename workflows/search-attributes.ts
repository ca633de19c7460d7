import { defineSearchAttributeKey } from '@temporalio/common';

/**
 * The search attributes of an onboarding. They are stored in the clear, so they hold ids, counts and keyed hashes only.
 * They must be registered with the namespace before use.
 */
export const SEARCH_ATTRIBUTES = {
  /** `registering`, `validating`, `inReview`, or the outcome. */
  status: defineSearchAttributeKey('OnboardingStatus', 'KEYWORD'),
  /** The required checks that are neither passed nor reported as passed. */
  pending: defineSearchAttributeKey('OnboardingPending', 'KEYWORD_LIST'),
  /** Since when `OnboardingStatus` and `OnboardingPending` are as they are: what makes "stuck for a day" one query. */
  pendingSince: defineSearchAttributeKey('OnboardingPendingSince', 'DATETIME'),
  /** The current registration's id and those of former ones. */
  registrationIds: defineSearchAttributeKey('OnboardingRegistrationId', 'KEYWORD_LIST'),
  /** The ids of the validations that the onboarding knows of, with spaces between them: one of them finds it. */
  validationIds: defineSearchAttributeKey('OnboardingValidationId', 'TEXT'),
  project: defineSearchAttributeKey('OnboardingProject', 'KEYWORD'),
  projectFlow: defineSearchAttributeKey('OnboardingProjectFlow', 'KEYWORD'),
  reference: defineSearchAttributeKey('OnboardingReference', 'KEYWORD'),
  /** Keyed hashes of the contact. */
  contact: defineSearchAttributeKey('OnboardingContact', 'KEYWORD_LIST'),
  batch: defineSearchAttributeKey('OnboardingBatch', 'KEYWORD'),
  generation: defineSearchAttributeKey('OnboardingGeneration', 'INT'),
  deadline: defineSearchAttributeKey('OnboardingDeadline', 'DATETIME'),
} as const;

/** The statuses that `OnboardingStatus` can have. */
export const STATUSES = [
  'registering',
  'validating',
  'inReview',
  'verified',
  'rejected',
  'expired',
  'withdrawn',
] as const;

export type OnboardingStatus = (typeof STATUSES)[number];
