import type { WorkflowExecutionInfo } from '@temporalio/client';
import { ONBOARDING_WORKFLOW } from '../contract/messages.js';
import { quoted } from '../contract/report-routing.js';
import { type OnboardingStatus, SEARCH_ATTRIBUTES, STATUSES } from '../contract/search-attributes.js';
import type { CheckName } from '../domain/checks.js';

/** Which onboardings to list. All that is given must hold. */
export interface ListFilter {
  readonly status?: OnboardingStatus;
  /** A check that is neither passed nor reported as passed. */
  readonly pending?: CheckName;
  readonly project?: string;
  readonly projectFlow?: string;
  readonly reference?: string;
  /** What the references of all that are listed begin with. */
  readonly referencePrefix?: string;
  /** The current or a former registration's id. */
  readonly appRegistrationId?: string;
  /** True for those that run and whose workflow task keeps failing. */
  readonly stuck?: boolean;
}

/** One onboarding, as the list knows it: no contact, no name, no token. */
export interface ListedOnboarding {
  readonly workflowId: string;
  /** Absent where Temporal knows of no status: the workflow failed or was stopped. */
  readonly status?: OnboardingStatus;
  /** Temporal's own word: `RUNNING`, `COMPLETED`, `FAILED`, `CANCELLED`, `TERMINATED`, … */
  readonly execution: string;
  readonly pending: readonly string[];
  readonly registrationIds: readonly string[];
  readonly reference?: string;
  readonly startedAt: Date;
  readonly deadline?: Date;
}

/** The filter as a query of Temporal's visibility, with a further condition in its syntax. */
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

export const listed = ({
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
