import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CHECK_NAMES } from '../../domain/checks.js';
import { READ_GAP_MS } from '../../domain/policy/policy.js';
import type { RegistrationStatus } from '../../domain/vendor-registration.js';
import { defined } from '../../shared/defined.js';
import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../../shared/time.js';
import { anyBehaviour, anyStatus } from './arbitraries.js';
import {
  ANSWER_MS,
  attempt,
  becomes,
  type Input,
  policyWith,
  type Run,
  reported,
  runOnboarding,
  transition,
} from './driver.js';
import { ModelVendor } from './model-vendor.js';

const reportedAs = (at: number, status: RegistrationStatus, appRegistrationId?: string): Input =>
  transition(at, (now) => ({ type: 'RegistrationReported', at: now, status, ...defined({ appRegistrationId }) }));

const confirmingReads = ({ turns }: Run): readonly number[] =>
  turns.flatMap(({ next, now }) => (next.step === 'readVendor' && next.why === 'confirm' ? [now] : []));

describe('a report about the registration as a whole', () => {
  it('a report with a new status causes a read at once, and never decides by itself', () => {
    const run = runOnboarding([becomes(HOUR_MS, 'failed'), reportedAs(HOUR_MS, 'failed')]);
    expect(confirmingReads(run)).toEqual([HOUR_MS + ANSWER_MS]);
    expect(run.decision).toMatchObject({ outcome: 'rejected', reason: 'failedAtVendor' });

    const forgedRun = runOnboarding([reportedAs(HOUR_MS, 'failed')]);
    expect(confirmingReads(forgedRun)).toHaveLength(1);
    expect(forgedRun.decision.outcome).toBe('expired');
  });

  it('a false report causes one read however often it is repeated, with or without the id', () => {
    const repeats = Array.from({ length: 50 }, (_, n) =>
      reportedAs(HOUR_MS + n * 7 * SECOND_MS, 'completed', n % 2 === 0 ? undefined : 'registration-1'),
    );
    const run = runOnboarding(repeats);
    expect(confirmingReads(run)).toHaveLength(1);
    expect(run.state.reports).toMatchObject({ accepted: 1, repeated: 49 });
  });

  it('forged reports cause at most one read for each status', () => {
    fc.assert(
      fc.property(
        anyBehaviour,
        fc.array(fc.tuple(fc.integer({ min: 1_000, max: 40 * HOUR_MS }), anyStatus), { maxLength: 60 }),
        (how, forged) => {
          const run = runOnboarding(
            forged.map(([at, status]) => reportedAs(at, status)),
            { vendor: new ModelVendor(how) },
          );
          const statuses = new Set(forged.map(([, status]) => status).filter((one) => one !== 'unknown'));
          expect(confirmingReads(run).length).toBeLessThanOrEqual(statuses.size);
          expect(run.decision.outcome).toBe('expired');
        },
      ),
      { numRuns: 200 },
    );
  });

  it('a refuted report causes a read again after the status has changed', () => {
    const run = runOnboarding([
      reportedAs(MINUTE_MS, 'needsReview'),
      becomes(HOUR_MS, 'needsReview'),
      // Refuted before and true now: only the reconcile finds it.
      reportedAs(HOUR_MS, 'needsReview'),
      becomes(20 * HOUR_MS, 'inProgress'),
      reportedAs(20 * HOUR_MS, 'inProgress'),
      becomes(21 * HOUR_MS, 'needsReview'),
      reportedAs(21 * HOUR_MS, 'needsReview'),
    ]);
    expect(confirmingReads(run)).toEqual([MINUTE_MS, 20 * HOUR_MS, 21 * HOUR_MS].map((at) => at + ANSWER_MS));
  });

  it('a refuted report causes a read again after the registration was recreated', () => {
    const run = runOnboarding([
      reportedAs(HOUR_MS, 'completed'),
      transition(2 * HOUR_MS, (at) => ({ type: 'ReRegistrationRequested', at })),
      reportedAs(3 * HOUR_MS, 'completed'),
      reportedAs(4 * HOUR_MS, 'completed'),
    ]);
    expect(confirmingReads(run)).toEqual([HOUR_MS, 3 * HOUR_MS].map((at) => at + ANSWER_MS));
  });

  it('a known status, an unknown status and an unknown word cause no read', () => {
    const run = runOnboarding([
      reportedAs(HOUR_MS, 'inProgress'),
      reportedAs(HOUR_MS, 'unknown'),
      transition(HOUR_MS, (at) => ({
        type: 'RegistrationReported',
        at,
        status: 'unknown',
        unknownWord: 'TELEPORTED',
      })),
    ]);
    expect(confirmingReads(run)).toEqual([]);
    expect(run.state.reports).toMatchObject({ repeated: 2, unknownWords: 1 });
    expect(run.state.recentProblems).toContain('registration: unknown status word TELEPORTED');
  });

  it('a report about a former registration is stale, one about another is foreign, and neither has an effect', () => {
    const vendor = new ModelVendor({ reRegistration: 'recreate', resendLink: true, recreatedId: 'other' });
    const inputs = [
      transition(MINUTE_MS, (at) => ({ type: 'ReRegistrationRequested', at })),
      reportedAs(HOUR_MS, 'failed', 'registration-1'),
      reportedAs(HOUR_MS, 'failed', 'somebody-elses'),
    ];
    const run = runOnboarding(inputs, { vendor });
    expect(confirmingReads(run)).toEqual([]);
    expect(run.state.reports).toMatchObject({ stale: 1, foreign: 1, accepted: 0 });
  });

  it('a report before the registration has no effect', () => {
    const run = runOnboarding([reportedAs(0, 'failed', 'whose'), reportedAs(0, 'completed')]);
    expect(confirmingReads(run)).toEqual([]);
    expect(run.decision.outcome).toBe('expired');
  });

  it('a report caused by the completion does not keep the registration from being completed', () => {
    const during = MINUTE_MS + ANSWER_MS + ANSWER_MS / 2;
    const passes = CHECK_NAMES.flatMap((name) => [attempt(1_000, name, 'passed'), reported(MINUTE_MS, name, 'passed')]);
    const finaliseWith = (status: RegistrationStatus) =>
      runOnboarding([...passes, reportedAs(during, status)], { interrupts: true });
    expect(confirmingReads(finaliseWith('completed'))).toHaveLength(1);
    expect(finaliseWith('completed').decision.decidedAt).toBeLessThan(MINUTE_MS + SECOND_MS);
    // A report against the completion is read first.
    expect(confirmingReads(finaliseWith('failed'))).toHaveLength(2);
    expect(finaliseWith('failed').decision.outcome).toBe('verified');
  });

  it('reports during each read past the deadline do not postpone the outcome', () => {
    const { deadlineMs } = policyWith();
    const answerMs = SECOND_MS;
    const cycle = ['sessionOver', 'inProgress'] as const;
    // Each report is true and new, and too late for the current read.
    const stream = Array.from({ length: 60 }, (_, n) => {
      const at = deadlineMs + answerMs / 2 + n * (answerMs + READ_GAP_MS);
      const status = cycle[n % cycle.length] ?? 'inProgress';
      return [becomes(at, status), reportedAs(at, status)];
    }).flat();
    const run = runOnboarding(stream, { answerMs });
    expect(confirmingReads(run)).toHaveLength(1);
    expect(run.decision.outcome).toBe('expired');
    expect(run.decision.decidedAt).toBeLessThan(deadlineMs + 15 * SECOND_MS);
  });
});
