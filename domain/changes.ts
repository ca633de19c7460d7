import type { EpochMs } from '../shared/time.js';
import { CHECK_NAMES, type CheckName } from './checks.js';
import type { Decision } from './outcomes.js';
import { currentRegistration } from './reports.js';
import { awaitsReview, underReview } from './review.js';
import { pendingChecks } from './snapshot.js';
import { isRequired, type State } from './state.js';

/** What the service that started an onboarding hears of it. The types are those of its events as they are sent. */
export type Change =
  /** The vendor gave a registration: the first one, or one in place of a former one; `pending` is what the applicant has to do (again). */
  | {
      readonly type: 'onboarding.registered';
      readonly appRegistrationId: string;
      readonly generation: number;
      readonly pending: readonly CheckName[];
    }
  | { readonly type: 'onboarding.check.passed'; readonly check: CheckName; readonly approvedBy?: string }
  | {
      readonly type: 'onboarding.check.failed';
      readonly check: CheckName;
      readonly attempts: { readonly failed: number; readonly limit: number };
    }
  /** Empty `checks`: the registration as a whole is under review. */
  | { readonly type: 'onboarding.review.needed'; readonly checks: readonly CheckName[] }
  | { readonly type: 'onboarding.reminder.sent'; readonly remindersSent: number }
  | { readonly type: 'onboarding.ended'; readonly decision: Decision; readonly appRegistrationId?: string }
  /** There is no outcome: the cause has to be mended, and the onboarding started again. */
  | { readonly type: 'onboarding.failed'; readonly failure: string };

/** When each change is told. Read by documents and tests. */
export const CHANGES: Readonly<Record<Change['type'], string>> = {
  'onboarding.registered':
    'Verifik gave a registration: the first one, another one, or the same made anew. A renewed token is none',
  'onboarding.check.passed': 'a check passed',
  'onboarding.check.failed': 'a validation failed: once for each attempt',
  'onboarding.review.needed': 'people have something (else) to decide',
  'onboarding.reminder.sent': 'the applicant was reminded',
  'onboarding.ended': 'there is an outcome. The last event',
  'onboarding.failed':
    'there is no outcome: the cause has to be mended and the onboarding started again. The last event',
};

/** A change with its place among the changes of its onboarding (from 1, without gaps) and its moment. */
export type OnboardingEvent = Change & { readonly sequence: number; readonly at: EpochMs };

/** Moments may come out differently where a step that was not recorded is done again. */
const MOMENTS: readonly string[] = ['at', 'decidedAt', 'validUntil'];

/** What an event is known by among those of its onboarding's run: the same again is a repetition, whenever it was. */
export const identityOf = (event: OnboardingEvent): string =>
  JSON.stringify(event, (key, value: unknown) => (MOMENTS.includes(key) ? undefined : value));

/** An event as services receive it: in callbacks, in lists and in streams alike. */
export interface WireEvent {
  readonly type: Change['type'];
  /** ISO 8601. */
  readonly timestamp: string;
  /** What the receiver knows the onboarding by, the event's place, and the change's own fields. */
  readonly data: { readonly id: string; readonly sequence: number } & Readonly<Record<string, unknown>>;
}

/** The event as it is sent to a receiver who knows the onboarding by `id`. */
export const wireEvent = ({ type, sequence, at, ...fields }: OnboardingEvent, id: string): WireEvent => ({
  type,
  timestamp: new Date(at).toISOString(),
  data: { id, sequence, ...fields },
});

/** True where a registration in place of the former one lost what had been read or done, whether or not its id is the same. */
const isRecreated = (before: State, after: State): boolean => {
  const unread = currentRegistration(before)?.readAt !== undefined && currentRegistration(after)?.readAt === undefined;
  return (
    unread ||
    CHECK_NAMES.some((name) => {
      const [was, is] = [before.checks[name], after.checks[name]];
      return isRequired(was) && isRequired(is) && is.status === 'pending' && is.since !== was.since;
    })
  );
};

/** A first registration, another one or one made anew. A renewed token is none. */
const registered = (before: State, after: State): readonly Change[] => {
  if (after.progress.phase !== 'validating') return [];
  const { appRegistrationId } = after.progress.registration;
  const { generation } = after;
  const isNew = before.generation === 0 || currentRegistration(before)?.appRegistrationId !== appRegistrationId;
  if (generation === 0 || !(isNew || (generation > before.generation && isRecreated(before, after)))) return [];
  return [{ type: 'onboarding.registered', appRegistrationId, generation, pending: pendingChecks(after) }];
};

const checked = (before: State, after: State, name: CheckName): readonly Change[] => {
  const [was, is] = [before.checks[name], after.checks[name]];
  if (!isRequired(was) || !isRequired(is)) return [];
  const limit = after.policy.attemptLimits[name];
  const failures = is.failedValidations.map((_, index) => index + 1).slice(was.failedValidations.length);
  const passed = is.status === 'passed' && was.status !== 'passed';
  const approved = is.status === 'passed' && is.approvedBy !== undefined ? { approvedBy: is.approvedBy } : {};
  return [
    ...failures.map(
      (failed): Change => ({ type: 'onboarding.check.failed', check: name, attempts: { failed, limit } }),
    ),
    ...(passed ? [{ type: 'onboarding.check.passed', check: name, ...approved } as const] : []),
  ];
};

/** Told where people have something (else) to decide: a check more, or the registration as a whole where it was checks before. */
const reviewNeeded = (before: State, after: State): readonly Change[] => {
  if (!awaitsReview(after)) return [];
  const known = awaitsReview(before) ? underReview(before) : undefined;
  const checks = underReview(after);
  const isTold =
    known !== undefined && (checks.length === 0 ? known.length === 0 : checks.every((name) => known.includes(name)));
  return isTold ? [] : [{ type: 'onboarding.review.needed', checks }];
};

const reminded = (before: State, after: State): readonly Change[] =>
  after.reminders.sent > before.reminders.sent
    ? [{ type: 'onboarding.reminder.sent', remindersSent: after.reminders.sent }]
    : [];

const ended = (before: State, { progress }: State): readonly Change[] => {
  if (progress.phase !== 'ended' || before.progress.phase === 'ended') return [];
  const { decision, registration } = progress;
  const id = registration === undefined ? {} : { appRegistrationId: registration.appRegistrationId };
  return [{ type: 'onboarding.ended', decision, ...id }];
};

/**
 * What is to be told of the step from one state to the next, in the order in which it is told. Claims of reports are no changes:
 * only what the vendor, or a reviewer, says is told.
 */
export const changesBetween = (before: State, after: State): readonly Change[] =>
  before === after
    ? []
    : [
        ...registered(before, after),
        ...CHECK_NAMES.flatMap((name) => checked(before, after, name)),
        ...reviewNeeded(before, after),
        ...reminded(before, after),
        ...ended(before, after),
      ];

/** How many events an onboarding remembers: far more than one has, unless it is registered again and again. */
const MAX_KEPT_EVENTS = 100;

/** The events of an onboarding. Plain data: it travels through continue-as-new as it is. */
export interface EventLog {
  /** The sequence number of the last event, 0 where there is none. */
  readonly last: number;
  /** The last events, oldest first. */
  readonly kept: readonly OnboardingEvent[];
  /** Up to which sequence number events were handed over for sending. */
  readonly handedTo: number;
}

export const EMPTY_LOG: EventLog = { last: 0, kept: [], handedTo: 0 };

/** The log with these changes at its end. */
export const noted = (log: EventLog, changes: readonly Change[], at: EpochMs): EventLog =>
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

/** The kept events after this sequence number. */
export const eventsAfter = ({ kept }: EventLog, after: number): readonly OnboardingEvent[] =>
  kept.filter(({ sequence }) => sequence > after);

/** The log once its events up to this sequence number have been handed over. */
export const handedOver = (log: EventLog, upTo: number): EventLog => ({
  ...log,
  handedTo: Math.max(log.handedTo, upTo),
});
