import { describe, expect, it } from 'vitest';
import {
  appendEvents,
  type Change,
  changesBetween,
  EMPTY_LOG,
  type EventLog,
  eventsAfter,
  identityOf,
  markHandedOver,
  type OnboardingEvent,
  wireEvent,
} from '../../domain/changes.js';
import { CHECK_NAMES, type CheckName } from '../../domain/checks.js';
import { currentRegistration } from '../../domain/reports.js';
import { awaitsReview, underReview } from '../../domain/review/state.js';
import { isRequired, type State } from '../../domain/state.js';
import type { Transition } from '../../domain/transitions.js';
import type { VendorCheck } from '../../domain/vendor-registration.js';
import { forEveryRun, SECRETS } from './arbitraries.js';
import type { Run } from './driver.js';
import { everyCheck, read, registered, resumed, stateWith, TOKEN } from './transitions.js';

const failed = (validationId: string, ...before: readonly string[]): VendorCheck => ({
  result: 'failed',
  validationId,
  reason: 'unspecified',
  failedAttempts: [...before, validationId],
});

/** Returns the changes that the last transition causes. */
const changesOf = (...transitions: readonly Transition[]): readonly Change[] =>
  changesWith([...CHECK_NAMES], ...transitions);

const changesWith = (required: readonly CheckName[], ...transitions: readonly Transition[]): readonly Change[] =>
  changesBetween(stateWith({ required }, ...transitions.slice(0, -1)), stateWith({ required }, ...transitions));

const types = (changes: readonly Change[]) => changes.map(({ type }) => type);

/** Returns the event log and state after each transition of a run. */
const logsOf = ({ applied }: Run): readonly { readonly log: EventLog; readonly state: State }[] => {
  let log = EMPTY_LOG;
  return applied.map(({ before, after, transition }) => {
    log = appendEvents(log, changesBetween(before, after), transition.at);
    return { log, state: after };
  });
};

/** Derives the state of a check from events alone, as a service does. */
const checkFromEvents = (check: CheckName, received: readonly OnboardingEvent[]) => {
  let passed = false;
  let failed = 0;
  for (const event of received) {
    if (event.type === 'onboarding.registered' && event.pending.includes(check)) passed = false;
    if (event.type === 'onboarding.review.decided' && event.decision === 'again' && event.checks.includes(check))
      [passed, failed] = [false, 0];
    if (event.type === 'onboarding.check.passed' && event.check === check) passed = true;
    if (event.type === 'onboarding.check.failed' && event.check === check) failed = event.attempts.failed;
  }
  return { passed, failed };
};

/** Pairs each required check of the state with the state derived from the events. */
const checksOf = ({ checks }: State, received: readonly OnboardingEvent[]) =>
  CHECK_NAMES.flatMap((name) => {
    const check = checks[name];
    return isRequired(check) ? [{ check, received: checkFromEvents(name, received) }] : [];
  });

const knowsTheRegistration = (state: State, received: readonly OnboardingEvent[]): void => {
  const last = received.findLast((event) => event.type === 'onboarding.registered');
  if (state.progress.phase === 'validating')
    expect(last).toMatchObject({ appRegistrationId: currentRegistration(state)?.appRegistrationId });
};

const knowsTheReview = (state: State, received: readonly OnboardingEvent[]): void => {
  const last = received.findLast((event) => event.type === 'onboarding.review.needed');
  if (awaitsReview(state)) expect(last).toMatchObject({ checks: expect.arrayContaining([...underReview(state)]) });
};

describe('the events of any run', () => {
  it('a service can derive the registration, the checks and the reviews from the events alone', () => {
    forEveryRun((run) => {
      for (const { log, state } of logsOf(run).filter(({ log }) => log.last === log.kept.length)) {
        knowsTheRegistration(state, log.kept);
        knowsTheReview(state, log.kept);
        for (const { check, received } of checksOf(state, log.kept)) {
          expect(received.failed).toBe(check.failedValidations.length);
          // A pass that Verifik revokes without a re-registration causes no event until the next result.
          expect(received.passed || check.status !== 'passed').toBe(true);
        }
      }
    }, 250);
  });

  it('event numbers have no gaps, the outcome is the last event and is sent once, and no event contains personal data', () => {
    forEveryRun((run) => {
      const log = logsOf(run).at(-1)?.log ?? EMPTY_LOG;
      const first = log.last - log.kept.length + 1;
      expect(log.kept.map(({ sequence }) => sequence)).toEqual(log.kept.map((_, index) => first + index));
      expect(log.kept.filter(({ type }) => type === 'onboarding.ended')).toEqual([
        expect.objectContaining({ sequence: log.last, decision: run.decision }),
      ]);
      const sent = JSON.stringify(log.kept.map((event) => wireEvent(event, 'customer-4711')));
      expect(SECRETS.filter((secret) => sent.includes(secret))).toEqual([]);
    }, 250);
  });

  it('reports, tokens and schedule changes cause no event', () => {
    forEveryRun(({ applied }) => {
      const quiet = ['TokenRequested', 'TokenExpired', 'TokenUnavailable', 'ValidationReported', 'UndecodableReported'];
      for (const { before, after, transition } of applied)
        if (quiet.includes(transition.type)) expect(changesBetween(before, after)).toEqual([]);
    }, 150);
  });
});

describe('the event onboarding.registered', () => {
  it('the first registration causes an event with the pending checks', () => {
    const change = { appRegistrationId: 'first', generation: 1, pending: [...CHECK_NAMES] };
    expect(changesOf(registered(1))).toEqual([{ type: 'onboarding.registered', ...change }]);
    expect(changesOf(resumed(1))).toEqual([{ type: 'onboarding.registered', ...change }]);
  });

  it('a registration recreated under the same id causes an event with the checks to repeat', () => {
    expect(changesOf(registered(1), read(2, everyCheck('passed')), registered(3))).toEqual([
      { type: 'onboarding.registered', appRegistrationId: 'first', generation: 2, pending: ['email', 'phone'] },
    ]);
  });

  it('a recreated registration causes an event even if nothing was read before or nothing is lost', () => {
    expect(changesOf(registered(1), registered(3))).toMatchObject([{ generation: 2, pending: [...CHECK_NAMES] }]);
    const document = read(2, { document: { result: 'passed' } });
    expect(changesWith(['document'], registered(1), document, registered(3))).toMatchObject([
      { generation: 2, pending: [] },
    ]);
  });

  it('a different registration causes an event, whether created or resumed', () => {
    expect(changesOf(registered(1), resumed(2, 'second'))).toMatchObject([{ appRegistrationId: 'second' }]);
    expect(changesOf(registered(1), registered(2, 'second'))).toMatchObject([{ appRegistrationId: 'second' }]);
  });

  it('a renewed token causes no event', () => {
    expect(changesOf(registered(1), read(2, everyCheck('passed')), resumed(3))).toEqual([]);
    expect(types(changesOf(registered(1), { type: 'ReminderTried', sent: true, at: 2, token: TOKEN }))).toEqual([
      'onboarding.reminder.sent',
    ]);
  });

  it('a reminder that Verifik did not send is due, and has no secret', () => {
    const unsent = changesOf(registered(1), { type: 'ReminderTried', sent: false, at: 2, token: TOKEN });
    expect(unsent).toEqual([{ type: 'onboarding.reminder.due', remindersDue: 1 }]);
  });
});

describe('the events of a check', () => {
  it('each failed validation causes one event with the attempts used and allowed', () => {
    const first = { email: failed('e1') };
    const second = { email: failed('e2', 'e1') };
    const event = (n: number) => [
      { type: 'onboarding.check.failed', check: 'email', attempts: { failed: n, limit: 3 }, reason: 'unspecified' },
    ];
    expect(changesOf(registered(1), read(2, first))).toEqual(event(1));
    expect(changesOf(registered(1), read(2, first), read(3, first))).toEqual([]);
    expect(changesOf(registered(1), read(2, first), read(3, second))).toEqual(event(2));
  });

  it('a passed check causes an event, with the reviewer if one approved it', () => {
    const seen = [registered(1), read(2, { ...everyCheck('passed'), document: { result: 'inReview' } })];
    expect(types(changesOf(...seen))).toEqual([
      ...Array(3).fill('onboarding.check.passed'),
      'onboarding.review.needed',
    ]);
    const approval: Transition = { type: 'ReviewDecided', at: 3, decision: 'approve', reviewer: 'reviewer-7' };
    expect(changesOf(...seen, approval)).toEqual([
      { type: 'onboarding.review.decided', decision: 'approve', reviewer: 'reviewer-7', checks: ['document'] },
      { type: 'onboarding.check.passed', check: 'document', approvedBy: 'reviewer-7' },
    ]);
  });
});

describe('the event onboarding.review.needed', () => {
  const document = { document: { result: 'inReview', reason: 'namesDiffer' } } as const;

  it('a review causes an event when it begins and when a check is added, and no other', () => {
    const both = { ...document, biometric: { result: 'inReview', reason: 'faceMismatch' } } as const;
    expect(changesOf(registered(1), read(2, document))).toEqual([
      { type: 'onboarding.review.needed', checks: ['document'], reasons: ['namesDiffer'] },
    ]);
    expect(changesOf(registered(1), read(2, document), read(3, document))).toEqual([]);
    expect(changesOf(registered(1), read(2, document), read(3, both))).toMatchObject([
      { checks: ['document', 'biometric'] },
    ]);
    expect(changesOf(registered(1), read(2, both), read(3, document))).toEqual([]);
  });

  it('a review of the registration as a whole causes an event without checks', () => {
    const whole = [{ type: 'onboarding.review.needed', checks: [], reasons: [] }];
    expect(changesOf(registered(1), read(2, {}, 'needsReview'))).toEqual(whole);
    expect(changesOf(registered(1), read(2, {}, 'needsReview'), read(3, {}, 'needsReview'))).toEqual([]);
    const settled = [registered(1), read(2, document, 'needsReview'), read(3, {}, 'needsReview')];
    expect(changesOf(...settled)).toEqual(whole);
  });
});

describe('the event log', () => {
  const reminder = (n: number): Change => ({ type: 'onboarding.reminder.sent', remindersSent: n });
  const changes = Array.from({ length: 250 }, (_, n) => reminder(n));

  it('the log keeps the last 100 events with their sequence numbers', () => {
    const log = changes.reduce((so, change, at) => appendEvents(so, [change], at), EMPTY_LOG);
    expect(log).toMatchObject({ last: 250, handedTo: 0 });
    expect(log.kept.map(({ sequence }) => sequence)).toEqual(Array.from({ length: 100 }, (_, n) => 151 + n));
    expect(eventsAfter(log, 248)).toEqual([
      { ...reminder(248), sequence: 249, at: 248 },
      { ...reminder(249), sequence: 250, at: 249 },
    ]);
  });

  it('the number of the last event handed over never decreases', () => {
    const log = markHandedOver(markHandedOver(appendEvents(EMPTY_LOG, changes.slice(0, 3), 1), 3), 1);
    expect(log.handedTo).toBe(3);
  });
});

describe('an event', () => {
  const event: OnboardingEvent = {
    type: 'onboarding.check.failed',
    check: 'document',
    attempts: { failed: 1, limit: 3 },
    sequence: 2,
    at: 1_764_000_000_000,
  };

  it("a sent event has its type, time, the receiver's id, sequence number and own fields", () => {
    expect(wireEvent(event, 'customer-4711')).toEqual({
      type: 'onboarding.check.failed',
      timestamp: '2025-11-24T16:00:00.000Z',
      data: { id: 'customer-4711', sequence: 2, check: 'document', attempts: { failed: 1, limit: 3 } },
    });
  });

  it('an event keeps its identity when its step is repeated later, and differs with other content', () => {
    expect(identityOf({ ...event, at: event.at + 1 })).toBe(identityOf(event));
    expect(identityOf({ ...event, check: 'email' })).not.toBe(identityOf(event));
    expect(identityOf({ ...event, sequence: 3 })).not.toBe(identityOf(event));
  });
});
