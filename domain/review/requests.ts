import * as t from 'io-ts';
import {
  closed,
  documented,
  lineUpTo,
  matching,
  oneOf,
  refined,
  textUpTo,
  wholeNumber,
} from '../../shared/decoding.js';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../shared/time.js';
import { CheckNameCodec, PersonId } from '../ids.js';
import { REPEATABLE_CHECKS } from './records.js';

/** How long a claim lasts by default, in ms. */
export const CLAIM_MS = HOUR_MS;

const Reviewer = documented(PersonId, {
  description: "The reviewer's id in your own system. Never a name or an email: it is shown unencrypted.",
  examples: ['reviewer-7'],
});

const Version = documented(matching(/^[0-9a-f]{8}$/, 'the `review.version` of a snapshot', { maxLength: 8 }), {
  description: 'What the reviewer saw. The request is rejected if something else is under review by now.',
});

const Force = documented(t.boolean, {
  description: 'True to act although another reviewer has claimed the review. The event names both.',
  default: false,
});

export const ReviewFields = documented(
  closed(
    t.intersection([
      t.type({ decision: t.keyof({ approve: null, reject: null }, 'approve or reject'), reviewer: Reviewer }),
      t.partial({
        check: documented(CheckNameCodec, { description: 'The check to decide; by default everything under review.' }),
        version: Version,
        note: textUpTo(2000),
        force: Force,
      }),
    ]),
  ),
  { title: 'ReviewDecisionRequest' },
);

const RepeatableChecks = refined(
  t.readonlyArray(oneOf(REPEATABLE_CHECKS)),
  `one or both of ${REPEATABLE_CHECKS.join(' and ')}: email and phone are checked again by a re-registration`,
  (checks) => checks.length > 0 && new Set(checks).size === checks.length,
  { minItems: 1, uniqueItems: true },
);

export const AgainFields = documented(
  closed(
    t.intersection([
      t.type({
        checks: documented(RepeatableChecks, { description: 'The checks that the applicant has to do again.' }),
        reviewer: Reviewer,
        reason: documented(lineUpTo(300), {
          description:
            'For the applicant: what to do differently. Never personal data: the snapshot and an event have it.',
          examples: ['The photo of your document is blurred. Please take it in daylight.'],
        }),
      }),
      t.partial({ version: Version, note: textUpTo(2000), force: Force }),
    ]),
  ),
  { title: 'RepetitionRequest' },
);

export const ClaimDuration = wholeNumber(MINUTE_MS, DAY_MS);

export const ClaimFields = documented(
  closed(
    t.intersection([
      t.type({ reviewer: Reviewer }),
      t.partial({
        forMs: documented(ClaimDuration, {
          description: 'How long the claim lasts, in ms. A claim of the same reviewer replaces the former one.',
          default: CLAIM_MS,
        }),
        force: Force,
      }),
    ]),
  ),
  { title: 'ClaimRequest' },
);

export const ReleaseFields = documented(
  closed(t.intersection([t.type({ reviewer: Reviewer }), t.partial({ force: Force })])),
  { title: 'ReleaseRequest' },
);

/** The arguments of `decideReview`, with which a reviewer approves or rejects. */
export type DecideReviewArgs = Readonly<t.TypeOf<typeof ReviewFields>>;

/** The arguments of `requestAgain`, with which a reviewer has the applicant repeat checks. */
export type RequestAgainArgs = Readonly<t.TypeOf<typeof AgainFields>>;

/** The arguments of `claimReview`. */
export type ClaimReviewArgs = Readonly<t.TypeOf<typeof ClaimFields>>;

/** The arguments of `releaseReview`. */
export type ReleaseReviewArgs = Readonly<t.TypeOf<typeof ReleaseFields>>;
