import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CHECK_NAMES } from '../../domain/checks.js';
import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../../shared/time.js';
import { anyBehaviour, anyResult, anyStatus } from './arbitraries.js';
import {
  attempt,
  attemptAndReport,
  becomes,
  type Input,
  type Run,
  reported,
  runOnboarding,
  transition,
} from './driver.js';
import { ModelVendor } from './model-vendor.js';

const readsOf = ({ turns }: Run): readonly number[] =>
  turns.flatMap(({ next, now }) => (next.step === 'readVendor' ? [now] : []));

const reportTime = fc.oneof(
  fc.integer({ min: MINUTE_MS, max: 6 * 24 * HOUR_MS }),
  fc.integer({ min: MINUTE_MS, max: 2 * HOUR_MS }),
  fc.integer({ min: 40 * HOUR_MS, max: 40 * HOUR_MS + 30 * SECOND_MS }),
);

/** A false report about a check or the registration, with or without an id, with known or unknown words. */
const aForgedReport: fc.Arbitrary<Input> = fc
  .tuple(reportTime, fc.constantFrom(...CHECK_NAMES), anyResult, anyStatus, fc.constantFrom('check', 'word', 'whole'))
  .chain(([at, check, result, status, kind]) => {
    if (kind === 'whole')
      return fc.constant(transition(at, (now) => ({ type: 'RegistrationReported', at: now, status })));
    const word = { type: 'ValidationReported', check, result: 'pending', unknownWord: 'TELEPORTED' } as const;
    if (kind === 'word') return fc.constant(transition(at, (now) => ({ ...word, at: now })));
    return fc
      .option(fc.integer({ max: 9 }), { nil: undefined })
      .map((n) => reported(at, check, result, n === undefined ? 'none' : { validationId: `forged-${n}` }));
  });

describe('a forged report', () => {
  it('a forged report causes at most one read, postpones none and changes no outcome', () => {
    fc.assert(
      fc.property(
        anyBehaviour,
        fc.array(fc.constantFrom(...CHECK_NAMES), { maxLength: 3 }),
        fc.array(aForgedReport, { maxLength: 30 }),
        (behaviour, passed, forged) => {
          const truth = passed.map((check) => attempt(SECOND_MS, check, 'passed'));
          const honest = runOnboarding(truth, { vendor: new ModelVendor(behaviour) });
          const attacked = runOnboarding([...truth, ...forged], { vendor: new ModelVendor(behaviour) });
          const [honestReads, forgedReads] = [readsOf(honest), readsOf(attacked)];
          expect(forgedReads.length).toBeLessThanOrEqual(honestReads.length + forged.length);
          for (const [index, at] of honestReads.entries()) expect(forgedReads[index]).toBeLessThan(at + MINUTE_MS);
          expect(attacked.decision.outcome).toBe(honest.decision.outcome);
        },
      ),
      { numRuns: 100 },
    );
  });

  it.each([
    ['a report that causes a read at once', (at: number) => reported(at, 'document', 'failed', 'none')],
    ['a report that can wait', (at: number) => reported(at, 'email', 'passed', 'none')],
    ['a report without a result', (at: number) => reported(at, 'email', 'pending', 'none')],
  ])('%s does not change the reconcile interval', (_which, report) => {
    const at = 40 * HOUR_MS;
    const after = readsOf(runOnboarding([report(at)])).filter((moment) => moment >= at);
    expect((after[0] ?? 0) - at).toBeLessThan(6 * MINUTE_MS);
    expect((after[1] ?? 0) - (after[0] ?? 0)).toBeGreaterThan(5 * HOUR_MS);
  });
});

describe('a true report', () => {
  const at = 40 * HOUR_MS;

  it('a true report has an effect after the same report was refuted', () => {
    const report = (moment: number) =>
      transition(moment, (now) => ({ type: 'RegistrationReported', at: now, status: 'failed' }));
    const { decision } = runOnboarding([report(at - HOUR_MS), becomes(at, 'failed'), report(at)]);
    expect(decision).toMatchObject({ outcome: 'rejected', reason: 'failedAtVendor' });
    expect(decision.decidedAt - at).toBeLessThan(6 * MINUTE_MS);
  });
});

describe('the reminders', () => {
  const remindersOf = ({ applied }: Run): readonly number[] =>
    applied.flatMap(({ transition: { type, at } }) => (type === 'ReminderTried' ? [at] : []));
  const day = 24 * HOUR_MS;

  it('repeated false reports do not postpone reminders', () => {
    const forged = Array.from({ length: 13 }, (_, n) => reported((n + 1) * 10 * HOUR_MS, 'email', 'passed', 'none'));
    expect(remindersOf(runOnboarding(forged)).map((at) => Math.round(at / day))).toEqual([1, 2]);
  });

  it('a reminder waits a day after progress that a read finds, whether reported or not', () => {
    const [first] = remindersOf(runOnboarding(attemptAndReport(20 * HOUR_MS, 'email', 'passed')));
    expect(first).toBeGreaterThan(44 * HOUR_MS);
    expect(first).toBeLessThan(45 * HOUR_MS);
    expect(remindersOf(runOnboarding([attempt(20 * HOUR_MS, 'email', 'passed')]))[0]).toBeGreaterThan(44 * HOUR_MS);
  });
});

describe('the read after a change', () => {
  const at = 40 * HOUR_MS;
  const silent = at + 7 * MINUTE_MS;
  const foundWithin = ({ applied }: Run, check: 'email' | 'phone', since: number): number => {
    const found = applied.find(({ after }) => after.checks[check].status === 'passed');
    return (found?.transition.at ?? Number.POSITIVE_INFINITY) - since;
  };

  it.each(['reported', 'not reported'])('a change that was %s is followed by another read within minutes', (how) => {
    const reports = how === 'reported' ? [reported(at, 'email', 'passed')] : [];
    const run = runOnboarding([attempt(at, 'email', 'passed'), ...reports, attempt(silent, 'phone', 'passed')]);
    const [first, next] = [foundWithin(run, 'email', at), foundWithin(run, 'phone', silent)];
    if (how === 'reported') expect([first, next].every((ms) => ms < 6 * MINUTE_MS)).toBe(true);
    const reads = readsOf(run);
    const found = reads.findIndex((moment) => moment >= at);
    expect((reads[found + 1] ?? 0) - (reads[found] ?? 0)).toBeLessThan(6 * MINUTE_MS);
  });
});
