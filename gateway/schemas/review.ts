import * as t from 'io-ts';
import { REVIEW_PROPS } from '../../client/lists/review-list.js';
import { Moment } from '../../domain/outcome-codecs.js';
import { closed, documented } from '../../shared/decoding.js';
import { OnboardingId } from './ids.js';
import { Flag, NextCursor, PageQuery } from './pages.js';

export const ReviewsQuery = closed(
  t.partial({
    ...REVIEW_PROPS,
    unclaimed: documented(Flag, {
      description: 'Only reviews that nobody has claimed. Not together with `claimedBy`.',
      default: false,
    }),
    overdue: documented(Flag, { description: 'Only reviews that should have been decided by now.', default: false }),
    ...PageQuery,
  }),
);

export const ReviewListCodec = documented(
  t.intersection([
    t.type({
      reviews: t.readonlyArray(
        documented(
          t.intersection([
            t.type({
              id: OnboardingId,
              dueAt: documented(t.number, {
                type: 'integer',
                description: 'The end of the time that the policy allows. ms since the Unix epoch.',
              }),
              reasons: documented(t.readonlyArray(t.string), {
                description: 'The codes of the reasons. Empty if only the registration as a whole is under review.',
              }),
              startedAt: Moment,
            }),
            t.partial({
              project: t.string,
              projectFlow: t.string,
              appRegistrationId: t.string,
              claimedBy: documented(t.string, { description: 'The reviewer who has claimed the review.' }),
            }),
          ]),
          { title: 'ListedReview' },
        ),
      ),
    }),
    NextCursor,
  ]),
  { title: 'ReviewList', description: 'A page of open reviews, in the order in which they are due.' },
);
