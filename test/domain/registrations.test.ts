import { describe, expect, it } from 'vitest';
import { CHECK_NAMES, perCheck } from '../../domain/checks.js';
import { decide } from '../../domain/decide.js';
import type { Event, EventOf } from '../../domain/events.js';
import { evolve } from '../../domain/evolve.js';
import { initialState, type State } from '../../domain/state.js';
import { CONTACT, policyWith } from './driver.js';

const token = { value: 'secret-token', expiresAt: 7_200_000 };

const stateAfter = (...events: Event[]): State =>
  events.reduce(evolve, initialState({ policy: policyWith(), contact: CONTACT }, 0));

const registered = (at: number, appRegistrationId: string): Event => ({
  type: 'Registered',
  at,
  appRegistrationId,
  token,
});

const allPassed = (at: number, appRegistrationId: string): EventOf<'VendorRead'> => ({
  type: 'VendorRead',
  at,
  upToClaim: 0,
  reading: {
    appRegistrationId,
    standing: 'inProgress',
    checks: perCheck((name) => ({ result: 'passed' as const, validationId: `${name}-1` })),
  },
});

const statuses = (state: State) => CHECK_NAMES.map((name) => state.checks[name].status);

const PASSED = [registered(1, 'first'), allPassed(2, 'first')] as const;

describe('a read', () => {
  it('of another registration than the one that was asked for changes no check and is not repeated at once', () => {
    const claimed: Event = { type: 'ValidationReported', at: 2, check: 'email', result: 'failed' };
    const state = stateAfter(registered(1, 'first'), claimed, { ...allPassed(10_000, 'other'), upToClaim: 1 });
    expect(statuses(state)).toEqual(['pending', 'pending', 'pending', 'pending']);
    expect(decide(state, 20_000).step).toBe('wait');
    expect(state.recentProblems).toEqual(['appRegistrationId (expected the one that was asked for)']);
  });
});

describe('after a registration was made again', () => {
  it('more often than anyone would, what is remembered of former ones still fits into Temporal, the latest first of all', () => {
    const rounds = Array.from({ length: 700 }, (_, n): readonly Event[] => {
      const [at, id] = [10 * n, `${n}`.padStart(64, '0')];
      const reading = {
        ...allPassed(at, id).reading,
        checks: { email: { result: 'failed', validationId: id } as const },
      };
      const claim = { type: 'ValidationReported', at, check: 'phone', result: 'passed', validationId: id } as const;
      return [
        registered(at, id),
        { type: 'VendorRead', at, upToClaim: 0, reading },
        claim,
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
    'by recreating it (as %s), email and phone are pending, and the rest is to be read again',
    (id) => {
      const state = stateAfter(...PASSED, { type: 'ReRegistrationRequested', at: 3 }, registered(4, id));
      expect(statuses(state)).toEqual(['pending', 'pending', 'passed', 'passed']);
      expect(state).toMatchObject({ generation: 2, formerRegistrationIds: id === 'first' ? [] : ['first'] });
    },
  );

  it('what is left of what had passed is read at once, as nothing else is to be done', () => {
    const start = initialState({ policy: policyWith({ required: ['document'] }), contact: CONTACT }, 0);
    const again: readonly Event[] = [{ type: 'ReRegistrationRequested', at: 3 }, registered(4, 'first')];
    const state = [...PASSED, ...again].reduce(evolve, start);
    expect(decide(state, 10_000)).toMatchObject({ step: 'readVendor', why: 'confirm' });
  });

  it('by resuming it, everything stays', () => {
    const resumed: Event = { type: 'RegistrationResumed', at: 4, appRegistrationId: 'first', token };
    const state = stateAfter(...PASSED, { type: 'ReRegistrationRequested', at: 3 }, resumed);
    expect(statuses(state)).toEqual(['passed', 'passed', 'passed', 'passed']);
    expect(state.generation).toBe(2);
  });

  it('by resuming what a lost recreation may have touched, nothing ends before it has been read again', () => {
    const resumed: Event = { type: 'RegistrationResumed', at: 4, appRegistrationId: 'first', token, recheck: true };
    const state = stateAfter(...PASSED, { type: 'ReRegistrationRequested', at: 3 }, resumed);
    expect(decide(state, 10_000)).toMatchObject({ step: 'readVendor', why: 'confirm' });
  });

  it('because the vendor had forgotten it, everything is pending', () => {
    const state = stateAfter(...PASSED, { type: 'RegistrationGone', at: 3 }, registered(4, 'second'));
    expect(statuses(state)).toEqual(['pending', 'pending', 'pending', 'pending']);
  });

  it('validations from before count no more, neither from reports nor from a read', () => {
    const again = stateAfter(...PASSED, { type: 'ReRegistrationRequested', at: 3 }, registered(4, 'first'));
    const late: Event = {
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

  it('a validation that was reported before the answer came counts once it is read', () => {
    const early: Event = {
      type: 'ValidationReported',
      at: 4,
      check: 'email',
      result: 'passed',
      validationId: 'email-2',
    };
    const asked: Event = { type: 'ReRegistrationRequested', at: 3 };
    const again = stateAfter(registered(1, 'first'), asked, early, registered(5, 'first'));
    expect(again.checks.email).toMatchObject({ status: 'pending', claims: [] });
    const read: Event = {
      type: 'VendorRead',
      at: 6,
      upToClaim: 1,
      reading: {
        appRegistrationId: 'first',
        standing: 'inProgress',
        checks: { email: { result: 'passed', validationId: 'email-2' } },
      },
    };
    expect(evolve(again, read).checks.email.status).toBe('passed');
  });

  it('attempts that had failed still count', () => {
    const failed: Event = {
      type: 'VendorRead',
      at: 2,
      upToClaim: 0,
      reading: {
        appRegistrationId: 'first',
        standing: 'inProgress',
        checks: { email: { result: 'failed', validationId: 'email-1' } },
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

  it('a contact that the vendor refuses is taken back', () => {
    const contact = { ...CONTACT, email: 'new@example.com' };
    const asked = stateAfter(...PASSED, { type: 'ReRegistrationRequested', at: 3, contact });
    expect(asked.contact).toEqual(contact);
    expect(decide(asked, 4)).toMatchObject({ step: 'register', why: 'requested', contactChanged: true });
    const refused = evolve(asked, { type: 'ReRegistrationRefused', at: 5 });
    expect(refused).toMatchObject({ contact: CONTACT, generation: 1, progress: { phase: 'validating' } });
  });
});
