import * as t from 'io-ts';
import { LIST_PROPS, StatusCodec } from '../../client/lists/list.js';
import { LAST_VALIDITY } from '../../contract/validity.js';
import { perCheck } from '../../domain/checks.js';
import { CheckNameCodec } from '../../domain/ids.js';
import {
  CheckReasonCodec,
  Count,
  DecisionCodec,
  Moment,
  NAMED_POLICY_PROPS,
  RegistrationStatusCodec,
} from '../../domain/outcome-codecs.js';
import { STOPS, type Stopped } from '../../domain/outcomes.js';
import { RequestProps, ReRegistrationFields } from '../../domain/request.js';
import { ACTIONS, type CheckSnapshot, type ReviewSnapshot, type Snapshot } from '../../domain/snapshot.js';
import { type Deletion, type ErasedAtVerifik, RECORD_KINDS } from '../../domain/vendor-erasure.js';
import { closed, documented, oneOf } from '../../shared/decoding.js';
import { count } from '../../shared/settings.js';
import { OnboardingId } from './ids.js';
import { Flag, NextCursor, PageQuery } from './pages.js';

export const StartBody = documented(
  closed(
    t.intersection([
      RequestProps,
      t.partial({
        reference: OnboardingId,
        restart: documented(t.boolean, {
          description:
            'Start another onboarding if the previous one of the customer has ended. Without it, such a start is rejected.',
          default: false,
        }),
      }),
    ]),
  ),
  { title: 'StartRequest' },
);

export const ReRegistrationBody = documented(ReRegistrationFields, { title: 'ReRegistrationRequest' });

export const ListQuery = closed(
  t.partial({
    ...LIST_PROPS,
    validBefore: documented(count(0, LAST_VALIDITY), {
      description: 'Only verified onboardings whose validity ends before this time, in ms since the Unix epoch.',
    }),
    stuck: documented(Flag, {
      description:
        'Only running onboardings whose workflow task keeps failing. Pages before the last can then have fewer items than `limit`, or none.',
      default: false,
    }),
    ...PageQuery,
  }),
);

export const StoppedCodec: t.Type<Stopped> = documented(
  t.intersection([t.type({ how: t.keyof(STOPS), at: Moment, sentence: t.string }), t.partial({ failure: t.string })]),
  {
    title: 'Stopped',
    description:
      'The onboarding has ended in Temporal without an outcome: how, when, why in a sentence, and with which type of failure.',
  },
);

const CheckCodec: t.Type<CheckSnapshot> = documented(
  t.intersection([
    t.type({ status: oneOf(['notRequired', 'pending', 'reported', 'passed', 'failed', 'inReview']) }),
    t.partial({
      since: Moment,
      attempts: t.type({ failed: Count, limit: Count }),
      approvedBy: t.string,
      reason: t.type({ code: CheckReasonCodec, sentence: t.string }),
      requestedAgain: documented(t.string, {
        description: 'Set while the applicant has to repeat the check: the reason of the reviewer, for the applicant.',
      }),
    }),
  ]),
  { title: 'Check', description: 'The status of a check. Verifik has not confirmed `reported` yet.' },
);

const ReviewCodec: t.Type<ReviewSnapshot> = documented(
  t.intersection([
    t.type({
      version: documented(t.string, { description: 'The version to name in the decision.' }),
      checks: documented(t.readonlyArray(CheckNameCodec), {
        description: 'The checks under review. Empty if the registration as a whole is under review.',
      }),
      reasons: t.readonlyArray(CheckReasonCodec),
      since: Moment,
      dueAt: documented(t.number, {
        type: 'integer',
        description: 'The end of the time that the policy allows. ms since the Unix epoch.',
      }),
    }),
    t.partial({ claim: t.type({ reviewer: t.string, since: Moment, until: Moment }) }),
  ]),
  { title: 'Review', description: 'Set while a reviewer has to decide.' },
);

const NextActionCodec = documented(t.type({ action: t.keyof(ACTIONS), sentence: t.string }), { title: 'NextAction' });

const SnapshotProps = t.intersection([
  t.type({
    phase: oneOf(['registering', 'validating', 'ended']),
    checks: t.type(perCheck(() => CheckCodec)),
    pending: documented(t.readonlyArray(CheckNameCodec), {
      description: 'The required checks that are neither passed nor reported as passed.',
    }),
    generation: documented(Count, { description: 'Increases with each registration and each token.' }),
    awaiting: documented(
      t.intersection([
        t.type({ from: oneOf(['applicant', 'vendor', 'operator', 'reviewer', 'nobody']), what: t.string }),
        t.partial({ until: Moment }),
      ]),
      { description: 'Who must act next, what they must do, and until when.' },
    ),
    nextActions: documented(t.readonlyArray(NextActionCodec), { description: 'The actions that are possible now.' }),
    startedAt: Moment,
    deadline: documented(t.number, {
      type: 'integer',
      description:
        "The end of the applicant's time, in ms since the Unix epoch. An open review pauses it: at its end, its duration is added.",
    }),
    remindersSent: Count,
    reports: t.type({
      accepted: Count,
      repeated: Count,
      stale: Count,
      foreign: Count,
      unknownWords: Count,
      undecodable: Count,
    }),
    recentProblems: t.readonlyArray(t.string),
  }),
  t.partial({
    hold: oneOf(['review']),
    review: ReviewCodec,
    namedPolicy: documented(t.type(NAMED_POLICY_PROPS), {
      description: "The policy of the workers' file that is in force, if the request named one.",
    }),
    decision: DecisionCodec,
    stopped: StoppedCodec,
    registration: t.intersection([
      t.type({ appRegistrationId: t.string, status: RegistrationStatusCodec, tokenLive: t.boolean }),
      t.partial({ unknownWord: t.string, tokenExpiresAt: Moment, readAt: Moment }),
    ]),
  }),
]);

/** A snapshot with the caller's id of the onboarding. */
export const OnboardingCodec: t.Type<Snapshot & { readonly id: string }> = documented(
  t.intersection([t.type({ id: OnboardingId }), SnapshotProps]),
  { title: 'Onboarding', description: 'The status of an onboarding, without token, contact and name.' },
);

export const RegistrationCodec = documented(
  t.intersection([
    t.type({
      id: OnboardingId,
      appRegistrationId: t.string,
      token: documented(t.string, { description: "A secret for the applicant's device." }),
      expiresAt: Moment,
      generation: Count,
    }),
    t.partial({
      link: documented(t.string, {
        format: 'uri',
        description:
          "The URL of Verifik's hosted page for the applicant. It contains the token, and is as secret. Absent for the token of a newly created registration.",
      }),
    }),
  ]),
  { title: 'Registration', description: 'A live token and its registration.' },
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
                description: "Temporal's status of the workflow: `RUNNING`, `COMPLETED`, `FAILED`, `TERMINATED`, …",
              }),
              pending: t.readonlyArray(t.string),
              registrationIds: t.readonlyArray(t.string),
              startedAt: Moment,
            }),
            t.partial({
              status: StatusCodec,
              deadline: Moment,
              validUntil: Moment,
              stopped: StoppedCodec,
              reviewDue: Moment,
              reviewReasons: t.readonlyArray(t.string),
              claimedBy: t.string,
            }),
          ]),
          { title: 'ListedOnboarding' },
        ),
      ),
    }),
    NextCursor,
  ]),
  { title: 'OnboardingList', description: 'A page of onboardings, newest first.' },
);

export const ApplicantCodec = documented(
  t.intersection([
    t.type({
      contact: t.partial({ email: t.string, phone: t.string, countryCode: t.string }),
      fullName: t.string,
    }),
    t.partial({ language: t.string }),
  ]),
  { title: 'Applicant', description: "The applicant's name and contact. Personal data." },
);

export const IdCodec = documented(t.type({ id: OnboardingId }), { title: 'Accepted' });

export const EraseQuery = closed(
  t.partial({
    atVerifik: documented(Flag, {
      description: "Delete the customer's registrations, validations and person at Verifik as well.",
      default: false,
    }),
  }),
);

const RecordProps = { kind: documented(oneOf(RECORD_KINDS), { title: 'RecordKind' }), id: t.string };

const DeletionCodec: t.Type<Deletion> = t.union([
  documented(t.type({ ...RecordProps, answer: oneOf(['deleted', 'notFound']) }), { title: 'Deletion' }),
  documented(
    t.type({
      ...RecordProps,
      answer: oneOf(['refused']),
      code: documented(t.string, { description: "Verifik's code word." }),
    }),
    { title: 'RefusedDeletion' },
  ),
]);

const ErasedAtVerifikCodec: t.Type<ErasedAtVerifik> = documented(
  t.type({ appRegistrationId: t.string, deletions: t.readonlyArray(DeletionCodec) }),
  { title: 'ErasedAtVerifik', description: 'What Verifik answered to each deletion of a registration and its parts.' },
);

export const ReceiptCodec = documented(
  t.intersection([
    t.type({
      id: OnboardingId,
      erasedAt: Moment,
      runs: Count,
      appRegistrationIds: t.readonlyArray(t.string),
      stillKept: t.readonlyArray(t.string),
    }),
    t.partial({ atVerifik: t.readonlyArray(ErasedAtVerifikCodec) }),
  ]),
  { title: 'ErasureReceipt', description: 'The record of the erasure, without personal data. Keep it.' },
);
