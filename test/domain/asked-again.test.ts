import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CHECK_NAMES, type CheckName } from '../../domain/checks.js';
import { decide, type NextStep } from '../../domain/decide.js';
import type { Event } from '../../domain/events.js';
import { evolve } from '../../domain/evolve.js';
import type { RegistrationReading } from '../../domain/reading.js';
import { type AskedAgain, initialState, type State } from '../../domain/state.js';
import { HOUR_MS, MINUTE_MS } from '../../shared/time.js';
import { CONTACT, policyWith } from './driver.js';

const ID = 'registration-1';
const START = 1_000;

const begun = (checks: readonly CheckName[], again: AskedAgain): State =>
  initialState({ policy: policyWith({ required: checks }), contact: CONTACT, appRegistrationId: ID }, START, again);

const through = (state: State, ...events: readonly Event[]): State => events.reduce(evolve, state);

const registered = (at = START + 10): Event => ({
  type: 'Registered',
  at,
  appRegistrationId: ID,
  token: { value: 'secret-token', expiresAt: at + 2 * HOUR_MS },
});

/** The vendor's word on each check: the validation that has passed. */
const read = (passed: Readonly<Partial<Record<CheckName, string>>>, at: number): Event => {
  const checks: RegistrationReading['checks'] = Object.fromEntries(
    Object.entries(passed).map(([check, validationId]) => [check, { result: 'passed', validationId }]),
  );
  const reading = { appRegistrationId: ID, standing: 'inProgress', checks } as const;
  return { type: 'VendorRead', at, reading, upToClaim: 0 };
};

/** What is done next, at the moment itself. */
const stepAt = (state: State, at: number): NextStep['step'] => decide(state, at).step;

describe('an applicant who is asked again', () => {
  it('passes a check by a validation that is new, and never by one from before', () => {
    const some = fc.subarray([...CHECK_NAMES], { minLength: 1 });
    fc.assert(
      fc.property(some, some, (chosen, anew) => {
        const former = (check: CheckName) => `${check}-before`;
        const state = through(
          begun(chosen, { formerValidationIds: chosen.map(former) }),
          registered(),
          read(
            Object.fromEntries(
              CHECK_NAMES.map((check) => [check, anew.includes(check) ? `${check}-new` : former(check)]),
            ),
            START + MINUTE_MS,
          ),
        );
        for (const check of CHECK_NAMES) {
          const status = !chosen.includes(check) ? 'notRequired' : anew.includes(check) ? 'passed' : 'pending';
          expect(state.checks[check].status).toBe(status);
        }
        const isThrough = chosen.every((check) => anew.includes(check));
        expect(stepAt(state, START + MINUTE_MS + 1) === 'finalise').toBe(isThrough);
      }),
    );
  });

  it('is not helped by a report of a validation from before', () => {
    const before = through(begun(['document'], { formerValidationIds: ['document-before'] }), registered());
    const reported = through(before, {
      type: 'ValidationReported',
      at: START + MINUTE_MS,
      check: 'document',
      result: 'passed',
      validationId: 'document-before',
    });
    expect(reported.checks.document.status).toBe('pending');
    expect(reported.reports).toMatchObject({ accepted: 0, stale: 1 });
  });

  it('is left to people where the vendor has closed the registration by what was there before', () => {
    const state = through(begun(['document'], { formerValidationIds: ['document-before'] }), registered(), {
      type: 'VendorRead',
      at: START + MINUTE_MS,
      reading: {
        appRegistrationId: ID,
        standing: 'completed',
        checks: { document: { result: 'passed', validationId: 'document-before' } },
      },
      upToClaim: 0,
    });
    expect(state.checks.document.status).toBe('inReview');
  });

  it('is sent a link as soon as they are registered where they are invited, once, and is reminded later as others are', () => {
    const invited = through(begun(['document'], { invite: true }), registered());
    expect(stepAt(begun(['document'], { invite: true }), START)).toBe('register');
    expect(stepAt(invited, START + 10)).toBe('remind');
    const sent = through(invited, { type: 'ReminderSent', at: START + 20 });
    expect(stepAt(sent, START + 20)).toBe('wait');
    expect(sent.reminders).toEqual({ sent: 1, nextAt: START + 20 + sent.policy.reminders.afterMs });
  });

  it('is sent nothing at once where they are not invited', () => {
    const quiet = through(begun(['document'], { invite: false, formerValidationIds: ['x'] }), registered());
    expect(stepAt(quiet, START + 10)).toBe('wait');
    expect(quiet.reminders).toEqual({ sent: 0, nextAt: START + quiet.policy.reminders.afterMs });
  });

  it('begins with nothing void and nothing sent where nobody has been through before', () => {
    const first = initialState({ policy: policyWith(), contact: CONTACT }, START);
    expect(first).toEqual(initialState({ policy: policyWith(), contact: CONTACT }, START, {}));
    expect(first.voidedValidationIds).toEqual([]);
  });
});
