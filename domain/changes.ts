import type * as t from 'io-ts';
import { defined } from '../shared/defined.js';
import type { EpochMs } from '../shared/time.js';
import type { CHANGE_FIELDS } from './change-fields.js';
import type { CheckReason } from './check-reasons.js';
import { CHECK_NAMES, type CheckName } from './checks.js';
import { contactChanges } from './contact-changes.js';
import { currentRegistration, pendingChecks } from './reports.js';
import { awaitsReview, reviewReasons, underReview } from './review/state.js';
import { isRequired, type RequiredCheck, type State } from './state.js';

type ChangeFields = {
  readonly [T in keyof typeof CHANGE_FIELDS]: Readonly<t.TypeOf<(typeof CHANGE_FIELDS)[T]>>;
};

export type ChangeType = keyof ChangeFields;

/** A change of an onboarding that its service is notified of. Each type is also the type of the event sent. */
export type Change = { [T in ChangeType]: { readonly type: T } & ChangeFields[T] }[ChangeType];

/** The occasion of each event type. The tests compare `docs/events.md` with it. */
export const CHANGES: Readonly<Record<ChangeType, string>> = {
  'onboarding.registered':
    'Verifik registered the applicant, for the first time or again; not when only the token was renewed',
  'onboarding.check.passed': 'a check passed',
  'onboarding.check.failed': 'a validation failed: once for each attempt',
  'onboarding.contact.changed': "the applicant changed the contact on Verifik's page",
  'onboarding.review.needed': 'a reviewer has to decide something, or something more',
  'onboarding.review.due': 'a review will soon have taken as long as the policy allows: get it decided',
  'onboarding.review.decided': 'a reviewer approved, rejected or requested checks again',
  'onboarding.reminder.sent': 'Verifik sent the applicant a reminder',
  'onboarding.reminder.due': 'a reminder was due, and Verifik did not send it: remind the applicant yourself',
  'onboarding.ended': 'the onboarding has an outcome. Only events about its validity follow',
  'onboarding.validity.ending': 'the validity of the outcome ends soon: verify the customer again',
  'onboarding.validity.ended': 'the validity of the outcome has ended',
  'onboarding.failed': 'the onboarding failed without an outcome: correct the cause and start it again. The last event',
};

/** A change with its sequence number in the onboarding (from 1, without gaps) and its time. */
export type OnboardingEvent = Change & { readonly sequence: number; readonly at: EpochMs };

const TIME_FIELDS: readonly string[] = ['at', 'decidedAt', 'validUntil', 'dueAt'];

/**
 * Identifies the event within its run. Times are left out: a repeated step that was not recorded yields another time.
 */
export const identityOf = (event: OnboardingEvent): string =>
  JSON.stringify(event, (key, value: unknown) => (TIME_FIELDS.includes(key) ? undefined : value));

/** An event as services receive it. A `switch` over its type narrows `data`. */
export type WireEvent = {
  [T in ChangeType]: {
    readonly type: T;
    /** ISO 8601. */
    readonly timestamp: string;
    /** The id by which the receiver knows the onboarding, the sequence number, and the fields of the change. */
    readonly data: { readonly id: string; readonly sequence: number } & ChangeFields[T];
  };
}[ChangeType];

export function wireEvent(event: OnboardingEvent, id: string): WireEvent;
export function wireEvent({ type, sequence, at, ...fields }: OnboardingEvent, id: string) {
  return { type, timestamp: new Date(at).toISOString(), data: { id, sequence, ...fields } };
}

/** True if a new registration, with the same id or another, lost results that had been read. */
const isRecreated = (before: State, after: State): boolean => {
  const unread = currentRegistration(before)?.readAt !== undefined && currentRegistration(after)?.readAt === undefined;
  return (
    unread ||
    CHECK_NAMES.some((name) => {
      const [previous, current] = [before.checks[name], after.checks[name]];
      return (
        isRequired(previous) && isRequired(current) && current.status === 'pending' && current.since !== previous.since
      );
    })
  );
};

/** Reports a first, different or recreated registration, but not a renewed token. */
const registered = (before: State, after: State): readonly Change[] => {
  if (after.progress.phase !== 'validating') return [];
  const { appRegistrationId } = after.progress.registration;
  const { generation } = after;
  const isNew = before.generation === 0 || currentRegistration(before)?.appRegistrationId !== appRegistrationId;
  if (generation === 0 || !(isNew || (generation > before.generation && isRecreated(before, after)))) return [];
  return [{ type: 'onboarding.registered', appRegistrationId, generation, pending: pendingChecks(after) }];
};

const failureReasonOf = ({ status, reason }: RequiredCheck): { readonly reason?: CheckReason } =>
  status === 'failed' && reason !== undefined ? { reason } : {};

const checked = (before: State, after: State, name: CheckName): readonly Change[] => {
  const [previous, current] = [before.checks[name], after.checks[name]];
  if (!isRequired(previous) || !isRequired(current)) return [];
  const limit = after.policy.attemptLimits[name];
  const failures = current.failedValidations.map((_, index) => index + 1).slice(previous.failedValidations.length);
  const passed = current.status === 'passed' && previous.status !== 'passed';
  const approved =
    current.status === 'passed' && current.approvedBy !== undefined ? { approvedBy: current.approvedBy } : {};
  return [
    ...failures.map(
      (failed): Change => ({
        type: 'onboarding.check.failed',
        check: name,
        attempts: { failed, limit },
        ...(failed === current.failedValidations.length ? failureReasonOf(current) : {}),
      }),
    ),
    ...(passed ? [{ type: 'onboarding.check.passed', check: name, ...approved } as const] : []),
  ];
};

/**
 * Reports a review that begins, or that has grown: by a check, or from single checks to the registration as a whole.
 */
const reviewNeeded = (before: State, after: State): readonly Change[] => {
  if (!awaitsReview(after)) return [];
  const known = awaitsReview(before) ? underReview(before) : undefined;
  const checks = underReview(after);
  const isKnown =
    known !== undefined && (checks.length === 0 ? known.length === 0 : checks.every((name) => known.includes(name)));
  return isKnown ? [] : [{ type: 'onboarding.review.needed', checks, reasons: reviewReasons(after) }];
};

const reviewDue = (before: State, after: State): readonly Change[] => {
  const { review } = after;
  if (review?.escalated !== true || before.review?.escalated === true || !awaitsReview(after)) return [];
  const checks = underReview(after);
  const claimedBy = review.claim?.reviewer;
  const { dueAt } = review;
  return [{ type: 'onboarding.review.due', checks, reasons: reviewReasons(after), dueAt, ...defined({ claimedBy }) }];
};

const reviewDecided = (before: State, after: State): readonly Change[] => {
  const record = after.reviews?.at(-1);
  if (record === undefined || record === before.reviews?.at(-1)) return [];
  const { at: _at, note: _note, reviewed: _reviewed, ...decided } = record;
  return [{ type: 'onboarding.review.decided', ...decided }];
};

/** The contact that Verifik's page changed; one that a caller changed leads to another registration. */
const contactChanged = (before: State, after: State): readonly Change[] => {
  const isRead = before.progress.phase === 'validating' && after.progress.phase === 'validating';
  const channels = contactChanges(before.contact, after.contact);
  return isRead && channels.length > 0 ? [{ type: 'onboarding.contact.changed', channels }] : [];
};

const reminded = ({ reminders: before }: State, { reminders: after }: State): readonly Change[] => {
  if (after.sent > before.sent) return [{ type: 'onboarding.reminder.sent', remindersSent: after.sent }];
  return after.unsent > before.unsent ? [{ type: 'onboarding.reminder.due', remindersDue: after.unsent }] : [];
};

const ended = (before: State, { progress }: State): readonly Change[] => {
  if (progress.phase !== 'ended' || before.progress.phase === 'ended') return [];
  const { decision, registration } = progress;
  const id = registration === undefined ? {} : { appRegistrationId: registration.appRegistrationId };
  return [{ type: 'onboarding.ended', decision, ...id }];
};

/**
 * Compares two states and returns the changes between them, in the order of delivery. Reports cause no change: only
 * Verifik's own answers and reviewers' decisions do.
 */
export const changesBetween = (before: State, after: State): readonly Change[] =>
  before === after
    ? []
    : [
        ...registered(before, after),
        ...reviewDecided(before, after),
        ...contactChanged(before, after),
        ...CHECK_NAMES.flatMap((name) => checked(before, after, name)),
        ...reviewNeeded(before, after),
        ...reviewDue(before, after),
        ...reminded(before, after),
        ...ended(before, after),
      ];

/** Far more events than an onboarding has, unless the applicant is registered again and again. */
const MAX_KEPT_EVENTS = 100;

/** The events of an onboarding. Plain data, carried through continue-as-new. */
export interface EventLog {
  readonly last: number;
  readonly kept: readonly OnboardingEvent[];
  /** The sequence number of the last event that was handed over for delivery. */
  readonly handedTo: number;
}

export const EMPTY_LOG: EventLog = { last: 0, kept: [], handedTo: 0 };

export const appendEvents = (log: EventLog, changes: readonly Change[], at: EpochMs): EventLog =>
  changes.length === 0
    ? log
    : {
        ...log,
        last: log.last + changes.length,
        kept: [
          ...log.kept,
          ...changes.map((change, index): OnboardingEvent => ({ ...change, sequence: log.last + 1 + index, at })),
        ].slice(-MAX_KEPT_EVENTS),
      };

export const eventsAfter = ({ kept }: EventLog, after: number): readonly OnboardingEvent[] =>
  kept.filter(({ sequence }) => sequence > after);

export const markHandedOver = (log: EventLog, upTo: number): EventLog => ({
  ...log,
  handedTo: Math.max(log.handedTo, upTo),
});
