import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CHECK_NAMES, type CheckName } from '../../domain/checks.js';
import { decide, type NextStep } from '../../domain/decide.js';
import { evolve } from '../../domain/evolve.js';
import { initialState, type ReverifyOptions, type State } from '../../domain/state.js';
import type { Transition } from '../../domain/transitions.js';
import type { VendorRegistration } from '../../domain/vendor-registration.js';
import { HOUR_MS, MINUTE_MS } from '../../shared/time.js';
import { CONTACT, policyWith } from './driver.js';

const ID = 'registration-1';
const START = 1_000;

const started = (checks: readonly CheckName[], again: ReverifyOptions): State =>
  initialState({ policy: policyWith({ required: checks }), contact: CONTACT, appRegistrationId: ID }, START, again);

const apply = (state: State, ...transitions: readonly Transition[]): State => transitions.reduce(evolve, state);

const registered = (at = START + 10): Transition => ({
  type: 'Registered',
  at,
  appRegistrationId: ID,
  token: { token: 'secret-token', expiresAt: at + 2 * HOUR_MS },
});

/** A read in which these validations have passed. */
const read = (passed: Readonly<Partial<Record<CheckName, string>>>, at: number): Transition => {
  const checks: VendorRegistration['checks'] = Object.fromEntries(
    Object.entries(passed).map(([check, validationId]) => [check, { result: 'passed', validationId }]),
  );
  const vendorRegistration = { appRegistrationId: ID, status: 'inProgress', checks, comparison: 'match' } as const;
  return { type: 'VendorRead', at, vendorRegistration, upToSerial: 0 };
};

const stepAt = (state: State, at: number): NextStep['step'] => decide(state, at).step;

describe('an onboarding that verifies an applicant again', () => {
  it('a check passes only by a new validation, never by a former one', () => {
    const some = fc.subarray([...CHECK_NAMES], { minLength: 1 });
    fc.assert(
      fc.property(some, some, (chosen, renewed) => {
        const former = (check: CheckName) => `${check}-before`;
        const state = apply(
          started(chosen, { formerValidationIds: chosen.map(former) }),
          registered(),
          read(
            Object.fromEntries(
              CHECK_NAMES.map((check) => [check, renewed.includes(check) ? `${check}-new` : former(check)]),
            ),
            START + MINUTE_MS,
          ),
        );
        for (const check of CHECK_NAMES) {
          const status = !chosen.includes(check) ? 'notRequired' : renewed.includes(check) ? 'passed' : 'pending';
          expect(state.checks[check].status).toBe(status);
        }
        const isComplete = chosen.every((check) => renewed.includes(check));
        expect(stepAt(state, START + MINUTE_MS + 1) === 'finalise').toBe(isComplete);
      }),
    );
  });

  it('a report about a former validation is stale', () => {
    const before = apply(started(['document'], { formerValidationIds: ['document-before'] }), registered());
    const reported = apply(before, {
      type: 'ValidationReported',
      at: START + MINUTE_MS,
      check: 'document',
      result: 'passed',
      validationId: 'document-before',
    });
    expect(reported.checks.document.status).toBe('pending');
    expect(reported.reports).toMatchObject({ accepted: 0, stale: 1 });
  });

  it('a registration that Verifik completed with former validations goes to review', () => {
    const state = apply(started(['document'], { formerValidationIds: ['document-before'] }), registered(), {
      type: 'VendorRead',
      at: START + MINUTE_MS,
      vendorRegistration: {
        appRegistrationId: ID,
        status: 'completed',
        checks: { document: { result: 'passed', validationId: 'document-before' } },
      },
      upToSerial: 0,
    });
    expect(state.checks.document.status).toBe('inReview');
  });

  it('an invited applicant gets one link after the registration, and later reminders as usual', () => {
    const invited = apply(started(['document'], { invite: true }), registered());
    expect(stepAt(started(['document'], { invite: true }), START)).toBe('register');
    expect(stepAt(invited, START + 10)).toBe('remind');
    const sent = apply(invited, { type: 'ReminderSent', at: START + 20 });
    expect(stepAt(sent, START + 20)).toBe('wait');
    expect(sent.reminders).toEqual({ sent: 1, nextAt: START + 20 + sent.policy.reminders.afterMs });
  });

  it('an applicant who is not invited gets no link at once', () => {
    const quiet = apply(started(['document'], { invite: false, formerValidationIds: ['x'] }), registered());
    expect(stepAt(quiet, START + 10)).toBe('wait');
    expect(quiet.reminders).toEqual({ sent: 0, nextAt: START + quiet.policy.reminders.afterMs });
  });

  it('a first onboarding has no void validations and no reminder sent', () => {
    const first = initialState({ policy: policyWith(), contact: CONTACT }, START);
    expect(first).toEqual(initialState({ policy: policyWith(), contact: CONTACT }, START, {}));
    expect(first.voidedValidationIds).toEqual([]);
  });
});
