import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CHECK_NAMES } from '../../domain/checks.js';
import { READ_GAP_MS } from '../../domain/policy.js';
import type { RegistrationStanding } from '../../domain/reading.js';
import { initialState } from '../../domain/state.js';
import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../../shared/time.js';
import {
  ANSWER_MS,
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
import { anyBehaviour, anyStanding } from './lives.js';
import { ModelVendor } from './model-vendor.js';

const vendor = () => new ModelVendor({ reRegistration: 'recreate', resendLink: true });

const claimed = (at: number, standing: RegistrationStanding, appRegistrationId?: string): Happening =>
  event(at, (now) => ({
    type: 'RegistrationReported',
    at: now,
    standing,
    ...(appRegistrationId === undefined ? {} : { appRegistrationId }),
  }));

const becomes = (at: number, standing: RegistrationStanding): Happening =>
  toVendor(at, (model) => {
    model.standing = standing;
  });

const confirmingReads = ({ turns }: Drive): readonly number[] =>
  turns.flatMap(({ next, now }) => (next.step === 'readVendor' && next.why === 'confirm' ? [now] : []));

describe('a report about the registration as a whole', () => {
  it('makes the vendor be read at once where it tells something new, and never by itself decides', () => {
    const life = drive(vendor(), policyWith(), [becomes(HOUR_MS, 'failed'), claimed(HOUR_MS, 'failed')]);
    expect(confirmingReads(life)).toEqual([HOUR_MS + ANSWER_MS]);
    expect(life.decision).toMatchObject({ outcome: 'rejected', reason: 'failedAtVendor' });

    const lie = drive(vendor(), policyWith(), [claimed(HOUR_MS, 'failed')]);
    expect(confirmingReads(lie)).toHaveLength(1);
    expect(lie.decision.outcome).toBe('expired');
  });

  it('that is not so costs one read, however often it is repeated, with and without the id', () => {
    const repeats = Array.from({ length: 50 }, (_, n) =>
      claimed(HOUR_MS + n * 7 * SECOND_MS, 'completed', n % 2 === 0 ? undefined : 'registration-1'),
    );
    const life = drive(vendor(), policyWith(), repeats);
    expect(confirmingReads(life)).toHaveLength(1);
    expect(life.state.reports).toMatchObject({ accepted: 1, repeated: 49 });
  });

  it('costs, whatever is made up, no more reads than there are standings to claim', () => {
    fc.assert(
      fc.property(
        anyBehaviour,
        fc.array(fc.tuple(fc.integer({ min: 1_000, max: 40 * HOUR_MS }), anyStanding), { maxLength: 60 }),
        (how, lies) => {
          const life = drive(
            new ModelVendor(how),
            policyWith(),
            lies.map(([at, standing]) => claimed(at, standing)),
          );
          const made = new Set(lies.map(([, standing]) => standing).filter((one) => one !== 'unknown'));
          expect(confirmingReads(life).length).toBeLessThanOrEqual(made.size);
          expect(life.decision.outcome).toBe('expired');
        },
      ),
      { numRuns: 200 },
    );
  });

  it('tells something new again once the standing has changed', () => {
    const life = drive(vendor(), policyWith(), [
      claimed(MINUTE_MS, 'needsReview'),
      becomes(HOUR_MS, 'needsReview'),
      // Refuted a while ago and true now: the reconcile finds it.
      claimed(HOUR_MS, 'needsReview'),
      becomes(20 * HOUR_MS, 'inProgress'),
      claimed(20 * HOUR_MS, 'inProgress'),
      becomes(21 * HOUR_MS, 'needsReview'),
      claimed(21 * HOUR_MS, 'needsReview'),
    ]);
    expect(confirmingReads(life)).toEqual([MINUTE_MS, 20 * HOUR_MS, 21 * HOUR_MS].map((at) => at + ANSWER_MS));
  });

  it('tells something new again once the registration was made anew', () => {
    const life = drive(vendor(), policyWith(), [
      claimed(HOUR_MS, 'completed'),
      event(2 * HOUR_MS, (at) => ({ type: 'ReRegistrationRequested', at })),
      claimed(3 * HOUR_MS, 'completed'),
      claimed(4 * HOUR_MS, 'completed'),
    ]);
    expect(confirmingReads(life)).toEqual([HOUR_MS, 3 * HOUR_MS].map((at) => at + ANSWER_MS));
  });

  it('says nothing new with what is known, with what is in progress of what was never read, or with a word never seen', () => {
    const life = drive(vendor(), policyWith(), [
      claimed(HOUR_MS, 'inProgress'),
      claimed(HOUR_MS, 'unknown'),
      event(HOUR_MS, (at) => ({ type: 'RegistrationReported', at, standing: 'unknown', unknownWord: 'TELEPORTED' })),
    ]);
    expect(confirmingReads(life)).toEqual([]);
    expect(life.state.reports).toMatchObject({ repeated: 2, unknownWords: 1 });
    expect(life.state.recentProblems).toContain('registration: unknown status word TELEPORTED');
  });

  it('about a former registration is stale, about somebody else’s foreign, and neither has an effect', () => {
    const model = new ModelVendor({ reRegistration: 'recreate', resendLink: true, recreatedId: 'other' });
    const life = drive(model, policyWith(), [
      event(MINUTE_MS, (at) => ({ type: 'ReRegistrationRequested', at })),
      claimed(HOUR_MS, 'failed', 'registration-1'),
      claimed(HOUR_MS, 'failed', 'somebody-elses'),
    ]);
    expect(confirmingReads(life)).toEqual([]);
    expect(life.state.reports).toMatchObject({ stale: 1, foreign: 1, accepted: 0 });
  });

  it('before there is a registration claims nothing', () => {
    const life = drive(vendor(), policyWith(), [claimed(0, 'failed', 'whose'), claimed(0, 'completed')]);
    expect(confirmingReads(life)).toEqual([]);
    expect(life.decision.outcome).toBe('expired');
  });

  it('that comes of closing the registration does not keep it from being closed', () => {
    const during = MINUTE_MS + ANSWER_MS + ANSWER_MS / 2;
    const passes = CHECK_NAMES.flatMap((name) => [attempt(1_000, name, 'passed'), reported(MINUTE_MS, name, 'passed')]);
    const close = (standing: RegistrationStanding) =>
      drive(vendor(), policyWith(), [...passes, claimed(during, standing)], { interrupts: true });
    expect(confirmingReads(close('completed'))).toHaveLength(1);
    expect(close('completed').decision.decidedAt).toBeLessThan(MINUTE_MS + SECOND_MS);
    // What stands against it is looked at first.
    expect(confirmingReads(close('failed'))).toHaveLength(2);
    expect(close('failed').decision.outcome).toBe('verified');
  });

  it('does not put off the end when it comes past the deadline, again and again', () => {
    const { deadlineMs } = policyWith();
    const cycle = ['needsReview', 'sessionOver', 'completed', 'inProgress'] as const;
    // Some of it is true whenever it is read, and new again, as the standing has changed meanwhile.
    const stream = Array.from({ length: 60 }, (_, n) => {
      const at = deadlineMs + n * SECOND_MS;
      return [becomes(at, cycle[n % cycle.length] ?? 'inProgress'), ...cycle.map((standing) => claimed(at, standing))];
    }).flat();
    const { decision } = drive(vendor(), policyWith(), stream, { answerMs: 3 * SECOND_MS });
    expect(decision.outcome).toBe('expired');
    expect(decision.decidedAt).toBeLessThan(deadlineMs + 15 * SECOND_MS);
  });

  it('does not put off the end when each read past the deadline is overtaken by what is reported meanwhile', () => {
    const { deadlineMs } = policyWith();
    const answerMs = SECOND_MS;
    const cycle = ['needsReview', 'sessionOver', 'inProgress'] as const;
    // All of it is true and new, and each time too late for the read that is under way.
    const stream = Array.from({ length: 60 }, (_, n) => {
      const at = deadlineMs + answerMs / 2 + n * (answerMs + READ_GAP_MS);
      const standing = cycle[n % cycle.length] ?? 'inProgress';
      return [becomes(at, standing), claimed(at, standing)];
    }).flat();
    const life = drive(vendor(), policyWith(), stream, { answerMs });
    expect(confirmingReads(life)).toHaveLength(1);
    expect(life.decision.outcome).toBe('expired');
    expect(life.decision.decidedAt).toBeLessThan(deadlineMs + 15 * SECOND_MS);
  });

  it('is not known to an onboarding from before there were such reports, until there is one', () => {
    expect(Object.keys(initialState({ policy: policyWith(), contact: CONTACT }, 0))).not.toContain('standingClaims');
    const { state } = drive(vendor(), policyWith());
    expect(Object.keys(state)).not.toContain('standingClaims');
    expect(Object.keys(state)).not.toContain('refutedStandings');
  });
});
