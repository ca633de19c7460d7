import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CHECK_NAMES, type CheckName, perCheck } from '../../domain/checks.js';
import { isRequired } from '../../domain/state.js';
import type { CheckResult } from '../../domain/vendor-registration.js';
import { defined } from '../../shared/defined.js';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../shared/time.js';
import { anyBehaviour, anyReport, anyResult, aStream } from './arbitraries.js';
import {
  ANSWER_MS,
  attempt,
  attemptAndReport,
  becomes,
  type Input,
  reported,
  runOnboarding,
  transition,
} from './driver.js';
import { ModelVendor } from './model-vendor.js';

// After the registration, and well before the deadline.
const moment = fc.integer({ min: MINUTE_MS, max: 30 * HOUR_MS });

/** The expected outcome if every check was attempted once and may not fail: `overdue` without a reviewer. */
const expected = (truth: Readonly<Record<CheckName, CheckResult>>): string => {
  const results = Object.values(truth);
  if (results.includes('failed')) return 'rejected';
  if (results.includes('inReview')) return 'overdue';
  return results.every((one) => one === 'passed') ? 'verified' : 'expired';
};

const review = (at: number, decision: 'approve' | 'reject', check?: CheckName): Input =>
  transition(at, (now) => ({
    ...{ type: 'ReviewDecided', at: now, decision, reviewer: 'reviewer-7' },
    ...defined({ check }),
  }));

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
          const { decision, state } = runOnboarding([...attempts, ...reports.flat()], {
            vendor: new ModelVendor(how),
            policy: { attemptLimits: perCheck(() => 1) },
          });
          const isUncertain = CHECK_NAMES.some((name) => {
            const check = state.checks[name];
            return isRequired(check) && check.reason === 'attemptsUncertain';
          });
          const reached = decision.reason === 'reviewOverdue' ? 'overdue' : decision.outcome;
          expect(reached).toBe(isUncertain && expected(truth) !== 'rejected' ? 'overdue' : expected(truth));
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
          return [...attemptAndReport(at, name, 'passed'), reported(at + 5, name, 'passed')];
        });
        const { decision, turns } = runOnboarding(inputs, { vendor: new ModelVendor(how) });
        expect(decision).toMatchObject({ outcome: 'verified', reason: 'allChecksPassed' });
        expect(turns.filter(({ next }) => next.step === 'readVendor')).toHaveLength(1);
        expect(decision.decidedAt).toBeLessThan(41_000);
      }),
    );
  });

  it('a report that arrives during a read that misses it does not delay the outcome', () => {
    const duringTheRead = MINUTE_MS + ANSWER_MS / 2;
    const { decision } = runOnboarding([
      ...(['email', 'phone', 'biometric'] as const).map((name) => attempt(1_000, name, 'passed')),
      ...attemptAndReport(MINUTE_MS, 'document', 'failed'),
      ...attemptAndReport(duringTheRead, 'document', 'passed'),
    ]);
    expect(decision.outcome).toBe('verified');
    expect(decision.decidedAt).toBeLessThan(MINUTE_MS + 5_000);
  });

  it.each(CHECK_NAMES)('the outcome is rejected when %s has failed at Verifik as often as the limit', (name) => {
    const { decision } = runOnboarding([1, 2, 3].flatMap((n) => attemptAndReport(n * MINUTE_MS, name, 'failed')));
    expect(decision).toMatchObject({ outcome: 'rejected', reason: 'attemptsExhausted', check: name });
    expect(decision.decidedAt).toBeLessThan(4 * MINUTE_MS);
  });

  it('a failed validation counts once, however often it is read and reported', () => {
    const repeats = Array.from({ length: 20 }, (_, n) => reported((n + 2) * MINUTE_MS, 'document', 'failed', 'none'));
    const { decision, turns } = runOnboarding([attempt(MINUTE_MS, 'document', 'failed'), ...repeats]);
    expect(turns.filter(({ next }) => next.step === 'readVendor').length).toBeGreaterThan(10);
    expect(decision).toMatchObject({ outcome: 'expired' });
  });

  it.each([
    [['email'], 'completedWithoutKyc'],
    [['email', 'phone'], 'completedWithoutKyc'],
    [['document'], 'completed'],
    [['email', 'biometric'], 'completed'],
  ] as const)('an onboarding that requires only %j completes the registration as %s', (required, status) => {
    const vendor = new ModelVendor(undefined, required);
    const inputs = required.flatMap((name) => attemptAndReport(1_000, name, 'passed'));
    expect(runOnboarding(inputs, { vendor, policy: { required } }).decision.outcome).toBe('verified');
    expect(vendor.status).toBe(status);
  });

  it('a registration completed without a required check goes to review', () => {
    const { state, decision } = runOnboarding([
      attempt(1_000, 'email', 'passed'),
      becomes(2_000, 'completed'),
      transition(2_000, (at) => ({ type: 'TokenExpired', at })),
      review(HOUR_MS, 'approve'),
    ]);
    expect(decision).toMatchObject({ outcome: 'verified', reason: 'approvedByReviewer', reviewer: 'reviewer-7' });
    expect(state.checks.email.status).toBe('passed');
  });

  it('the outcome names the reviewer who rejected a check, and the check', () => {
    const { decision } = runOnboarding([
      ...attemptAndReport(1_000, 'document', 'inReview'),
      review(HOUR_MS, 'reject', 'document'),
    ]);
    expect(decision).toMatchObject({ outcome: 'rejected', reason: 'rejectedByReviewer' });
    expect(decision).toMatchObject({ check: 'document', reviewer: 'reviewer-7' });
  });

  it("the registration is completed after Verifik's reviewers have released it", () => {
    const vendor = new ModelVendor();
    const { decision } = runOnboarding(
      [
        becomes(900, 'needsReview'),
        transition(900, (at) => ({ type: 'TokenExpired', at })),
        ...CHECK_NAMES.flatMap((name) => attemptAndReport(1_000, name, 'passed')),
        becomes(HOUR_MS, 'inProgress'),
        transition(HOUR_MS, (at) => ({ type: 'TokenRequested', at })),
      ],
      { vendor },
    );
    expect(decision).toMatchObject({ outcome: 'verified', reason: 'allChecksPassed' });
    expect(vendor.status).toBe('completed');
  });

  it('the outcome is verified when Verifik resolves the review of a check, without a report', () => {
    const { decision } = runOnboarding([
      ...(['email', 'phone', 'biometric'] as const).flatMap((name) => attemptAndReport(1_000, name, 'passed')),
      ...attemptAndReport(1_000, 'document', 'inReview'),
      attempt(HOUR_MS, 'document', 'passed'),
    ]);
    expect(decision).toMatchObject({ outcome: 'verified', reason: 'allChecksPassed' });
    expect(decision.decidedAt).toBeLessThan(2 * HOUR_MS);
  });

  it('one last read at the deadline finds passed checks that nobody has reported', () => {
    const reconcile = { firstMs: DAY_MS, maxMs: DAY_MS };
    const { decision } = runOnboarding(
      CHECK_NAMES.map((name) => attempt(MINUTE_MS, name, 'passed')),
      { policy: { deadlineMs: HOUR_MS, reconcile } },
    );
    expect(decision.outcome).toBe('verified');
    expect(decision.decidedAt).toBeGreaterThanOrEqual(HOUR_MS);
  });

  it.each([true, false])(
    'an expired token neither blocks the outcome nor recreates the registration (with resend-link: %s)',
    (resendLink) => {
      const vendor = new ModelVendor({ reRegistration: 'recreate', resendLink, recreatedId: 'other' });
      const passes = CHECK_NAMES.flatMap((name) => attemptAndReport(3 * HOUR_MS, name, 'passed'));
      const { decision } = runOnboarding(passes, { vendor });
      expect(decision.outcome).toBe('verified');
      expect(decision.decidedAt).toBeLessThan(4 * HOUR_MS);
      expect(vendor.registrations).toBe(1);
    },
  );

  it('an approved check does not approve the registration that Verifik holds for review later', () => {
    const vendor = new ModelVendor();
    const { decision, state } = runOnboarding(
      [
        ...attemptAndReport(1_000, 'document', 'inReview'),
        review(MINUTE_MS, 'approve', 'document'),
        ...(['email', 'phone', 'biometric'] as const).flatMap((name) => attemptAndReport(HOUR_MS, name, 'passed')),
      ],
      { vendor },
    );
    // The model completes no registration with a document that it has not passed, and holds it for review.
    expect(vendor.status).toBe('needsReview');
    expect(decision.reason).toBe('reviewOverdue');
    expect(state.checks.document).toMatchObject({ status: 'passed', approvedBy: 'reviewer-7' });
  });
});
