import { describe, expect, it } from 'vitest';
import {
  type Change,
  changesBetween,
  EMPTY_LOG,
  type EventLog,
  eventsAfter,
  handedOver,
  identityOf,
  noted,
  type OnboardingEvent,
  wireEvent,
} from '../../domain/changes.js';
import { CHECK_NAMES, type CheckName, perCheck } from '../../domain/checks.js';
import type { Event } from '../../domain/events.js';
import { evolve } from '../../domain/evolve.js';
import type { CheckReading, RegistrationStanding } from '../../domain/reading.js';
import { currentRegistration } from '../../domain/reports.js';
import { awaitsReview, underReview } from '../../domain/review.js';
import { initialState, isRequired, type State } from '../../domain/state.js';
import { CONTACT, type Drive, policyWith } from './driver.js';
import { inEveryLife, SECRETS } from './lives.js';

const token = { value: 'secret-token', expiresAt: 7_200_000 };

const registered = (at: number, appRegistrationId = 'first'): Event => ({
  type: 'Registered',
  at,
  appRegistrationId,
  token,
});

const resumed = (at: number, appRegistrationId = 'first'): Event => ({
  type: 'RegistrationResumed',
  at,
  appRegistrationId,
  token,
});

const read = (
  at: number,
  checks: Partial<Record<CheckName, CheckReading>>,
  standing: RegistrationStanding = 'inProgress',
): Event => ({
  type: 'VendorRead',
  at,
  upToClaim: 0,
  reading: { appRegistrationId: 'first', standing, checks },
});

const all = (result: 'passed' | 'failed' | 'inReview') => perCheck((name) => ({ result, validationId: `${name}-1` }));

/** What is told of the last of these events. */
const told = (...events: readonly Event[]): readonly Change[] => toldOf([...CHECK_NAMES], ...events);

const toldOf = (required: readonly CheckName[], ...events: readonly Event[]): readonly Change[] => {
  const start = initialState({ policy: policyWith({ required }), contact: CONTACT }, 0);
  const before = events.slice(0, -1).reduce(evolve, start);
  return changesBetween(before, events.slice(-1).reduce(evolve, before));
};

const types = (changes: readonly Change[]) => changes.map(({ type }) => type);

/** The log of a life, as it is after each of its entries. */
const logsOf = ({ entries }: Drive): readonly { readonly log: EventLog; readonly state: State }[] => {
  let log = EMPTY_LOG;
  return entries.map(({ before, after, event }) => {
    log = noted(log, changesBetween(before, after), event.at);
    return { log, state: after };
  });
};

/** What a service knows of a check that hears of nothing but the events. */
const heardOf = (check: CheckName, heard: readonly OnboardingEvent[]) => {
  let passed = false;
  let failed = 0;
  for (const event of heard) {
    if (event.type === 'onboarding.registered' && event.pending.includes(check)) passed = false;
    if (event.type === 'onboarding.check.passed' && event.check === check) passed = true;
    if (event.type === 'onboarding.check.failed' && event.check === check) failed = event.attempts.failed;
  }
  return { passed, failed };
};

/** What the state says of each required check, and what was heard of it. */
const checksOf = ({ checks }: State, heard: readonly OnboardingEvent[]) =>
  CHECK_NAMES.flatMap((name) => {
    const check = checks[name];
    return isRequired(check) ? [{ check, heard: heardOf(name, heard) }] : [];
  });

const knowsTheRegistration = (state: State, heard: readonly OnboardingEvent[]): void => {
  const last = heard.findLast((event) => event.type === 'onboarding.registered');
  if (state.progress.phase === 'validating')
    expect(last).toMatchObject({ appRegistrationId: currentRegistration(state)?.appRegistrationId });
};

const knowsTheReview = (state: State, heard: readonly OnboardingEvent[]): void => {
  const last = heard.findLast((event) => event.type === 'onboarding.review.needed');
  if (awaitsReview(state)) expect(last).toMatchObject({ checks: expect.arrayContaining([...underReview(state)]) });
};

describe('whatever happens', () => {
  it('whoever hears of the events alone knows the registration, the checks and what is under review', () => {
    inEveryLife((life) => {
      for (const { log, state } of logsOf(life).filter(({ log }) => log.last === log.kept.length)) {
        knowsTheRegistration(state, log.kept);
        knowsTheReview(state, log.kept);
        for (const { check, heard } of checksOf(state, log.kept)) {
          expect(heard.failed).toBe(check.failedValidations.length);
          // What the vendor takes back without a re-registration is told by what becomes of it next.
          expect(heard.passed || check.status !== 'passed').toBe(true);
        }
      }
    }, 500);
  });

  it('the events are numbered without gaps, the outcome is the last one and told once, and nobody is named', () => {
    inEveryLife((life) => {
      const log = logsOf(life).at(-1)?.log ?? EMPTY_LOG;
      const first = log.last - log.kept.length + 1;
      expect(log.kept.map(({ sequence }) => sequence)).toEqual(log.kept.map((_, index) => first + index));
      expect(log.kept.filter(({ type }) => type === 'onboarding.ended')).toEqual([
        expect.objectContaining({ sequence: log.last, decision: life.decision }),
      ]);
      const sent = JSON.stringify(log.kept.map((event) => wireEvent(event, 'customer-4711')));
      expect(SECRETS.filter((secret) => sent.includes(secret))).toEqual([]);
    }, 500);
  });

  it('nothing is told where nothing but claims, tokens or the schedule has changed', () => {
    inEveryLife(({ entries }) => {
      const quiet = ['TokenRequested', 'TokenExpired', 'TokenUnavailable', 'ValidationReported', 'JunkReported'];
      for (const { before, after, event } of entries)
        if (quiet.includes(event.type)) expect(changesBetween(before, after)).toEqual([]);
    }, 300);
  });
});

describe('a registration is told', () => {
  it('when it is the first, with what the applicant has to do', () => {
    const change = { appRegistrationId: 'first', generation: 1, pending: [...CHECK_NAMES] };
    expect(told(registered(1))).toEqual([{ type: 'onboarding.registered', ...change }]);
    expect(told(resumed(1))).toEqual([{ type: 'onboarding.registered', ...change }]);
  });

  it('when it was made anew under the same id, with what is to be done again', () => {
    expect(told(registered(1), read(2, all('passed')), registered(3))).toEqual([
      { type: 'onboarding.registered', appRegistrationId: 'first', generation: 2, pending: ['email', 'phone'] },
    ]);
  });

  it('when it was made anew, also where nothing had been read before or nothing is lost', () => {
    expect(told(registered(1), registered(3))).toMatchObject([{ generation: 2, pending: [...CHECK_NAMES] }]);
    const document = read(2, { document: { result: 'passed' } });
    expect(toldOf(['document'], registered(1), document, registered(3))).toMatchObject([
      { generation: 2, pending: [] },
    ]);
  });

  it('when another one takes its place, resumed or not', () => {
    expect(told(registered(1), resumed(2, 'second'))).toMatchObject([{ appRegistrationId: 'second' }]);
    expect(told(registered(1), registered(2, 'second'))).toMatchObject([{ appRegistrationId: 'second' }]);
  });

  it('and a renewed token is not', () => {
    expect(told(registered(1), read(2, all('passed')), resumed(3))).toEqual([]);
    expect(types(told(registered(1), { type: 'ReminderSent', at: 2, token }))).toEqual(['onboarding.reminder.sent']);
  });
});

describe('a check is told', () => {
  it('to have failed once for each validation that failed, with the attempts that are left', () => {
    const first = { email: { result: 'failed', validationId: 'e1' } } as const;
    const second = { email: { result: 'failed', validationId: 'e2' } } as const;
    const failed = (n: number) => [
      { type: 'onboarding.check.failed', check: 'email', attempts: { failed: n, limit: 3 } },
    ];
    expect(told(registered(1), read(2, first))).toEqual(failed(1));
    expect(told(registered(1), read(2, first), read(3, first))).toEqual([]);
    expect(told(registered(1), read(2, first), read(3, second))).toEqual(failed(2));
  });

  it('to have passed, and by whom where a reviewer let it', () => {
    const seen = [registered(1), read(2, { ...all('passed'), document: { result: 'inReview' } })];
    expect(types(told(...seen))).toEqual([...Array(3).fill('onboarding.check.passed'), 'onboarding.review.needed']);
    const approval: Event = { type: 'ReviewDecided', at: 3, decision: 'approve', reviewer: 'reviewer-7' };
    expect(told(...seen, approval)).toEqual([
      { type: 'onboarding.check.passed', check: 'document', approvedBy: 'reviewer-7' },
    ]);
  });
});

describe('a review is told to be needed', () => {
  const document = { document: { result: 'inReview' } } as const;

  it('when it begins and when more comes to it, not again', () => {
    const both = { ...document, biometric: { result: 'inReview' } } as const;
    expect(told(registered(1), read(2, document))).toEqual([
      { type: 'onboarding.review.needed', checks: ['document'] },
    ]);
    expect(told(registered(1), read(2, document), read(3, document))).toEqual([]);
    expect(told(registered(1), read(2, document), read(3, both))).toMatchObject([
      { checks: ['document', 'biometric'] },
    ]);
    expect(told(registered(1), read(2, both), read(3, document))).toEqual([]);
  });

  it('of the registration as a whole, by no check', () => {
    const whole = [{ type: 'onboarding.review.needed', checks: [] }];
    expect(told(registered(1), read(2, {}, 'needsReview'))).toEqual(whole);
    expect(told(registered(1), read(2, {}, 'needsReview'), read(3, {}, 'needsReview'))).toEqual([]);
    const settled = [registered(1), read(2, document, 'needsReview'), read(3, {}, 'needsReview')];
    expect(told(...settled)).toEqual(whole);
  });
});

describe('the log', () => {
  const reminder = (n: number): Change => ({ type: 'onboarding.reminder.sent', remindersSent: n });
  const changes = Array.from({ length: 250 }, (_, n) => reminder(n));

  it('keeps the last hundred events under their own numbers', () => {
    const log = changes.reduce((so, change, at) => noted(so, [change], at), EMPTY_LOG);
    expect(log).toMatchObject({ last: 250, handedTo: 0 });
    expect(log.kept.map(({ sequence }) => sequence)).toEqual(Array.from({ length: 100 }, (_, n) => 151 + n));
    expect(eventsAfter(log, 248)).toEqual([
      { ...reminder(248), sequence: 249, at: 248 },
      { ...reminder(249), sequence: 250, at: 249 },
    ]);
  });

  it('never takes back what was handed over', () => {
    const log = handedOver(handedOver(noted(EMPTY_LOG, changes.slice(0, 3), 1), 3), 1);
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

  it('is sent with its type, its moment, the id that the receiver knows, its place and its own fields', () => {
    expect(wireEvent(event, 'customer-4711')).toEqual({
      type: 'onboarding.check.failed',
      timestamp: '2025-11-24T16:00:00.000Z',
      data: { id: 'customer-4711', sequence: 2, check: 'document', attempts: { failed: 1, limit: 3 } },
    });
  });

  it('is the same when the step that led to it was done again a moment later, and another with other content', () => {
    expect(identityOf({ ...event, at: event.at + 1 })).toBe(identityOf(event));
    expect(identityOf({ ...event, check: 'email' })).not.toBe(identityOf(event));
    expect(identityOf({ ...event, sequence: 3 })).not.toBe(identityOf(event));
  });
});
