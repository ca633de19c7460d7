import { defineSearchAttributeKey } from '@temporalio/common';
import { MINUTE_MS } from '../shared/time.js';

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

/**
 * How long what changes with every check may be behind, in ms: as long as it is until Verifik is asked when nothing is heard. An
 * applicant who goes straight through leaves three events and three billable actions less.
 */
export const PUBLISH_CHECKS_WITHIN_MS = 5 * MINUTE_MS;

/**
 * What an onboarding is found by from the moment at which it is started.
 *
 * @param pending the required checks.
 */
export const attributesAtStart = ({ pending, project, projectFlow, contactKeys = [], reference }: AtStart) => [
  { key: SEARCH_ATTRIBUTES.status, value: 'registering' },
  { key: SEARCH_ATTRIBUTES.pending, value: [...pending] },
  { key: SEARCH_ATTRIBUTES.pendingSince, value: new Date() },
  { key: SEARCH_ATTRIBUTES.project, value: project },
  { key: SEARCH_ATTRIBUTES.projectFlow, value: projectFlow },
  { key: SEARCH_ATTRIBUTES.contact, value: [...contactKeys] },
  ...(reference === undefined ? [] : [{ key: SEARCH_ATTRIBUTES.reference, value: reference }]),
];

interface AtStart {
  readonly pending: readonly string[];
  readonly project: string;
  readonly projectFlow: string;
  readonly contactKeys?: readonly string[] | undefined;
  readonly reference?: string | undefined;
}

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
