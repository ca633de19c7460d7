import { HOUR_MS } from '../shared/time.js';
import { type AnyReport, ONBOARDING_WORKFLOW } from './messages.js';
import { SEARCH_ATTRIBUTES } from './search-attributes.js';

/** What a report says of whose it is, without personal data. */
export type Route =
  | { readonly by: 'registration'; readonly appRegistrationId: string }
  | { readonly by: 'validation'; readonly validationId: string }
  | {
      readonly by: 'contact';
      /** The keyed hash of the email or the phone. */
      readonly contactKey: string;
      readonly project?: string;
      readonly projectFlow?: string;
    };

/** A string as a query of Temporal's visibility has it. */
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

/** The onboardings that a report with this route may be about, as a query of Temporal's visibility. */
export const routeQuery = (route: Route): string =>
  [['WorkflowType', ONBOARDING_WORKFLOW] as const, ...conditionsOf(route)]
    .flatMap(([name, value]) => (value === undefined ? [] : [`${name} = ${quoted(value)}`]))
    .join(' AND ');

/** What was found by a route: onboardings that run, or that there are only ended ones (`over`), or none (`unknown`). */
export type Found<A> =
  | { readonly kind: 'running'; readonly onboardings: readonly A[] }
  | { readonly kind: 'over' }
  | { readonly kind: 'unknown' };

/** The first of what is listed page by page, at most so many. */
export const firstOf = async <A>(listed: AsyncIterable<A>, atMost: number): Promise<readonly A[]> => {
  const first: A[] = [];
  for await (const one of listed) {
    first.push(one);
    if (first.length >= atMost) break;
  }
  return first;
};

/** Answers with at most so many of the workflows that fit a query of Temporal's visibility. */
export type ListRuns<A> = (query: string, atMost: number) => Promise<readonly A[]>;

/** A contact may be one of several onboardings: more than these are passed over. */
const MAX_FOUND = 5;

/** Who is onboarded again soon after the end is not to miss the first reports of it. */
const CONTACT_OVER_FOR_MS = HOUR_MS;

const endedQuery = (route: Route, now: number): string => {
  const since = new Date(now - CONTACT_OVER_FOR_MS).toISOString();
  return [
    routeQuery(route),
    'ExecutionStatus != "Running"',
    'ExecutionStatus != "ContinuedAsNew"',
    ...(route.by === 'contact' ? [`CloseTime > ${quoted(since)}`] : []),
  ].join(' AND ');
};

/** Looks for the onboardings that a report with this route is for. An id of Verifik's is never given twice; a contact comes again. */
export const findByRoute = async <A>(route: Route, list: ListRuns<A>, now: number): Promise<Found<A>> => {
  const onboardings = await list(`${routeQuery(route)} AND ExecutionStatus = "Running"`, MAX_FOUND);
  if (onboardings.length > 0) return { kind: 'running', onboardings };
  return (await list(endedQuery(route, now), 1)).length > 0 ? { kind: 'over' } : { kind: 'unknown' };
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

/** The id of the workflow that keeps the reports with this route until their onboarding can take them. */
export const workflowIdOfParked = (route: Route): string => `parked-${route.by}-${keyOf(route)}`;

/** What the workflow that keeps reports has not delivered yet, with the moment at which it was parked, and what became of the others. */
export interface ParkedCarried extends ParkedReportsResult {
  readonly waiting: readonly { readonly report: AnyReport; readonly since: number }[];
  readonly waitMs: number;
}

/** What the workflow that keeps reports is started with. */
export interface ParkedReportsInput {
  readonly route: Route;
  /** What one run hands to the next at continue-as-new. */
  readonly carried?: ParkedCarried;
}

/** What became of parked reports, each counted once. */
export interface ParkedReportsResult {
  readonly delivered: number;
  /** Their onboarding had ended. */
  readonly over: number;
  /** There was no onboarding for a day, or there were too many reports. */
  readonly dropped: number;
}
