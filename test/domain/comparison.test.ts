import { describe, expect, it } from 'vitest';
import { CHECK_NAMES } from '../../domain/checks.js';
import { snapshot } from '../../domain/snapshot.js';
import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../../shared/time.js';
import { attemptAndReport, type Input, type Run, runOnboarding, toVendor, transition } from './driver.js';
import { ModelVendor } from './model-vendor.js';

const AT = HOUR_MS;

/** All checks pass at `AT`, and Verifik compares the faces later, or never. */
const runWith = (
  comparison: 'match' | 'mismatch',
  comparedAfterMs: number | undefined,
  more: readonly Input[] = [],
): Run => {
  const vendor = new ModelVendor();
  vendor.withoutComparison = true;
  vendor.faceMismatch = comparison === 'mismatch';
  const passed = CHECK_NAMES.flatMap((name) => attemptAndReport(AT, name, 'passed'));
  const compared =
    comparedAfterMs === undefined
      ? []
      : [
          toVendor(AT + comparedAfterMs, () => {
            vendor.withoutComparison = false;
          }),
        ];
  return runOnboarding([...passed, ...compared, ...more], { vendor });
};

const readsOf = ({ turns }: Run) => turns.flatMap(({ next, now }) => (next.step === 'readVendor' ? [now - AT] : []));

describe('the face comparison', () => {
  it.each([SECOND_MS, 20 * SECOND_MS, 10 * MINUTE_MS])(
    'an onboarding is verified soon after a match %i ms after the selfie, and not before',
    (afterMs) => {
      const { decision, turns } = runWith('match', afterMs);
      expect(decision).toMatchObject({ outcome: 'verified', reason: 'allChecksPassed' });
      const delayMs = decision.decidedAt - AT - afterMs;
      expect(delayMs).toBeGreaterThanOrEqual(0);
      expect(delayMs).toBeLessThan(2 * SECOND_MS + 2 * afterMs);
      const finalised = turns.find(({ next }) => next.step === 'finalise');
      expect(finalised?.now).toBeGreaterThanOrEqual(AT + afterMs);
    },
  );

  it('an onboarding whose faces do not match is never verified without a reviewer', () => {
    for (const afterMs of [SECOND_MS, MINUTE_MS, HOUR_MS]) {
      const run = runWith('mismatch', afterMs);
      expect(run.decision.reason).toBe('reviewOverdue');
      expect(run.turns.some(({ next }) => next.step === 'finalise')).toBe(false);
    }
  });

  it('without a comparison, Verifik is read ever more slowly, and a reviewer decides after the time of the policy', () => {
    const run = runWith('match', undefined);
    const reads = readsOf(run).filter((ms) => ms >= 0 && ms <= 15 * MINUTE_MS + SECOND_MS);
    expect(reads.length).toBeLessThan(13);
    expect(reads[1]).toBeLessThan(3 * SECOND_MS);
    expect(reads.at(-1)).toBeGreaterThanOrEqual(15 * MINUTE_MS);
    const [waiting, overdue] = [MINUTE_MS, 16 * MINUTE_MS].map((ms) => {
      const { state } = { state: run.turns.findLast(({ now }) => now <= AT + ms)?.after };
      return state && snapshot(state, AT + ms);
    });
    expect(waiting).toMatchObject({
      awaiting: { from: 'vendor', what: 'Verifik has to compare the selfie with the document.' },
      pending: [],
    });
    expect(overdue).toMatchObject({
      hold: 'review',
      awaiting: { from: 'reviewer' },
      checks: { biometric: { status: 'inReview', reason: { code: 'comparisonMissing' } } },
    });
  });

  it('an approval of a missing comparison is no approval of a mismatch', () => {
    const approval = transition(AT + 20 * MINUTE_MS, (at) => ({
      type: 'ReviewDecided',
      at,
      decision: 'approve',
      reviewer: 'reviewer-7',
    }));
    expect(runWith('match', undefined, [approval]).decision).toMatchObject({ reason: 'approvedByReviewer' });
    const mismatch = runWith('mismatch', 19 * MINUTE_MS, [approval]);
    expect(mismatch.decision.reason).toBe('reviewOverdue');
    expect(mismatch.state.checks.biometric).toMatchObject({ status: 'inReview', reason: 'faceMismatch' });
  });
});
