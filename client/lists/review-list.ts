import type { Client, WorkflowExecutionInfo } from '@temporalio/client';
import * as E from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';
import { listWorkflows } from '../../codec/memos.js';
import { SEARCH_ATTRIBUTES } from '../../contract/search-attributes.js';
import type { CheckReason } from '../../domain/check-reasons.js';
import { PersonId, Reference, VendorId } from '../../domain/ids.js';
import { CheckReasonCodec } from '../../domain/outcome-codecs.js';
import { closed, documented } from '../../shared/decoding.js';
import { defined } from '../../shared/defined.js';
import { readArgument } from '../arguments.js';
import { orThrow } from '../errors.js';
import type { Fingerprint } from '../fingerprints.js';
import { cursorsOf } from './cursors.js';
import { allOf, equals, type ListedOnboarding, toListedOnboarding, visibilityQuery } from './list.js';
import { DEFAULT_PAGE_SIZE, MAX_PAGE, type PageOptions } from './list-page.js';
import { type Place, type ReviewSource, readSlice, type Window } from './review-queue.js';

/** A filter of open reviews. They match if all given conditions hold. */
export interface ReviewFilter {
  readonly projectFlow?: string;
  /** A reason of the review. */
  readonly reason?: CheckReason;
  /** The reviewer who has claimed the review. */
  readonly claimedBy?: string;
  /** True: only reviews that nobody has claimed. */
  readonly unclaimed?: boolean;
  /** True: only reviews that should have been decided by now. */
  readonly overdue?: boolean;
  readonly referencePrefix?: string;
}

/** The filters that are texts, which the gateway has as well. */
export const REVIEW_PROPS = {
  projectFlow: VendorId,
  reason: documented(CheckReasonCodec, { description: 'A reason of the review.' }),
  claimedBy: documented(PersonId, { description: 'The id of the reviewer who has claimed the review.' }),
};

const ReviewFilterFields = closed(
  t.partial({ ...REVIEW_PROPS, unclaimed: t.boolean, overdue: t.boolean, referencePrefix: Reference }),
);

/** An open review in the queue, without contact, name and token. */
export interface ListedReview extends Pick<ListedOnboarding, 'workflowId' | 'reference' | 'startedAt' | 'claimedBy'> {
  readonly project?: string;
  readonly projectFlow?: string;
  readonly appRegistrationId?: string;
  /** The end of the time that the policy allows. */
  readonly dueAt: Date;
  /** The codes of the reasons. Empty if only the registration as a whole is under review. */
  readonly reasons: readonly string[];
}

export interface ReviewPage {
  readonly reviews: readonly ListedReview[];
  /** Absent on the last page. */
  readonly cursor?: string;
}

/** No review is due later. */
const END = Date.UTC(2100, 0, 1);

const { reviewDue, reviewReason, claimedBy, project, projectFlow } = SEARCH_ATTRIBUTES;

const toListedReview = (info: WorkflowExecutionInfo): readonly ListedReview[] => {
  const { typedSearchAttributes: attributes } = info;
  const onboarding = toListedOnboarding(info);
  const { workflowId, reference, startedAt, reviewDue: dueAt, reviewReasons = [], registrationIds } = onboarding;
  if (dueAt === undefined) return [];
  return [
    {
      ...{ workflowId, startedAt, dueAt, reasons: reviewReasons },
      ...defined({
        reference,
        project: attributes.get(project),
        projectFlow: attributes.get(projectFlow),
        appRegistrationId: registrationIds[0],
        claimedBy: onboarding.claimedBy,
      }),
    },
  ];
};

/**
 * Temporal (1.29) does not find a value with these characters: it keeps the backslashes with which a query escapes
 * them.
 */
const UNSEARCHABLE = /['"\\]/;

const claimedByCondition = (reviewer: string | undefined): string | undefined =>
  reviewer !== undefined && UNSEARCHABLE.test(reviewer)
    ? `${claimedBy.name} IS NOT NULL`
    : equals(claimedBy.name, reviewer);

const queryOf = (filter: ReviewFilter, { from, to }: Window): string =>
  visibilityQuery(
    defined({ projectFlow: filter.projectFlow, referencePrefix: filter.referencePrefix }),
    allOf([
      'ExecutionStatus = "Running"',
      // Neither `>` nor `=`: SQLite compares texts, in which the zeros at the end of a second's fraction differ.
      `${reviewDue.name} >= "${new Date(from).toISOString()}"`,
      `${reviewDue.name} < "${new Date(to).toISOString()}"`,
      equals(reviewReason.name, filter.reason),
      claimedByCondition(filter.claimedBy),
      filter.unclaimed === true ? `${claimedBy.name} IS NULL` : undefined,
    ]),
  );

const sourceOf = (temporal: Client, filter: ReviewFilter): ReviewSource<ListedReview> => ({
  count: async (window) => (await temporal.workflow.count(queryOf(filter, window))).count,
  list: async (window) => {
    const listed: ListedReview[] = [];
    for await (const info of listWorkflows(temporal, { query: queryOf(filter, window), pageSize: MAX_PAGE }))
      listed.push(...toListedReview(info));
    return filter.claimedBy === undefined ? listed : listed.filter((one) => one.claimedBy === filter.claimedBy);
  },
});

const writePlace = ({ dueAt, workflowId }: Place): Uint8Array => Buffer.from(`${dueAt.getTime()} ${workflowId}`);

/** A token is what `writePlace` has written: its signature has been checked. */
const readPlace = (token: Uint8Array): Place => {
  const [dueAt, ...id] = Buffer.from(token).toString().split(' ');
  return { dueAt: new Date(Number(dueAt)), workflowId: id.join(' ') };
};

const throwIfContradictory = ({ claimedBy: reviewer, unclaimed = false }: ReviewFilter): void => {
  if (reviewer !== undefined && unclaimed)
    orThrow(E.left([{ field: 'unclaimed', expected: 'no claimedBy besides it' }]));
};

/**
 * Lists one page of the open reviews that match the filter, in the order in which they are due. A review that begins or
 * ends between two pages moves no other to another page. With more than 1,000 reviews, a page costs some 20 counts.
 *
 * @throws OnboardingError `InvalidRequest` if the cursor or the filter is wrong.
 */
export const listReviews = async (
  temporal: Client,
  fingerprint: Fingerprint,
  given: ReviewFilter,
  { cursor, limit = DEFAULT_PAGE_SIZE }: PageOptions,
): Promise<ReviewPage> => {
  const filter = readArgument('filter', ReviewFilterFields, given);
  throwIfContradictory(filter);
  const cursors = cursorsOf(fingerprint, { reviews: filter });
  const read = await readSlice(sourceOf(temporal, filter), {
    after: cursor === undefined ? undefined : readPlace(cursors.read(cursor)),
    until: filter.overdue === true ? Date.now() : END,
    // One more says that there is another page.
    atLeast: limit + 1,
    atMost: Math.max(MAX_PAGE, 2 * limit),
  });
  const reviews = read.slice(0, limit);
  const last = read.length > limit ? reviews.at(-1) : undefined;
  return defined({ reviews, cursor: last && cursors.write(writePlace(last)) });
};
