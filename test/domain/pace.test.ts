import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CHECK_NAMES } from '../../domain/checks.js';
import { evolve } from '../../domain/evolve.js';
import { initialState } from '../../domain/state.js';
import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../../shared/time.js';
import {
  attempt,
  CONTACT,
  type Drive,
  drive,
  event,
  type Happening,
  policyWith,
  reported,
  toVendor,
} from './driver.js';
import { anyBehaviour, anyResult, anyStanding } from './lives.js';
import { type Behaviour, ModelVendor } from './model-vendor.js';

const RECREATES: Behaviour = { reRegistration: 'recreate', resendLink: true };

const readsOf = ({ turns }: Drive): readonly number[] =>
  turns.flatMap(({ next, now }) => (next.step === 'readVendor' ? [now] : []));

const live = (happenings: readonly Happening[], behaviour = RECREATES): Drive =>
  drive(new ModelVendor(behaviour), policyWith(), happenings);

const lieMoment = fc.oneof(
  fc.integer({ min: MINUTE_MS, max: 6 * 24 * HOUR_MS }),
  fc.integer({ min: MINUTE_MS, max: 2 * HOUR_MS }),
  fc.integer({ min: 40 * HOUR_MS, max: 40 * HOUR_MS + 30 * SECOND_MS }),
);

/** A report of something that never happened: of a check or of the registration, with and without an id, in words known or not. */
const aLie: fc.Arbitrary<Happening> = fc
  .tuple(lieMoment, fc.constantFrom(...CHECK_NAMES), anyResult, anyStanding, fc.constantFrom('check', 'word', 'whole'))
  .chain(([at, check, result, standing, kind]) => {
    if (kind === 'whole') return fc.constant(event(at, (now) => ({ type: 'RegistrationReported', at: now, standing })));
    if (kind === 'word')
      return fc.constant(
        event(at, (now) => ({
          type: 'ValidationReported',
          at: now,
          check,
          result: 'pending',
          unknownWord: 'TELEPORTED',
        })),
      );
    return fc
      .option(fc.integer({ max: 9 }), { nil: undefined })
      .map((n) => reported(at, check, result, n === undefined ? 'none' : { validationId: `forged-${n}` }));
  });

describe('a forged report', () => {
  it('costs one read at most, puts off none that there would have been, and changes no outcome', () => {
    fc.assert(
      fc.property(
        anyBehaviour,
        fc.array(fc.constantFrom(...CHECK_NAMES), { maxLength: 3 }),
        fc.array(aLie, { maxLength: 30 }),
        (behaviour, passed, lies) => {
          const truth = passed.map((check) => attempt(SECOND_MS, check, 'passed'));
          const honest = live(truth, behaviour);
          const lied = live([...truth, ...lies], behaviour);
          const [anyway, made] = [readsOf(honest), readsOf(lied)];
          expect(made.length).toBeLessThanOrEqual(anyway.length + lies.length);
          for (const [index, at] of anyway.entries()) expect(made[index]).toBeLessThan(at + MINUTE_MS);
          expect(lied.decision.outcome).toBe(honest.decision.outcome);
        },
      ),
      { numRuns: 100 },
    );
  });

  it.each([
    ['that the vendor is asked about at once', (at: number) => reported(at, 'document', 'failed', 'none')],
    ['that can wait', (at: number) => reported(at, 'email', 'passed', 'none')],
    ['that claims nothing', (at: number) => reported(at, 'email', 'pending', 'none')],
  ])('%s leaves the reconcile its pace', (_which, lie) => {
    const at = 40 * HOUR_MS;
    const after = readsOf(live([lie(at)])).filter((moment) => moment >= at);
    expect((after[0] ?? 0) - at).toBeLessThan(6 * MINUTE_MS);
    expect((after[1] ?? 0) - (after[0] ?? 0)).toBeGreaterThan(5 * HOUR_MS);
  });
});

describe('a true report', () => {
  const at = 40 * HOUR_MS;

  it('is heard where the same was a lie before', () => {
    const claim = (moment: number) =>
      event(moment, (now) => ({ type: 'RegistrationReported', at: now, standing: 'failed' }));
    const truth = toVendor(at, (vendor) => {
      vendor.standing = 'failed';
    });
    const { decision } = live([claim(at - HOUR_MS), truth, claim(at)]);
    expect(decision).toMatchObject({ outcome: 'rejected', reason: 'failedAtVendor' });
    expect(decision.decidedAt - at).toBeLessThan(6 * MINUTE_MS);
  });
});

describe('reminders', () => {
  const remindersOf = ({ entries }: Drive): readonly number[] =>
    entries.flatMap(({ event: { type, at } }) => (type === 'ReminderSent' ? [at] : []));
  const day = 24 * HOUR_MS;

  it('are not put off by whoever goes on reporting what is not so', () => {
    const lies = Array.from({ length: 13 }, (_, n) => reported((n + 1) * 10 * HOUR_MS, 'email', 'passed', 'none'));
    expect(remindersOf(live(lies)).map((at) => Math.round(at / day))).toEqual([1, 2]);
  });

  it('wait for a day after what the applicant has done, whoever tells of it', () => {
    const done = attempt(20 * HOUR_MS, 'email', 'passed');
    const [first] = remindersOf(live([done, reported(20 * HOUR_MS, 'email', 'passed')]));
    expect(first).toBeGreaterThan(44 * HOUR_MS);
    expect(first).toBeLessThan(45 * HOUR_MS);
    expect(remindersOf(live([done]))[0]).toBeGreaterThan(44 * HOUR_MS);
  });
});

describe('what a read has moved', () => {
  const at = 40 * HOUR_MS;
  const silent = at + 7 * MINUTE_MS;
  const foundWithin = ({ entries }: Drive, check: 'email' | 'phone', since: number): number => {
    const found = entries.find(({ after }) => after.checks[check].status === 'passed');
    return (found?.event.at ?? Number.POSITIVE_INFINITY) - since;
  };

  it.each(['reported', 'not reported'])('is soon followed by another look, where it was %s', (how) => {
    const told = how === 'reported' ? [reported(at, 'email', 'passed')] : [];
    const life = live([attempt(at, 'email', 'passed'), ...told, attempt(silent, 'phone', 'passed')]);
    const [first, next] = [foundWithin(life, 'email', at), foundWithin(life, 'phone', silent)];
    if (how === 'reported') expect([first, next].every((ms) => ms < 6 * MINUTE_MS)).toBe(true);
    const reads = readsOf(life);
    const found = reads.findIndex((moment) => moment >= at);
    expect((reads[found + 1] ?? 0) - (reads[found] ?? 0)).toBeLessThan(6 * MINUTE_MS);
  });
});

describe('an onboarding from before', () => {
  it('goes back to the fastest pace with each report, as its history has it', () => {
    const initial = initialState({ policy: policyWith(), contact: CONTACT }, 0);
    const slow = { ...initial, reconcile: { intervalMs: 6 * HOUR_MS, nextAt: 12 * HOUR_MS } };
    const { reconcile } = evolve(slow, { type: 'ValidationReported', at: HOUR_MS, check: 'email', result: 'pending' });
    expect(reconcile).toEqual({ intervalMs: 5 * MINUTE_MS, nextAt: HOUR_MS + 5 * MINUTE_MS });
  });
});
