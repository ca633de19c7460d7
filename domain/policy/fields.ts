import * as E from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';
import { closed, documented, type FieldError, oneOf, wholeNumber } from '../../shared/decoding.js';
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../../shared/time.js';
import { CHECK_NAMES, type CheckName, perCheck } from '../checks.js';
import type { Contact } from '../contact.js';
import { CheckNameCodec } from '../ids.js';
import { DEFAULT_POLICY, type OpenPolicy, type Policy } from './policy.js';

const attemptLimit = wholeNumber(1, 20);

/** The fields of a policy that a request or the workers' file sets. */
export const PolicyFields = documented(
  closed(
    t.partial({
      required: documented(t.array(CheckNameCodec), {
        description:
          'The checks that must pass: at least one, and only checks that the contact allows and the project flow has.',
      }),
      attemptLimits: documented(closed(t.partial(perCheck(() => attemptLimit))), {
        description: 'The number of failed validations of a check at which the onboarding is rejected.',
      }),
      deadlineMs: documented(wholeNumber(MINUTE_MS, 365 * DAY_MS), {
        description: 'The time from the start to `expired`, in ms.',
        default: DEFAULT_POLICY.deadlineMs,
      }),
      reminders: documented(
        closed(t.type({ afterMs: wholeNumber(MINUTE_MS, 365 * DAY_MS), max: wholeNumber(0, 20) })),
        {
          description: 'A reminder is sent after `afterMs` without progress by the applicant, at most `max` times.',
          default: DEFAULT_POLICY.reminders,
        },
      ),
      reconcile: documented(
        closed(
          t.type({ firstMs: wholeNumber(10 * SECOND_MS, DAY_MS), maxMs: wholeNumber(10 * SECOND_MS, 7 * DAY_MS) }),
        ),
        {
          description:
            'Without reports, Verifik is read after `firstMs`, then at doubling intervals up to `maxMs` (at least `firstMs`).',
          default: DEFAULT_POLICY.reconcile,
        },
      ),
      comparisonWithinMs: documented(wholeNumber(10 * SECOND_MS, DAY_MS), {
        description:
          "How long Verifik's comparison of the faces is awaited after document and selfie, in ms. Without one, a reviewer decides.",
        default: DEFAULT_POLICY.comparisonWithinMs,
      }),
      contactChange: documented(oneOf(['accept', 'review']), {
        description:
          "`accept`: a contact that the applicant changed on Verifik's page is used; `review`: a reviewer decides.",
        default: DEFAULT_POLICY.contactChange,
      }),
      closing: documented(oneOf(['api', 'page']), {
        description: "`api`: the onboarding completes the registration at Verifik; `page`: Verifik's hosted page does.",
        default: DEFAULT_POLICY.closing,
      }),
      override: documented(oneOf(['none', 'reviews', 'ends']), {
        description:
          "When Verifik's status of the registration is set to the outcome, if it differs. `reviews`: after a reviewer decided the outcome; `ends`: at every end as `verified` or `rejected`.",
        default: DEFAULT_POLICY.override,
      }),
      review: documented(
        closed(
          t.type({
            withinMs: wholeNumber(MINUTE_MS, 365 * DAY_MS),
            escalateBeforeMs: wholeNumber(0, 365 * DAY_MS),
            atDeadline: oneOf(['wait', 'reject']),
          }),
        ),
        {
          description:
            'A review is due `withinMs` after it began, and the event `onboarding.review.due` comes `escalateBeforeMs` (at most `withinMs`) before that. When it is due, the onboarding continues to wait for a reviewer, or ends as rejected. An open review pauses the deadline of the applicant.',
          default: DEFAULT_POLICY.review,
        },
      ),
      approval: documented(oneOf(['required']), {
        description:
          'An applicant whose checks have passed is verified only after an approval, of your own system or of a reviewer. Absent: at once.',
      }),
      verifiedForMs: documented(wholeNumber(HOUR_MS, 3650 * DAY_MS), {
        description: 'The validity of a `verified` outcome, in ms. A document that expires shortens it.',
      }),
      validityNoticeMs: documented(wholeNumber(MINUTE_MS, 3650 * DAY_MS), {
        description:
          'How long before the end of the validity `onboarding.validity.ending` is sent, in ms, and `onboarding.validity.ended` at the end. Less than `verifiedForMs`.',
      }),
    }),
  ),
  {
    title: 'PolicyRequest',
    description:
      'Overrides of the default policy. `required` defaults to the mandatory checks of the project flow that the contact allows, `attemptLimits` to those of the flow.',
  },
);

/** True if the contact has the channel that the check verifies. */
export const allowsCheck = (contact: Contact, check: CheckName): boolean =>
  (check !== 'email' || contact.email !== undefined) && (check !== 'phone' || contact.phone !== undefined);

/** Finds the required checks whose channel the contact does not have. */
export const missingChannels = (required: readonly CheckName[], contact: Contact): readonly FieldError[] =>
  required
    .filter((check) => !allowsCheck(contact, check))
    .map((check) => ({ field: `contact.${check}`, expected: `a value, as the policy requires ${check}` }));

type PolicyInput = t.TypeOf<typeof PolicyFields>;

/** Finds the fields of a policy that no contact makes valid. */
export const policyConflicts = ({
  required,
  reconcile,
  review,
  verifiedForMs = 0,
  validityNoticeMs,
}: PolicyInput): readonly FieldError[] => [
  ...(required?.length === 0 ? [{ field: 'policy.required', expected: 'at least one check' }] : []),
  ...(reconcile !== undefined && reconcile.maxMs < reconcile.firstMs
    ? [{ field: 'policy.reconcile.maxMs', expected: 'at least policy.reconcile.firstMs' }]
    : []),
  ...(review !== undefined && review.escalateBeforeMs > review.withinMs
    ? [{ field: 'policy.review.escalateBeforeMs', expected: 'at most policy.review.withinMs' }]
    : []),
  ...(validityNoticeMs !== undefined && validityNoticeMs >= verifiedForMs
    ? [{ field: 'policy.validityNoticeMs', expected: 'less than policy.verifiedForMs' }]
    : []),
];

const openPolicyOf = ({ required, attemptLimits = {} }: PolicyInput): OpenPolicy => ({
  required: required === undefined,
  attemptLimits: CHECK_NAMES.filter((check) => attemptLimits[check] === undefined),
});

/** A policy with the defaults, and the parts that it leaves to the project flow. */
export interface CompletePolicy {
  readonly policy: Policy;
  readonly openPolicy: OpenPolicy;
}

/** Fills in the default policy. Reports what the contact does not allow. */
export const completePolicy = (
  fields: PolicyInput,
  contact: Contact,
): E.Either<readonly FieldError[], CompletePolicy> => {
  const required = CHECK_NAMES.filter((check) => fields.required?.includes(check) ?? allowsCheck(contact, check));
  const errors = [...missingChannels(required, contact), ...policyConflicts(fields)];
  const policy: Policy = {
    ...DEFAULT_POLICY,
    ...fields,
    required,
    attemptLimits: { ...DEFAULT_POLICY.attemptLimits, ...fields.attemptLimits },
  };
  return errors.length === 0 ? E.right({ policy, openPolicy: openPolicyOf(fields) }) : E.left(errors);
};
