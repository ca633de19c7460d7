import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CHECK_NAMES, type CheckName } from '../../domain/checks.js';
import { decide, type NextStep } from '../../domain/decide.js';
import { evolve } from '../../domain/evolve.js';
import { initialState, type ReverifyOptions, type State } from '../../domain/state.js';
import type { Transition } from '../../domain/transitions.js';
import { MINUTE_MS } from '../../shared/time.js';
import { CONTACT, policyWith } from './driver.js';
import { read, registered, validationReported } from './transitions.js';

const START = 1_000;
const REGISTERED_AT = START + 10;

/** A reverify of the checks that is registered, after the transitions. */
const reverified = (
  required: readonly CheckName[],
  options: ReverifyOptions,
  ...transitions: readonly Transition[]
) => {
  const request = { policy: policyWith({ required }), contact: CONTACT, appRegistrationId: 'first' };
  return [registered(REGISTERED_AT), ...transitions].reduce(evolve, initialState(request, START, options));
};

const stepAt = (state: State, at: number): NextStep['step'] => decide(state, at).step;

describe('an onboarding that verifies an applicant again', () => {
  it('a check passes only by a new validation, never by a former one', () => {
    const some = fc.subarray([...CHECK_NAMES], { minLength: 1 });
    fc.assert(
      fc.property(some, some, (chosen, renewed) => {
        const former = (check: CheckName) => `${check}-before`;
        const checks = Object.fromEntries(
          CHECK_NAMES.map((check) => {
            const validationId = renewed.includes(check) ? `${check}-new` : former(check);
            return [check, { result: 'passed' as const, validationId }];
          }),
        );
        const options = { formerValidationIds: chosen.map(former) };
        const state = reverified(chosen, options, read(START + MINUTE_MS, checks));
        for (const check of CHECK_NAMES) {
          const status = !chosen.includes(check) ? 'notRequired' : renewed.includes(check) ? 'passed' : 'pending';
          expect(state.checks[check].status).toBe(status);
        }
        const isComplete = chosen.every((check) => renewed.includes(check));
        expect(stepAt(state, START + MINUTE_MS + 1) === 'finalise').toBe(isComplete);
      }),
    );
  });

  const BEFORE = { formerValidationIds: ['document-before'] };

  it('a report about a former validation is stale', () => {
    const report = validationReported(START + MINUTE_MS, 'document', 'passed', 'document-before');
    const reported = reverified(['document'], BEFORE, report);
    expect(reported.checks.document.status).toBe('pending');
    expect(reported.reports).toMatchObject({ accepted: 0, stale: 1 });
  });

  it('a registration that Verifik completed with former validations goes to review', () => {
    const document = { result: 'passed', validationId: 'document-before' } as const;
    const state = reverified(['document'], BEFORE, read(START + MINUTE_MS, { document }, 'completed'));
    expect(state.checks.document.status).toBe('inReview');
  });

  it('an invited applicant gets one link after the registration, and later reminders as usual', () => {
    const invited = reverified(['document'], { invite: true });
    expect(stepAt(invited, REGISTERED_AT)).toBe('remind');
    const sent = evolve(invited, { type: 'ReminderTried', sent: true, at: START + 20 });
    expect(stepAt(sent, START + 20)).toBe('wait');
    expect(sent.reminders).toEqual({ sent: 1, unsent: 0, nextAt: START + 20 + sent.policy.reminders.afterMs });
  });

  it('an applicant who is not invited gets no link at once', () => {
    const quiet = reverified(['document'], { invite: false, formerValidationIds: ['x'] });
    expect(stepAt(quiet, REGISTERED_AT)).toBe('wait');
    expect(quiet.reminders).toEqual({ sent: 0, unsent: 0, nextAt: START + quiet.policy.reminders.afterMs });
  });

  it('a first onboarding has no void validations and no reminder sent', () => {
    const first = initialState({ policy: policyWith(), contact: CONTACT }, START);
    expect(first).toEqual(initialState({ policy: policyWith(), contact: CONTACT }, START, {}));
    expect(first.voidedValidationIds).toEqual([]);
  });
});
