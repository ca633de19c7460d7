import { describe, expect, it } from 'vitest';
import { CHECK_NAMES } from '../../domain/checks.js';
import { decide } from '../../domain/decide.js';
import { evolve } from '../../domain/evolve.js';
import type { State } from '../../domain/state.js';
import type { Transition } from '../../domain/transitions.js';
import { CONTACT } from './driver.js';
import {
  everyCheck,
  read,
  registered,
  reRegistrationRequested,
  resumed,
  stateAfter,
  stateWith,
  validationReported,
} from './transitions.js';

const statuses = (state: State) => CHECK_NAMES.map((name) => state.checks[name].status);

const PASSED = [registered(1), read(2, everyCheck('passed'))] as const;

describe('a read', () => {
  it('a read that returns another registration changes no check and is not repeated at once', () => {
    const other = read(10_000, everyCheck('passed'), 'inProgress', { appRegistrationId: 'other', upToSerial: 1 });
    const state = stateAfter(registered(1), validationReported(2, 'email', 'failed'), other);
    expect(statuses(state)).toEqual(['pending', 'pending', 'pending', 'pending']);
    expect(decide(state, 20_000).step).toBe('wait');
    expect(state.recentProblems).toEqual(['appRegistrationId (expected the one that was asked for)']);
  });

  it('a read with an unknown status word passes no check, and the problem names the word', () => {
    const document = { result: 'pending', validationId: 'document-1', unknownWord: 'BEATIFIED' } as const;
    const state = stateAfter(registered(1), read(2, { ...everyCheck('passed'), document }));
    expect(statuses(state)).toEqual(['passed', 'passed', 'pending', 'passed']);
    expect(state.recentProblems).toEqual(['document: unknown status word BEATIFIED at the vendor']);
  });
});

describe('a re-registration', () => {
  it("after 700 re-registrations the remembered ids still fit Temporal's limits and include the latest", () => {
    const rounds = Array.from({ length: 700 }, (_, n): readonly Transition[] => {
      const [at, id] = [10 * n, `${n}`.padStart(64, '0')];
      return [
        registered(at, id),
        read(at, { email: { result: 'failed', validationId: id } }, 'inProgress', { appRegistrationId: id }),
        validationReported(at, 'phone', 'passed', id),
        reRegistrationRequested(at),
      ];
    });
    const state = stateAfter(...rounds.flat(), registered(7_000, 'last'));
    expect(JSON.stringify(['last', ...state.formerRegistrationIds]).length).toBeLessThan(2_048);
    const { voidedValidationIds, doubtedValidationIds } = state;
    expect(JSON.stringify({ voidedValidationIds, doubtedValidationIds }).length).toBeLessThan(100_000);
    for (const ids of [state.formerRegistrationIds, voidedValidationIds, doubtedValidationIds])
      expect(ids?.at(-1)).toBe('699'.padStart(64, '0'));
  });

  it.each(['first', 'second'])(
    'recreating the registration (as %s) makes email and phone pending and keeps the other checks',
    (id) => {
      const state = stateAfter(...PASSED, reRegistrationRequested(3), registered(4, id));
      expect(statuses(state)).toEqual(['pending', 'pending', 'passed', 'passed']);
      expect(state).toMatchObject({ generation: 2, formerRegistrationIds: id === 'first' ? [] : ['first'] });
    },
  );

  it('a recreated registration without pending checks is read at once', () => {
    const state = stateWith({ required: ['document'] }, ...PASSED, reRegistrationRequested(3), registered(4));
    expect(decide(state, 10_000)).toMatchObject({ step: 'readVendor', why: 'confirm' });
  });

  it('resuming the registration keeps every check', () => {
    const state = stateAfter(...PASSED, reRegistrationRequested(3), resumed(4));
    expect(statuses(state)).toEqual(['passed', 'passed', 'passed', 'passed']);
    expect(state.generation).toBe(2);
  });

  it('a registration resumed after a lost recreation is read before a decision', () => {
    const state = stateAfter(...PASSED, reRegistrationRequested(3), resumed(4, 'first', true));
    expect(decide(state, 10_000)).toMatchObject({ step: 'readVendor', why: 'confirm' });
  });

  it('a new registration after Verifik has lost the former one makes every check pending', () => {
    const state = stateAfter(...PASSED, { type: 'RegistrationNotFound', at: 3 }, registered(4, 'second'));
    expect(statuses(state)).toEqual(['pending', 'pending', 'pending', 'pending']);
  });

  it('voided validations do not count, neither in reports nor in reads', () => {
    const again = [...PASSED, reRegistrationRequested(3), registered(4)];
    const late = [validationReported(5, 'email', 'passed', 'email-1'), read(6, everyCheck('passed'))];
    const state = stateAfter(...again, ...late);
    expect(statuses(state)).toEqual(['pending', 'pending', 'passed', 'passed']);
    expect(state.reports.stale).toBe(1);
  });

  it("a validation reported before the registration's answer counts once it is read", () => {
    const early = validationReported(4, 'email', 'passed', 'email-2');
    const again = stateAfter(registered(1), reRegistrationRequested(3), early, registered(5));
    expect(again.checks.email).toMatchObject({ status: 'pending' });
    expect(again.unconfirmedReports).toEqual([]);
    const passed = read(6, { email: { result: 'passed', validationId: 'email-2' } }, 'inProgress', { upToSerial: 1 });
    expect(evolve(again, passed).checks.email.status).toBe('passed');
  });

  it('failed attempts still count after a re-registration', () => {
    const failed = read(2, { email: { result: 'failed', validationId: 'email-1', failedAttempts: ['email-1'] } });
    const state = stateAfter(registered(1), failed, reRegistrationRequested(3), registered(4));
    expect(state.checks.email).toMatchObject({ status: 'pending', failedValidations: ['email-1'] });
  });

  it('a new contact that Verifik rejects is reverted', () => {
    const contact = { ...CONTACT, email: 'new@example.com' };
    const asked = stateAfter(...PASSED, reRegistrationRequested(3, contact));
    expect(asked.contact).toEqual(contact);
    expect(decide(asked, 4)).toMatchObject({ step: 'register', why: 'requested', contactChanged: true });
    const refused = evolve(asked, { type: 'ReRegistrationRefused', at: 5 });
    expect(refused).toMatchObject({ contact: CONTACT, generation: 1, progress: { phase: 'validating' } });
  });
});
