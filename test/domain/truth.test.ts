import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CHECK_NAMES, type CheckName, perCheck } from '../../domain/checks.js';
import type { CheckResult } from '../../domain/reading.js';
import { HOUR_MS, MINUTE_MS } from '../../shared/time.js';
import { ANSWER_MS, attempt, drive, event, policyWith, reported } from './driver.js';
import { anyBehaviour, anyReport, anyResult, aStream } from './lives.js';
import { ModelVendor } from './model-vendor.js';

// Once the applicant is registered, and well before the deadline.
const moment = fc.integer({ min: MINUTE_MS, max: 30 * HOUR_MS });

/** What the vendor's truth comes to, when every check has been attempted once and none may fail. */
const expected = (truth: Readonly<Record<CheckName, CheckResult>>): string => {
  const results = Object.values(truth);
  if (results.includes('failed')) return 'rejected';
  return results.every((one) => one === 'passed') ? 'verified' : 'expired';
};

describe('the outcome', () => {
  it('is what the vendor says, whatever the reports say, in whatever order, however often, or not at all', () => {
    fc.assert(
      fc.property(
        anyBehaviour,
        fc.record(perCheck(() => anyResult)),
        fc.record(perCheck(() => moment)),
        fc.array(fc.oneof({ weight: 6, arbitrary: anyReport.map((one) => [one]) }, aStream), { maxLength: 25 }),
        (how, truth, moments, reports) => {
          const attempts = CHECK_NAMES.map((name) => attempt(moments[name], name, truth[name]));
          const { decision } = drive(new ModelVendor(how), policyWith({ attemptLimits: perCheck(() => 1) }), [
            ...attempts,
            ...reports.flat(),
          ]);
          expect(decision.outcome).toBe(expected(truth));
        },
      ),
      { numRuns: 500 },
    );
  });

  it('is reached by the first read after the last true report, and not before a read', () => {
    fc.assert(
      fc.property(anyBehaviour, fc.shuffledSubarray([...CHECK_NAMES], { minLength: 4 }), (how, order) => {
        const happenings = order.flatMap((name, index) => {
          const at = (index + 1) * 10_000;
          return [attempt(at, name, 'passed'), reported(at, name, 'passed'), reported(at + 5, name, 'passed')];
        });
        const { decision, turns } = drive(new ModelVendor(how), policyWith(), happenings);
        expect(decision).toMatchObject({ outcome: 'verified', reason: 'allChecksPassed' });
        expect(turns.filter(({ next }) => next.step === 'readVendor')).toHaveLength(1);
        expect(decision.decidedAt).toBeLessThan(41_000);
      }),
    );
  });

  it('is not put off by a report that comes while a read is under way which does not know of it yet', () => {
    const duringTheRead = MINUTE_MS + ANSWER_MS / 2;
    const { decision } = drive(new ModelVendor({ reRegistration: 'recreate', resendLink: true }), policyWith(), [
      ...(['email', 'phone', 'biometric'] as const).map((name) => attempt(1_000, name, 'passed')),
      attempt(MINUTE_MS, 'document', 'failed'),
      reported(MINUTE_MS, 'document', 'failed'),
      attempt(duringTheRead, 'document', 'passed'),
      reported(duringTheRead, 'document', 'passed'),
    ]);
    expect(decision.outcome).toBe('verified');
    expect(decision.decidedAt).toBeLessThan(MINUTE_MS + 5_000);
  });

  it.each(CHECK_NAMES)('is rejected when %s has failed as often as it may, by the vendor', (name) => {
    const tries = [1, 2, 3].flatMap((n) => [
      attempt(n * MINUTE_MS, name, 'failed'),
      reported(n * MINUTE_MS, name, 'failed'),
    ]);
    const { decision } = drive(new ModelVendor({ reRegistration: 'recreate', resendLink: true }), policyWith(), tries);
    expect(decision).toMatchObject({ outcome: 'rejected', reason: 'attemptsExhausted', check: name });
    expect(decision.decidedAt).toBeLessThan(4 * MINUTE_MS);
  });

  it('counts a failed validation once, however often it is read and reported', () => {
    const repeats = Array.from({ length: 20 }, (_, n) => reported((n + 2) * MINUTE_MS, 'document', 'failed', 'none'));
    const { decision, turns } = drive(new ModelVendor({ reRegistration: 'recreate', resendLink: true }), policyWith(), [
      attempt(MINUTE_MS, 'document', 'failed'),
      ...repeats,
    ]);
    expect(turns.filter(({ next }) => next.step === 'readVendor').length).toBeGreaterThan(10);
    expect(decision).toMatchObject({ outcome: 'expired' });
  });

  it.each([
    [['email'], 'completedWithoutKyc'],
    [['email', 'phone'], 'completedWithoutKyc'],
    [['document'], 'completed'],
    [['email', 'biometric'], 'completed'],
  ] as const)('of a flow that asks for %j alone closes the registration as %s', (required, standing) => {
    const vendor = new ModelVendor({ reRegistration: 'recreate', resendLink: true }, required);
    const happenings = required.flatMap((name) => [attempt(1_000, name, 'passed'), reported(1_000, name, 'passed')]);
    expect(drive(vendor, policyWith({ required }), happenings).decision.outcome).toBe('verified');
    expect(vendor.standing).toBe(standing);
  });

  it('of a registration that the vendor completed without a required check is left to people', () => {
    const vendor = new ModelVendor({ reRegistration: 'recreate', resendLink: true });
    const { state, decision } = drive(vendor, policyWith(), [
      attempt(1_000, 'email', 'passed'),
      event(2_000, () => {
        vendor.standing = 'completed';
        return { type: 'TokenExpired', at: 2_000 };
      }),
      event(HOUR_MS, (now) => ({ type: 'ReviewDecided', at: now, decision: 'approve', reviewer: 'reviewer-7' })),
    ]);
    expect(decision).toMatchObject({ outcome: 'verified', reason: 'approvedByReviewer', reviewer: 'reviewer-7' });
    expect(state.checks.email.status).toBe('passed');
  });

  it('is told to the vendor once people there have let the registration go on', () => {
    const vendor = new ModelVendor({ reRegistration: 'recreate', resendLink: true });
    const passes = CHECK_NAMES.flatMap((name) => [attempt(1_000, name, 'passed'), reported(1_000, name, 'passed')]);
    const { decision } = drive(vendor, policyWith(), [
      ...passes,
      event(900, (now) => {
        vendor.standing = 'needsReview';
        return { type: 'TokenExpired', at: now };
      }),
      event(HOUR_MS, (now) => {
        vendor.standing = 'inProgress';
        return { type: 'TokenRequested', at: now };
      }),
    ]);
    expect(decision).toMatchObject({ outcome: 'verified', reason: 'allChecksPassed' });
    expect(vendor.standing).toBe('completed');
  });

  it('of a check that a reviewer approved does not let the registration pass that the vendor holds back later', () => {
    const vendor = new ModelVendor({ reRegistration: 'recreate', resendLink: true });
    const approve = (at: number) =>
      event(at, (now) => ({
        type: 'ReviewDecided',
        at: now,
        decision: 'approve',
        check: 'document',
        reviewer: 'reviewer-7',
      }));
    const { decision, state } = drive(vendor, policyWith(), [
      attempt(1_000, 'document', 'inReview'),
      reported(1_000, 'document', 'inReview'),
      approve(MINUTE_MS),
      ...(['email', 'phone', 'biometric'] as const).flatMap((name) => [
        attempt(HOUR_MS, name, 'passed'),
        reported(HOUR_MS, name, 'passed'),
      ]),
    ]);
    // The model completes nothing whose document it has not passed itself: it holds the registration back at the end.
    expect(vendor.standing).toBe('needsReview');
    expect(decision.outcome).toBe('expired');
    expect(state.checks.document).toMatchObject({ status: 'passed', approvedBy: 'reviewer-7' });
  });
});
