import type { WorkflowExecutionInfo } from '@temporalio/client';
import * as t from 'io-ts';
import { ONBOARDING_WORKFLOW } from '../../contract/messages.js';
import { quoted } from '../../contract/report-routing.js';
import { type OnboardingStatus, SEARCH_ATTRIBUTES, STATUSES } from '../../contract/search-attributes.js';
import { LAST_VALIDITY, validBefore } from '../../contract/validity.js';
import type { CheckName } from '../../domain/checks.js';
import { CheckNameCodec, PolicyName, Reference, VendorId } from '../../domain/ids.js';
import type { Stopped } from '../../domain/outcomes.js';
import { closed, documented, oneOf, wholeNumber } from '../../shared/decoding.js';
import { defined } from '../../shared/defined.js';
import type { EpochMs } from '../../shared/time.js';

/** A filter of onboardings. They match if all given conditions hold. */
export interface ListFilter {
  readonly status?: OnboardingStatus;
  /** A check that is neither passed nor reported as passed. */
  readonly pending?: CheckName;
  readonly project?: string;
  readonly projectFlow?: string;
  /** The named policy in force. */
  readonly policyName?: string;
  readonly reference?: string;
  readonly referencePrefix?: string;
  /** The id of the current registration or a former one. */
  readonly appRegistrationId?: string;
  /** Only verified onboardings whose validity ends before this time, in ms since the Unix epoch. */
  readonly validBefore?: EpochMs;
  /** True: only running onboardings whose workflow task keeps failing. */
  readonly stuck?: boolean;
}

export const StatusCodec = documented(oneOf(STATUSES), { title: 'OnboardingStatus' });

/** The filters that are texts, which the gateway has as well. */
export const LIST_PROPS = {
  status: StatusCodec,
  pending: documented(CheckNameCodec, { description: 'A check that is neither passed nor reported as passed.' }),
  project: VendorId,
  projectFlow: VendorId,
  policyName: documented(PolicyName, { description: 'The named policy in force.' }),
  appRegistrationId: documented(VendorId, { description: 'The id of the current or a former registration.' }),
};

/** A time, as far as a validity can end. */
export const Moment = wholeNumber(0, LAST_VALIDITY);

export const ListFields = closed(
  t.partial({
    ...LIST_PROPS,
    reference: Reference,
    referencePrefix: Reference,
    validBefore: Moment,
    stuck: t.boolean,
  }),
);

/** An onboarding in a list, without contact, name and token. */
export interface ListedOnboarding {
  readonly workflowId: string;
  /** Absent if the search attribute is not set, or has a value that this version does not know. */
  readonly status?: OnboardingStatus;
  /** The execution status in Temporal: `RUNNING`, `COMPLETED`, `FAILED`, `CANCELLED`, `TERMINATED`, … */
  readonly execution: string;
  readonly pending: readonly string[];
  readonly registrationIds: readonly string[];
  readonly reference?: string;
  readonly startedAt: Date;
  /** How, when and why it closed, if it closed without an outcome. */
  readonly stopped?: Stopped;
  readonly deadline?: Date;
  /** The end of the time for the open review. Set while something is under review, like the next two. */
  readonly reviewDue?: Date;
  /** The codes of the reasons for the review. */
  readonly reviewReasons?: readonly string[];
  /** The reviewer who has claimed the review. */
  readonly claimedBy?: string;
  /** The end of the validity of a `verified` outcome. */
  readonly validUntil?: Date;
}

/** Joins the conditions of a visibility query. */
export const allOf = (conditions: readonly (string | undefined)[]): string =>
  conditions.filter((condition) => condition !== undefined).join(' AND ');

/** A condition of a visibility query; `undefined` if no value is given. */
export const equals = (name: string, value: string | undefined): string | undefined =>
  value === undefined ? undefined : `${name} = ${quoted(value)}`;

/** Returns the visibility query of a filter. `condition` is a further condition, in visibility's syntax. */
export const visibilityQuery = (filter: Omit<ListFilter, 'stuck'>, condition?: string): string => {
  const { status, pending, registrationIds, project, projectFlow, policy, reference } = SEARCH_ATTRIBUTES;
  const { referencePrefix: prefix, validBefore: endsBefore } = filter;
  return allOf([
    equals('WorkflowType', ONBOARDING_WORKFLOW),
    equals(status.name, filter.status),
    equals(pending.name, filter.pending),
    equals(project.name, filter.project),
    equals(projectFlow.name, filter.projectFlow),
    equals(policy.name, filter.policyName),
    equals(reference.name, filter.reference),
    equals(registrationIds.name, filter.appRegistrationId),
    prefix === undefined ? undefined : `${reference.name} STARTS_WITH ${quoted(prefix)}`,
    endsBefore === undefined ? undefined : validBefore(endsBefore),
    condition,
  ]);
};

/** The attributes of a workflow that was stopped during a review stay set. */
const reviewOf = ({ status, typedSearchAttributes: attributes }: WorkflowExecutionInfo) => {
  const { reviewDue, reviewReason, claimedBy } = SEARCH_ATTRIBUTES;
  return status.name !== 'RUNNING'
    ? {}
    : defined({
        reviewDue: attributes.get(reviewDue),
        reviewReasons: attributes.get(reviewReason)?.split(' '),
        claimedBy: attributes.get(claimedBy),
      });
};

export const toListedOnboarding = (info: WorkflowExecutionInfo, stopped?: Stopped): ListedOnboarding => {
  const { workflowId, status, typedSearchAttributes: attributes, startTime } = info;
  const validUntil = attributes.get(SEARCH_ATTRIBUTES.validUntil);
  return defined({
    workflowId,
    execution: status.name,
    pending: attributes.get(SEARCH_ATTRIBUTES.pending) ?? [],
    registrationIds: attributes.get(SEARCH_ATTRIBUTES.registrationIds) ?? [],
    startedAt: startTime,
    status: STATUSES.find((known) => known === attributes.get(SEARCH_ATTRIBUTES.status)),
    reference: attributes.get(SEARCH_ATTRIBUTES.reference),
    deadline: attributes.get(SEARCH_ATTRIBUTES.deadline),
    ...reviewOf(info),
    validUntil: validUntil === undefined ? undefined : new Date(validUntil),
    stopped,
  });
};
