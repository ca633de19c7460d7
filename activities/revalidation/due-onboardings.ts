import type { WorkflowExecutionInfo } from '@temporalio/client';
import { ONBOARDING_WORKFLOW } from '../../contract/messages.js';
import { quoted } from '../../contract/report-routing.js';
import { SEARCH_ATTRIBUTES } from '../../contract/search-attributes.js';
import { validBefore } from '../../contract/validity.js';
import type { Position } from '../../domain/revalidation/progress.js';
import type { BatchSource } from '../../domain/revalidation/request.js';
import type { EpochMs } from '../../shared/time.js';
import type { SourceEntry, SourcePage } from './source-page.js';

/** A run of an onboarding as visibility lists it. */
export type ListedRun = Pick<
  WorkflowExecutionInfo,
  'workflowId' | 'runId' | 'startTime' | 'closeTime' | 'typedSearchAttributes'
>;

/** Temporal's list of workflows. Closed ones are listed by their end, the last first. */
export interface Visibility {
  list(query: string): AsyncIterable<ListedRun>;
  count(query: string): Promise<number>;
}

type DueSource = Extract<BatchSource, { kind: 'dueBefore' }>;

/** A page of runs, and the number of ids in a visibility query. */
const PAGE_SIZE = 100;

const ONBOARDINGS = `WorkflowType = ${quoted(ONBOARDING_WORKFLOW)}`;

const dueQuery = ({ project, projectFlow }: DueSource, dueBefore: EpochMs): string =>
  [
    `${ONBOARDINGS} AND ExecutionStatus = "Completed" AND ${validBefore(dueBefore)}`,
    ...(project === undefined ? [] : [`${SEARCH_ATTRIBUTES.project.name} = ${quoted(project)}`]),
    ...(projectFlow === undefined ? [] : [`${SEARCH_ATTRIBUTES.projectFlow.name} = ${quoted(projectFlow)}`]),
  ].join(' AND ');

/** The customer of an onboarding: their reference or, without one, the part of the workflow id in its place. */
const customerOf = ({ workflowId, typedSearchAttributes }: ListedRun): string =>
  typedSearchAttributes.get(SEARCH_ATTRIBUTES.reference) ?? workflowId.replace(/^onboarding-/, '');

const registrationsOf = ({ typedSearchAttributes }: ListedRun): readonly string[] =>
  typedSearchAttributes.get(SEARCH_ATTRIBUTES.registrationIds) ?? [];

const listed = (values: readonly string[]): string => `(${[...new Set(values)].map(quoted).join(', ')})`;

/**
 * Returns the last start of each customer's onboardings that run or have an outcome, and those of each registration.
 * The batch's own onboardings do not count, as a repeated chunk has to find the same runs.
 */
const lastStarts = async (runs: readonly ListedRun[], batch: string, visibility: Visibility) => {
  const { reference, registrationIds } = SEARCH_ATTRIBUTES;
  const sameCustomer = [
    `${reference.name} IN ${listed(runs.map(customerOf))}`,
    `WorkflowId IN ${listed(runs.map(({ workflowId }) => workflowId))}`,
    `${registrationIds.name} IN ${listed(runs.flatMap((run) => registrationsOf(run).slice(0, 1)))}`,
  ];
  const last = new Map<string, number>();
  for (const condition of sameCustomer)
    for await (const run of visibility.list(
      `${ONBOARDINGS} AND ExecutionStatus IN ("Running", "Completed") AND ${condition}`,
    )) {
      if (run.typedSearchAttributes.get(SEARCH_ATTRIBUTES.batch) === batch) continue;
      const startedAt = run.startTime.getTime();
      for (const key of [customerOf(run), ...registrationsOf(run)])
        last.set(key, Math.max(last.get(key) ?? 0, startedAt));
    }
  return last;
};

interface Passed {
  readonly run: ListedRun;
  readonly after: Position;
}

/** Leaves out the customers who have a later onboarding: it decides whether they are due. */
const entriesOf = async (
  passed: readonly Passed[],
  batch: string,
  visibility: Visibility,
): Promise<readonly SourceEntry[]> => {
  const last = await lastStarts(
    passed.map(({ run }) => run),
    batch,
    visibility,
  );
  return passed.flatMap(({ run, after }) => {
    const [appRegistrationId] = registrationsOf(run);
    if (appRegistrationId === undefined) return [];
    const customer = customerOf(run);
    const isLast = [customer, appRegistrationId].every((key) => (last.get(key) ?? 0) <= run.startTime.getTime());
    const former = { workflowId: run.workflowId, runId: run.runId, customer };
    const project = run.typedSearchAttributes.get(SEARCH_ATTRIBUTES.project);
    return isLast ? [{ appRegistrationId, project, after, former }] : [];
  });
};

/** Passes one run more. Several can have ended in the same ms. */
const passing = ({ taken, closedAt, onPage = 0 }: Position, endedAt: EpochMs): Position => ({
  taken: taken + 1,
  closedAt: endedAt,
  onPage: endedAt === closedAt ? onPage + 1 : 1,
});

export interface DueScan {
  readonly batch: string;
  readonly position: Position;
  /** The time before which the validity ends. */
  readonly dueBefore: EpochMs;
}

/**
 * Finds the customers whose validity ends before a time. Runs that end during the scan come before the position, and
 * deleted ones shift nothing: the position is the end of the last run.
 */
export async function* pagesOfDue(
  source: DueSource,
  { batch, position, dueBefore }: DueScan,
  visibility: Visibility,
): AsyncGenerator<SourcePage> {
  const query = dueQuery(source, dueBefore);
  const of = await visibility.count(query);
  const { closedAt } = position;
  const rest =
    closedAt === undefined ? query : `${query} AND CloseTime < ${quoted(new Date(closedAt + 1).toISOString())}`;
  let known = position.onPage ?? 0;
  let after = position;
  let passed: Passed[] = [];
  const page = async (): Promise<SourcePage> => ({
    entries: await entriesOf(passed, batch, visibility),
    ...{ bad: [], after, of: Math.max(of, after.taken) },
  });
  for await (const run of visibility.list(rest)) {
    const endedAt = run.closeTime?.getTime() ?? 0;
    known = endedAt === closedAt ? known : 0;
    known -= 1;
    if (known >= 0) continue;
    after = passing(after, endedAt);
    passed.push({ run, after });
    if (passed.length < PAGE_SIZE) continue;
    yield await page();
    passed = [];
  }
  if (passed.length > 0) yield await page();
}
