import { defineSearchAttributeKey } from '@temporalio/common';
import { MINUTE_MS } from '../shared/time.js';

/**
 * The search attributes of an onboarding. Temporal stores them unencrypted, so they hold only ids, counts and keyed
 * hashes. Register them with the namespace before use.
 */
export const SEARCH_ATTRIBUTES = {
  status: defineSearchAttributeKey('OnboardingStatus', 'KEYWORD'),
  pending: defineSearchAttributeKey('OnboardingPending', 'KEYWORD_LIST'),
  /** The time of the last change of `OnboardingStatus` or `OnboardingPending`. Finds onboardings that are stuck. */
  pendingSince: defineSearchAttributeKey('OnboardingPendingSince', 'DATETIME'),
  /** The ids of the current registration and of former ones. */
  registrationIds: defineSearchAttributeKey('OnboardingRegistrationId', 'KEYWORD_LIST'),
  /** The ids of the known validations, separated by spaces. */
  validationIds: defineSearchAttributeKey('OnboardingValidationId', 'TEXT'),
  project: defineSearchAttributeKey('OnboardingProject', 'KEYWORD'),
  projectFlow: defineSearchAttributeKey('OnboardingProjectFlow', 'KEYWORD'),
  reference: defineSearchAttributeKey('OnboardingReference', 'KEYWORD'),
  contact: defineSearchAttributeKey('OnboardingContact', 'KEYWORD_LIST'),
  /** The name of the policy in force, if the request named one. */
  policy: defineSearchAttributeKey('OnboardingPolicy', 'KEYWORD'),
  batch: defineSearchAttributeKey('OnboardingBatch', 'KEYWORD'),
  generation: defineSearchAttributeKey('OnboardingGeneration', 'INT'),
  deadline: defineSearchAttributeKey('OnboardingDeadline', 'DATETIME'),
  /** The end of the time for the open review. Set while something is under review, like the next two. */
  reviewDue: defineSearchAttributeKey('OnboardingReviewDue', 'DATETIME'),
  /** The codes of the reasons for the review, separated by spaces. */
  reviewReason: defineSearchAttributeKey('OnboardingReviewReason', 'TEXT'),
  /** The id of the reviewer who has claimed the review. */
  claimedBy: defineSearchAttributeKey('OnboardingClaimedBy', 'KEYWORD'),
  /**
   * The end of the outcome's validity, in ISO 8601 and UTC, so that texts are in the order of times: a namespace in SQL
   * has only three attributes of the type DATETIME.
   */
  validUntil: defineSearchAttributeKey('OnboardingValidUntil', 'KEYWORD'),
} as const;

/**
 * How long the attributes that change with every check may be outdated, in ms. Equals the first reconcile interval.
 * Saves three history events and three billable actions for an applicant who completes the checks quickly.
 */
export const PUBLISH_CHECKS_WITHIN_MS = 5 * MINUTE_MS;

/**
 * Returns the search attributes at the start.
 *
 * @param pending the required checks.
 */
export const attributesAtStart = ({
  pending,
  project,
  projectFlow,
  contactKeys = [],
  reference,
}: AttributesAtStart) => [
  { key: SEARCH_ATTRIBUTES.status, value: 'registering' },
  { key: SEARCH_ATTRIBUTES.pending, value: [...pending] },
  { key: SEARCH_ATTRIBUTES.pendingSince, value: new Date() },
  { key: SEARCH_ATTRIBUTES.project, value: project },
  { key: SEARCH_ATTRIBUTES.projectFlow, value: projectFlow },
  { key: SEARCH_ATTRIBUTES.contact, value: [...contactKeys] },
  ...(reference === undefined ? [] : [{ key: SEARCH_ATTRIBUTES.reference, value: reference }]),
];

interface AttributesAtStart {
  readonly pending: readonly string[];
  readonly project: string;
  readonly projectFlow: string;
  readonly contactKeys?: readonly string[] | undefined;
  readonly reference?: string | undefined;
}

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
