import * as t from 'io-ts';
import { documented, oneOf } from '../shared/decoding.js';
import { CheckNameCodec } from './ids.js';
import { CheckReasonCodec, Count, DecisionCodec, Moment } from './outcome-codecs.js';

const UnderReview = documented(t.readonlyArray(CheckNameCodec), {
  description: 'The checks under review. Empty if the registration as a whole is under review.',
});

/** The fields of each type of change. They are the fields of the event's `data`, after its id and sequence number. */
export const CHANGE_FIELDS = {
  'onboarding.registered': t.type({
    appRegistrationId: t.string,
    generation: Count,
    pending: documented(t.readonlyArray(CheckNameCodec), { description: 'The checks that the applicant has to do.' }),
  }),
  'onboarding.check.passed': t.intersection([
    t.type({ check: CheckNameCodec }),
    t.partial({
      approvedBy: documented(t.string, { description: "The reviewer's id, if a reviewer approved the check." }),
    }),
  ]),
  'onboarding.check.failed': t.intersection([
    t.type({ check: CheckNameCodec, attempts: t.type({ failed: Count, limit: Count }) }),
    t.partial({ reason: CheckReasonCodec }),
  ]),
  'onboarding.contact.changed': t.type({
    channels: documented(t.readonlyArray(oneOf(['email', 'phone'])), {
      description: 'The changed parts of the contact. The contact itself is in the answer to `applicant`.',
    }),
  }),
  'onboarding.review.needed': t.type({
    checks: UnderReview,
    reasons: t.readonlyArray(CheckReasonCodec),
  }),
  'onboarding.review.due': t.intersection([
    t.type({
      checks: UnderReview,
      reasons: t.readonlyArray(CheckReasonCodec),
      dueAt: documented(Moment, {
        description: 'The end of the time that the policy allows. ms since the Unix epoch.',
      }),
    }),
    t.partial({
      claimedBy: documented(t.string, { description: 'The id of the reviewer who has claimed the review.' }),
    }),
  ]),
  'onboarding.review.decided': t.intersection([
    t.type({ decision: oneOf(['approve', 'reject', 'again']), reviewer: t.string, checks: UnderReview }),
    t.partial({
      overruled: documented(t.string, {
        description: 'The reviewer who had claimed the review, if another one decided it by force.',
      }),
      reason: documented(t.string, { description: 'For the applicant: why the checks have to be done again.' }),
    }),
  ]),
  'onboarding.reminder.sent': t.type({ remindersSent: Count }),
  'onboarding.reminder.due': t.type({
    remindersDue: documented(Count, {
      description: 'The number of these events. The token has the link for the reminder, which the event does not.',
    }),
  }),
  'onboarding.ended': t.intersection([
    t.type({ decision: DecisionCodec }),
    t.partial({
      appRegistrationId: t.string,
      evidence: documented(t.string, {
        description: 'The signed evidence. Only in callbacks to endpoints that take it.',
      }),
    }),
  ]),
  'onboarding.validity.ending': t.type({ validUntil: Moment }),
  'onboarding.validity.ended': t.type({ validUntil: Moment }),
  'onboarding.failed': t.type({
    failure: documented(t.string, { description: "One of the client's errors." }),
  }),
} as const;
