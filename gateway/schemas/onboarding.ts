import * as t from 'io-ts';
import { STATUSES } from '../../contract/search-attributes.js';
import { perCheck } from '../../domain/checks.js';
import { type Decision, OUTCOMES, REASONS, STOPS, type Stopped } from '../../domain/outcomes.js';
import { STANDINGS } from '../../domain/reading.js';
import { CheckNameCodec, ContactFields, RequestProps, VendorId } from '../../domain/request.js';
import { ACTIONS, type CheckSnapshot, type Snapshot } from '../../domain/snapshot.js';
import { closed, DescribedType, documented, matching, oneOf, textUpTo } from '../../shared/decoding.js';
import { count } from '../../shared/settings.js';
import { OnboardingId } from './ids.js';

/** What onboardings are started with. */
export const StartBody = closed(
  t.intersection([
    RequestProps,
    t.partial({
      reference: OnboardingId,
      again: documented(t.boolean, {
        description:
          'Start again where an earlier onboarding of the same customer has ended. Without it, that is refused.',
      }),
    }),
  ]),
);

export const ReRegistrationBody = closed(
  t.partial({
    contact: documented(ContactFields, { description: 'The new contact, whole, where it has changed.' }),
    reason: textUpTo(500),
  }),
);

const Cursor = matching(/^[\w.-]{1,4096}$/, 'what the same list ended its page before with', {
  description: 'What the page before this one ended with.',
});

const WORDS_OF_FLAG: ReadonlyMap<unknown, boolean> = new Map([
  ['true', true],
  ['false', false],
]);

/** A boolean as a query string has it. */
const Flag = new DescribedType(
  'true or false',
  t.boolean,
  {},
  {
    is: t.boolean.is,
    validate: (u, context) => {
      const value = WORDS_OF_FLAG.get(u);
      return value === undefined ? t.failure(u, context, 'true or false') : t.success(value);
    },
  },
);

export const ListQuery = closed(
  t.partial({
    status: oneOf(STATUSES),
    pending: documented(CheckNameCodec, { description: 'A check that is neither passed nor reported as passed.' }),
    project: VendorId,
    projectFlow: VendorId,
    appRegistrationId: documented(VendorId, { description: "The current or a former registration's id." }),
    stuck: documented(Flag, {
      description:
        'Those that run and whose workflow task keeps failing. A page may then hold fewer than its limit, or none, before the last one.',
    }),
    limit: documented(count(1, 100), { description: 'How many at most. Default 50.' }),
    cursor: Cursor,
  }),
);

const Moment = documented(t.number, { type: 'integer', description: 'ms since the Unix epoch.' });
const Count = documented(t.number, { type: 'integer' });

const Outcome = oneOf(OUTCOMES);

const DecisionCodec: t.Type<Decision> = documented(
  t.intersection([
    t.type({
      outcome: Outcome,
      reason: t.keyof(REASONS),
      sentence: t.string,
      decidedAt: Moment,
      policyVersion: t.string,
    }),
    t.partial({ check: CheckNameCodec, reviewer: t.string, validUntil: Moment }),
  ]),
  { title: 'Decision', description: 'How the onboarding ended, why, when, and under which rules.' },
);

const StoppedCodec: t.Type<Stopped> = documented(
  t.intersection([t.type({ how: t.keyof(STOPS), at: Moment }), t.partial({ failure: t.string })]),
  {
    title: 'Stopped',
    description:
      'The onboarding has ended in Temporal without an outcome: when, and by which type of failure where it failed.',
  },
);

const CheckCodec: t.Type<CheckSnapshot> = documented(
  t.intersection([
    t.type({ status: oneOf(['notRequired', 'pending', 'reported', 'passed', 'failed', 'inReview']) }),
    t.partial({ since: Moment, attempts: t.type({ failed: Count, limit: Count }), approvedBy: t.string }),
  ]),
  { title: 'Check', description: 'Where a check stands. `reported` is not yet confirmed by Verifik.' },
);

const SnapshotProps = t.intersection([
  t.type({
    phase: oneOf(['registering', 'validating', 'ended']),
    checks: t.type(perCheck(() => CheckCodec)),
    pending: documented(t.readonlyArray(CheckNameCodec), {
      description: 'The required checks that are neither passed nor reported as passed.',
    }),
    generation: documented(Count, { description: 'Grows with each registration and each token.' }),
    awaiting: documented(
      t.intersection([
        t.type({ from: oneOf(['applicant', 'vendor', 'reviewer', 'nobody']), what: t.string }),
        t.partial({ until: Moment }),
      ]),
      { description: 'Who must act next, on what, and until when.' },
    ),
    nextActions: documented(t.readonlyArray(t.type({ action: t.keyof(ACTIONS), sentence: t.string })), {
      description: 'What may be done next.',
    }),
    startedAt: Moment,
    deadline: Moment,
    remindersSent: Count,
    reports: t.type({
      accepted: Count,
      repeated: Count,
      stale: Count,
      foreign: Count,
      unknownWords: Count,
      junk: Count,
    }),
    recentProblems: t.readonlyArray(t.string),
  }),
  t.partial({
    hold: oneOf(['review']),
    decision: DecisionCodec,
    stopped: StoppedCodec,
    registration: t.intersection([
      t.type({ appRegistrationId: t.string, standing: oneOf(STANDINGS), tokenLive: t.boolean }),
      t.partial({ unknownWord: t.string, tokenExpiresAt: Moment, readAt: Moment }),
    ]),
  }),
]);

/** A snapshot with the id that the caller knows the onboarding by. */
export const OnboardingCodec: t.Type<Snapshot & { readonly id: string }> = documented(
  t.intersection([t.type({ id: OnboardingId }), SnapshotProps]),
  { title: 'Onboarding', description: 'Where an onboarding stands. Holds no token, no contact and no name.' },
);

/** What the applicant's device needs. */
export const RegistrationCodec = documented(
  t.type({
    id: OnboardingId,
    appRegistrationId: t.string,
    token: documented(t.string, { description: 'A secret of the applicant, for their device.' }),
    expiresAt: Moment,
    generation: Count,
  }),
  { title: 'Registration', description: 'A live token, and the registration that it is for.' },
);

export const ListCodec = documented(
  t.intersection([
    t.type({
      onboardings: t.readonlyArray(
        documented(
          t.intersection([
            t.type({
              id: OnboardingId,
              execution: documented(t.string, {
                description: "Temporal's own word: `RUNNING`, `COMPLETED`, `FAILED`, `TERMINATED`, …",
              }),
              pending: t.readonlyArray(t.string),
              registrationIds: t.readonlyArray(t.string),
              startedAt: Moment,
            }),
            t.partial({ status: oneOf(STATUSES), deadline: Moment }),
          ]),
          { title: 'ListedOnboarding' },
        ),
      ),
    }),
    t.partial({ cursor: documented(t.string, { description: 'Where the list goes on. Absent on its last page.' }) }),
  ]),
  { title: 'OnboardingList', description: 'One page of onboardings, newest first.' },
);

export const ApplicantCodec = documented(
  t.intersection([
    t.type({
      contact: t.partial({ email: t.string, phone: t.string, countryCode: t.string }),
      fullName: t.string,
    }),
    t.partial({ language: t.string }),
  ]),
  { title: 'Applicant', description: 'Who is being onboarded. Personal data.' },
);

export const IdCodec = documented(t.type({ id: OnboardingId }), { title: 'Accepted' });

export const ReceiptCodec = documented(
  t.type({
    id: OnboardingId,
    erasedAt: Moment,
    runs: Count,
    appRegistrationIds: t.readonlyArray(t.string),
    stillKept: t.readonlyArray(t.string),
  }),
  { title: 'ErasureReceipt', description: 'The record of the erasure, to be kept. Without personal data.' },
);
