import { describe, expect, it } from 'vitest';
import { CHECK_NAMES, perCheck } from '../../domain/checks.js';
import { decide } from '../../domain/decide.js';
import { evolve } from '../../domain/evolve.js';
import { initialState, type State } from '../../domain/state.js';
import type { Transition, TransitionOf } from '../../domain/transitions.js';
import { CONTACT, policyWith } from './driver.js';

const token = { token: 'secret-token', expiresAt: 7_200_000 };

const stateAfter = (...events: Transition[]): State =>
  events.reduce(evolve, initialState({ policy: policyWith(), contact: CONTACT }, 0));

const registered = (at: number, appRegistrationId: string): Transition => ({
  type: 'Registered',
  at,
  appRegistrationId,
  token,
});

const allPassed = (at: number, appRegistrationId: string): TransitionOf<'VendorRead'> => ({
  type: 'VendorRead',
  at,
  upToSerial: 0,
  vendorRegistration: {
    appRegistrationId,
    status: 'inProgress',
    checks: perCheck((name) => ({ result: 'passed' as const, validationId: `${name}-1` })),
    comparison: 'match',
  },
});

const statuses = (state: State) => CHECK_NAMES.map((name) => state.checks[name].status);

const PASSED = [registered(1, 'first'), allPassed(2, 'first')] as const;

describe('a read', () => {
  it('a read that returns another registration changes no check and is not repeated at once', () => {
    const reported: Transition = { type: 'ValidationReported', at: 2, check: 'email', result: 'failed' };
    const state = stateAfter(registered(1, 'first'), reported, { ...allPassed(10_000, 'other'), upToSerial: 1 });
    expect(statuses(state)).toEqual(['pending', 'pending', 'pending', 'pending']);
    expect(decide(state, 20_000).step).toBe('wait');
    expect(state.recentProblems).toEqual(['appRegistrationId (expected the one that was asked for)']);
  });
});

describe('a re-registration', () => {
  it("after 700 re-registrations the remembered ids still fit Temporal's limits and include the latest", () => {
    const rounds = Array.from({ length: 700 }, (_, n): readonly Transition[] => {
      const [at, id] = [10 * n, `${n}`.padStart(64, '0')];
      const vendorRegistration = {
        ...allPassed(at, id).vendorRegistration,
        checks: { email: { result: 'failed', validationId: id } as const },
      };
      const report = { type: 'ValidationReported', at, check: 'phone', result: 'passed', validationId: id } as const;
      return [
        registered(at, id),
        { type: 'VendorRead', at, upToSerial: 0, vendorRegistration },
        report,
        { type: 'ReRegistrationRequested', at },
      ];
    });
    const start = initialState({ policy: policyWith(), contact: CONTACT }, 0);
    const state = [...rounds.flat(), registered(7_000, 'last')].reduce(evolve, start);
    expect(JSON.stringify(['last', ...state.formerRegistrationIds]).length).toBeLessThan(2_048);
    const { voidedValidationIds, doubtedValidationIds } = state;
    expect(JSON.stringify({ voidedValidationIds, doubtedValidationIds }).length).toBeLessThan(100_000);
    for (const ids of [state.formerRegistrationIds, voidedValidationIds, doubtedValidationIds])
      expect(ids?.at(-1)).toBe('699'.padStart(64, '0'));
  });

  it.each(['first', 'second'])(
    'recreating the registration (as %s) makes email and phone pending and keeps the other checks',
    (id) => {
      const state = stateAfter(...PASSED, { type: 'ReRegistrationRequested', at: 3 }, registered(4, id));
      expect(statuses(state)).toEqual(['pending', 'pending', 'passed', 'passed']);
      expect(state).toMatchObject({ generation: 2, formerRegistrationIds: id === 'first' ? [] : ['first'] });
    },
  );

  it('a recreated registration without pending checks is read at once', () => {
    const start = initialState({ policy: policyWith({ required: ['document'] }), contact: CONTACT }, 0);
    const again: readonly Transition[] = [{ type: 'ReRegistrationRequested', at: 3 }, registered(4, 'first')];
    const state = [...PASSED, ...again].reduce(evolve, start);
    expect(decide(state, 10_000)).toMatchObject({ step: 'readVendor', why: 'confirm' });
  });

  it('resuming the registration keeps every check', () => {
    const resumed: Transition = { type: 'RegistrationResumed', at: 4, appRegistrationId: 'first', token };
    const state = stateAfter(...PASSED, { type: 'ReRegistrationRequested', at: 3 }, resumed);
    expect(statuses(state)).toEqual(['passed', 'passed', 'passed', 'passed']);
    expect(state.generation).toBe(2);
  });

  it('a registration resumed after a lost recreation is read before a decision', () => {
    const resumed: Transition = {
      type: 'RegistrationResumed',
      at: 4,
      appRegistrationId: 'first',
      token,
      recheck: true,
    };
    const state = stateAfter(...PASSED, { type: 'ReRegistrationRequested', at: 3 }, resumed);
    expect(decide(state, 10_000)).toMatchObject({ step: 'readVendor', why: 'confirm' });
  });

  it('a new registration after Verifik has lost the former one makes every check pending', () => {
    const state = stateAfter(...PASSED, { type: 'RegistrationNotFound', at: 3 }, registered(4, 'second'));
    expect(statuses(state)).toEqual(['pending', 'pending', 'pending', 'pending']);
  });

  it('voided validations do not count, neither in reports nor in reads', () => {
    const again = stateAfter(...PASSED, { type: 'ReRegistrationRequested', at: 3 }, registered(4, 'first'));
    const late: Transition = {
      type: 'ValidationReported',
      at: 5,
      check: 'email',
      result: 'passed',
      validationId: 'email-1',
    };
    const state = [late, allPassed(6, 'first')].reduce(evolve, again);
    expect(statuses(state)).toEqual(['pending', 'pending', 'passed', 'passed']);
    expect(state.reports.stale).toBe(1);
  });

  it("a validation reported before the registration's answer counts once it is read", () => {
    const early: Transition = {
      type: 'ValidationReported',
      at: 4,
      check: 'email',
      result: 'passed',
      validationId: 'email-2',
    };
    const asked: Transition = { type: 'ReRegistrationRequested', at: 3 };
    const again = stateAfter(registered(1, 'first'), asked, early, registered(5, 'first'));
    expect(again.checks.email).toMatchObject({ status: 'pending' });
    expect(again.unconfirmedReports).toEqual([]);
    const read: Transition = {
      type: 'VendorRead',
      at: 6,
      upToSerial: 1,
      vendorRegistration: {
        appRegistrationId: 'first',
        status: 'inProgress',
        checks: { email: { result: 'passed', validationId: 'email-2' } },
      },
    };
    expect(evolve(again, read).checks.email.status).toBe('passed');
  });

  it('failed attempts still count', () => {
    const failed: Transition = {
      type: 'VendorRead',
      at: 2,
      upToSerial: 0,
      vendorRegistration: {
        appRegistrationId: 'first',
        status: 'inProgress',
        checks: { email: { result: 'failed', validationId: 'email-1', failedAttempts: ['email-1'] } },
      },
    };
    const state = stateAfter(
      registered(1, 'first'),
      failed,
      { type: 'ReRegistrationRequested', at: 3 },
      registered(4, 'first'),
    );
    expect(state.checks.email).toMatchObject({ status: 'pending', failedValidations: ['email-1'] });
  });

  it('a new contact that Verifik rejects is reverted', () => {
    const contact = { ...CONTACT, email: 'new@example.com' };
    const asked = stateAfter(...PASSED, { type: 'ReRegistrationRequested', at: 3, contact });
    expect(asked.contact).toEqual(contact);
    expect(decide(asked, 4)).toMatchObject({ step: 'register', why: 'requested', contactChanged: true });
    const refused = evolve(asked, { type: 'ReRegistrationRefused', at: 5 });
    expect(refused).toMatchObject({ contact: CONTACT, generation: 1, progress: { phase: 'validating' } });
  });
});
