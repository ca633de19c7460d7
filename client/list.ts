import type { WorkflowExecutionInfo } from '@temporalio/client';
import { ONBOARDING_WORKFLOW } from '../contract/messages.js';
import { quoted } from '../contract/report-routing.js';
import { type OnboardingStatus, SEARCH_ATTRIBUTES, STATUSES } from '../contract/search-attributes.js';
import type { CheckName } from '../domain/checks.js';

/** A filter of onboardings. They match if all given conditions hold. */
export interface ListFilter {
  readonly status?: OnboardingStatus;
  /** A check that is neither passed nor reported as passed. */
  readonly pending?: CheckName;
  readonly project?: string;
  readonly projectFlow?: string;
  readonly reference?: string;
  readonly referencePrefix?: string;
  /** The id of the current registration or a former one. */
  readonly appRegistrationId?: string;
  /** True: only running onboardings whose workflow task keeps failing. */
  readonly stuck?: boolean;
}

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
  readonly deadline?: Date;
}

/** Returns the visibility query of a filter. `condition` is a further condition, in visibility's syntax. */
export const visibilityQuery = (filter: Omit<ListFilter, 'stuck'>, condition?: string): string => {
  const { status, pending, registrationIds, project, projectFlow, reference } = SEARCH_ATTRIBUTES;
  const conditions: readonly (readonly [string, string | undefined])[] = [
    ['WorkflowType', ONBOARDING_WORKFLOW],
    [status.name, filter.status],
    [pending.name, filter.pending],
    [project.name, filter.project],
    [projectFlow.name, filter.projectFlow],
    [reference.name, filter.reference],
    [registrationIds.name, filter.appRegistrationId],
  ];
  const prefix = filter.referencePrefix;
  return [
    ...conditions.flatMap(([name, value]) => (value === undefined ? [] : [`${name} = ${quoted(value)}`])),
    ...(prefix === undefined ? [] : [`${reference.name} STARTS_WITH ${quoted(prefix)}`]),
    ...(condition === undefined ? [] : [condition]),
  ].join(' AND ');
};

const STATUS_BY_WORD: ReadonlyMap<string, OnboardingStatus> = new Map(STATUSES.map((status) => [status, status]));

export const toListedOnboarding = ({
  workflowId,
  status,
  typedSearchAttributes,
  startTime,
}: WorkflowExecutionInfo): ListedOnboarding => {
  const onboardingStatus = STATUS_BY_WORD.get(typedSearchAttributes.get(SEARCH_ATTRIBUTES.status) ?? '');
  const reference = typedSearchAttributes.get(SEARCH_ATTRIBUTES.reference);
  const deadline = typedSearchAttributes.get(SEARCH_ATTRIBUTES.deadline);
  return {
    workflowId,
    execution: status.name,
    pending: typedSearchAttributes.get(SEARCH_ATTRIBUTES.pending) ?? [],
    registrationIds: typedSearchAttributes.get(SEARCH_ATTRIBUTES.registrationIds) ?? [],
    startedAt: startTime,
    ...(onboardingStatus === undefined ? {} : { status: onboardingStatus }),
    ...(reference === undefined ? {} : { reference }),
    ...(deadline === undefined ? {} : { deadline }),
  };
};
