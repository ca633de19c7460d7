import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CHECK_NAMES, type CheckName, perCheck } from '../../domain/checks.js';
import { isRequired } from '../../domain/state.js';
import type { CheckResult } from '../../domain/vendor-registration.js';
import { HOUR_MS, MINUTE_MS } from '../../shared/time.js';
import { anyBehaviour, anyReport, anyResult, aStream } from './arbitraries.js';
import { ANSWER_MS, attempt, policyWith, reported, runOnboarding, transition } from './driver.js';
import { ModelVendor } from './model-vendor.js';

// After the registration, and well before the deadline.
const moment = fc.integer({ min: MINUTE_MS, max: 30 * HOUR_MS });

/** The expected outcome if every check was attempted once and may not fail. */
const expected = (truth: Readonly<Record<CheckName, CheckResult>>): string => {
  const results = Object.values(truth);
  if (results.includes('failed')) return 'rejected';
  return results.every((one) => one === 'passed') ? 'verified' : 'expired';
};

describe('the outcome', () => {
  it("the outcome follows Verifik's results, independent of the content, order and number of reports", () => {
    fc.assert(
      fc.property(
        anyBehaviour,
        fc.record(perCheck(() => anyResult)),
        fc.record(perCheck(() => moment)),
        fc.array(fc.oneof({ weight: 6, arbitrary: anyReport.map((one) => [one]) }, aStream), { maxLength: 25 }),
        (how, truth, moments, reports) => {
          const attempts = CHECK_NAMES.map((name) => attempt(moments[name], name, truth[name]));
          const { decision, state } = runOnboarding(
            new ModelVendor(how),
            policyWith({ attemptLimits: perCheck(() => 1) }),
            [...attempts, ...reports.flat()],
          );
          const isUncertain = CHECK_NAMES.some((name) => {
            const check = state.checks[name];
            return isRequired(check) && check.reason === 'attemptsUncertain';
          });
          expect(decision.outcome).toBe(isUncertain && expected(truth) === 'verified' ? 'expired' : expected(truth));
        },
      ),
      { numRuns: 500 },
    );
  });

  it('one read after the last true report decides the outcome', () => {
    fc.assert(
      fc.property(anyBehaviour, fc.shuffledSubarray([...CHECK_NAMES], { minLength: 4 }), (how, order) => {
        const inputs = order.flatMap((name, index) => {
          const at = (index + 1) * 10_000;
          return [attempt(at, name, 'passed'), reported(at, name, 'passed'), reported(at + 5, name, 'passed')];
        });
        const { decision, turns } = runOnboarding(new ModelVendor(how), policyWith(), inputs);
        expect(decision).toMatchObject({ outcome: 'verified', reason: 'allChecksPassed' });
        expect(turns.filter(({ next }) => next.step === 'readVendor')).toHaveLength(1);
        expect(decision.decidedAt).toBeLessThan(41_000);
      }),
    );
  });

  it('a report that arrives during a read that misses it does not delay the outcome', () => {
    const duringTheRead = MINUTE_MS + ANSWER_MS / 2;
    const { decision } = runOnboarding(
      new ModelVendor({ reRegistration: 'recreate', resendLink: true }),
      policyWith(),
      [
        ...(['email', 'phone', 'biometric'] as const).map((name) => attempt(1_000, name, 'passed')),
        attempt(MINUTE_MS, 'document', 'failed'),
        reported(MINUTE_MS, 'document', 'failed'),
        attempt(duringTheRead, 'document', 'passed'),
        reported(duringTheRead, 'document', 'passed'),
      ],
    );
    expect(decision.outcome).toBe('verified');
    expect(decision.decidedAt).toBeLessThan(MINUTE_MS + 5_000);
  });

  it.each(CHECK_NAMES)('the outcome is rejected when %s has failed at Verifik as often as the limit', (name) => {
    const tries = [1, 2, 3].flatMap((n) => [
      attempt(n * MINUTE_MS, name, 'failed'),
      reported(n * MINUTE_MS, name, 'failed'),
    ]);
    const { decision } = runOnboarding(
      new ModelVendor({ reRegistration: 'recreate', resendLink: true }),
      policyWith(),
      tries,
    );
    expect(decision).toMatchObject({ outcome: 'rejected', reason: 'attemptsExhausted', check: name });
    expect(decision.decidedAt).toBeLessThan(4 * MINUTE_MS);
  });

  it('a failed validation counts once, however often it is read and reported', () => {
    const repeats = Array.from({ length: 20 }, (_, n) => reported((n + 2) * MINUTE_MS, 'document', 'failed', 'none'));
    const { decision, turns } = runOnboarding(
      new ModelVendor({ reRegistration: 'recreate', resendLink: true }),
      policyWith(),
      [attempt(MINUTE_MS, 'document', 'failed'), ...repeats],
    );
    expect(turns.filter(({ next }) => next.step === 'readVendor').length).toBeGreaterThan(10);
    expect(decision).toMatchObject({ outcome: 'expired' });
  });

  it.each([
    [['email'], 'completedWithoutKyc'],
    [['email', 'phone'], 'completedWithoutKyc'],
    [['document'], 'completed'],
    [['email', 'biometric'], 'completed'],
  ] as const)('an onboarding that requires only %j completes the registration as %s', (required, status) => {
    const vendor = new ModelVendor({ reRegistration: 'recreate', resendLink: true }, required);
    const inputs = required.flatMap((name) => [attempt(1_000, name, 'passed'), reported(1_000, name, 'passed')]);
    expect(runOnboarding(vendor, policyWith({ required }), inputs).decision.outcome).toBe('verified');
    expect(vendor.status).toBe(status);
  });

  it('a registration completed without a required check goes to review', () => {
    const vendor = new ModelVendor({ reRegistration: 'recreate', resendLink: true });
    const { state, decision } = runOnboarding(vendor, policyWith(), [
      attempt(1_000, 'email', 'passed'),
      transition(2_000, () => {
        vendor.status = 'completed';
        return { type: 'TokenExpired', at: 2_000 };
      }),
      transition(HOUR_MS, (now) => ({ type: 'ReviewDecided', at: now, decision: 'approve', reviewer: 'reviewer-7' })),
    ]);
    expect(decision).toMatchObject({ outcome: 'verified', reason: 'approvedByReviewer', reviewer: 'reviewer-7' });
    expect(state.checks.email.status).toBe('passed');
  });

  it("the registration is completed after Verifik's reviewers have released it", () => {
    const vendor = new ModelVendor({ reRegistration: 'recreate', resendLink: true });
    const passes = CHECK_NAMES.flatMap((name) => [attempt(1_000, name, 'passed'), reported(1_000, name, 'passed')]);
    const { decision } = runOnboarding(vendor, policyWith(), [
      ...passes,
      transition(900, (now) => {
        vendor.status = 'needsReview';
        return { type: 'TokenExpired', at: now };
      }),
      transition(HOUR_MS, (now) => {
        vendor.status = 'inProgress';
        return { type: 'TokenRequested', at: now };
      }),
    ]);
    expect(decision).toMatchObject({ outcome: 'verified', reason: 'allChecksPassed' });
    expect(vendor.status).toBe('completed');
  });

  it('an approved check does not approve the registration that Verifik holds for review later', () => {
    const vendor = new ModelVendor({ reRegistration: 'recreate', resendLink: true });
    const approve = (at: number) =>
      transition(at, (now) => ({
        type: 'ReviewDecided',
        at: now,
        decision: 'approve',
        check: 'document',
        reviewer: 'reviewer-7',
      }));
    const { decision, state } = runOnboarding(vendor, policyWith(), [
      attempt(1_000, 'document', 'inReview'),
      reported(1_000, 'document', 'inReview'),
      approve(MINUTE_MS),
      ...(['email', 'phone', 'biometric'] as const).flatMap((name) => [
        attempt(HOUR_MS, name, 'passed'),
        reported(HOUR_MS, name, 'passed'),
      ]),
    ]);
    // The model completes no registration with a document that it has not passed, and holds it for review.
    expect(vendor.status).toBe('needsReview');
    expect(decision.outcome).toBe('expired');
    expect(state.checks.document).toMatchObject({ status: 'passed', approvedBy: 'reviewer-7' });
  });
});
