import { HOUR_MS } from '../shared/time.js';
import { type AnyReport, ONBOARDING_WORKFLOW } from './messages.js';
import { SEARCH_ATTRIBUTES } from './search-attributes.js';

/** The ids by which a report finds its onboarding, without personal data. */
export type Route =
  | { readonly by: 'registration'; readonly appRegistrationId: string }
  | { readonly by: 'validation'; readonly validationId: string }
  | {
      readonly by: 'contact';
      readonly contactKey: string;
      readonly project?: string;
      readonly projectFlow?: string;
    };

export const quoted = (value: string): string => `"${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;

const conditionsOf = (route: Route): readonly (readonly [string, string | undefined])[] => {
  const { registrationIds, validationIds, contact, project, projectFlow } = SEARCH_ATTRIBUTES;
  switch (route.by) {
    case 'registration':
      return [[registrationIds.name, route.appRegistrationId]];
    case 'validation':
      return [[validationIds.name, route.validationId]];
    case 'contact':
      return [
        [contact.name, route.contactKey],
        [project.name, route.project],
        [projectFlow.name, route.projectFlow],
      ];
  }
};

export const routeQuery = (route: Route): string =>
  [['WorkflowType', ONBOARDING_WORKFLOW] as const, ...conditionsOf(route)]
    .flatMap(([name, value]) => (value === undefined ? [] : [`${name} = ${quoted(value)}`]))
    .join(' AND ');

/** The onboardings found by a route: running ones, only ended ones (`over`), or none (`unknown`). */
export type Found<A> =
  | { readonly kind: 'running'; readonly onboardings: readonly A[] }
  | { readonly kind: 'ended' }
  | { readonly kind: 'unknown' };

export const firstOf = async <A>(listed: AsyncIterable<A>, atMost: number): Promise<readonly A[]> => {
  const items: A[] = [];
  for await (const item of listed) {
    items.push(item);
    if (items.length >= atMost) break;
  }
  return items;
};

/** Lists at most `atMost` workflows for a visibility query. */
export type ListRuns<A> = (query: string, atMost: number) => Promise<readonly A[]>;

/** The maximum number of onboardings with the same contact that a report is delivered to. */
const MAX_FOUND = 5;

/** Later, a report by contact is kept for a new onboarding of the same applicant instead. */
const ENDED_CONTACT_WITHIN_MS = HOUR_MS;

const endedQuery = (route: Route, now: number): string => {
  const since = new Date(now - ENDED_CONTACT_WITHIN_MS).toISOString();
  return [
    routeQuery(route),
    'ExecutionStatus != "Running"',
    'ExecutionStatus != "ContinuedAsNew"',
    ...(route.by === 'contact' ? [`CloseTime > ${quoted(since)}`] : []),
  ].join(' AND ');
};

/** Finds the onboardings of a report. Verifik's ids are unique, whereas a contact can have a new onboarding later. */
export const findByRoute = async <A>(route: Route, list: ListRuns<A>, now: number): Promise<Found<A>> => {
  const onboardings = await list(`${routeQuery(route)} AND ExecutionStatus = "Running"`, MAX_FOUND);
  if (onboardings.length > 0) return { kind: 'running', onboardings };
  return (await list(endedQuery(route, now), 1)).length > 0 ? { kind: 'ended' } : { kind: 'unknown' };
};

const keyOf = (route: Route): string => {
  switch (route.by) {
    case 'registration':
      return route.appRegistrationId;
    case 'validation':
      return route.validationId;
    case 'contact':
      return [route.contactKey, route.project, route.projectFlow].filter((part) => part !== undefined).join('-');
  }
};

export const workflowIdOfPendingReports = (route: Route): string => `pending-${route.by}-${keyOf(route)}`;

/** The pending reports with their arrival times, and the results so far. */
export interface PendingReportsCarried extends PendingReportsResult {
  readonly waiting: readonly { readonly report: AnyReport; readonly since: number }[];
  readonly waitMs: number;
}

export interface PendingReportsInput {
  readonly route: Route;
  readonly carried?: PendingReportsCarried;
}

export interface PendingReportsResult {
  readonly delivered: number;
  readonly ended: number;
  /** No onboarding appeared within a day, or too many reports were pending. */
  readonly dropped: number;
}
