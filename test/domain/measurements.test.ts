import { describe, expect, it } from 'vitest';
import { changesBetween } from '../../domain/changes.js';
import { CHECK_NAMES } from '../../domain/checks.js';
import { evolve } from '../../domain/evolve.js';
import { DURATIONS, METRICS, type Measurement, measurementsOf } from '../../domain/measurements.js';
import { initialState } from '../../domain/state.js';
import type { Transition } from '../../domain/transitions.js';
import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../../shared/time.js';
import { forEveryRun } from './arbitraries.js';
import { type AppliedTransition, CONTACT, policyWith, type Run, runOnboarding, transition } from './driver.js';
import { read, registered, TOKEN, validationReported } from './transitions.js';

const FLOW = 'flow-1';

const measured = ({ before, transition: { at }, after }: AppliedTransition): readonly Measurement[] =>
  measurementsOf({ before, after, changes: changesBetween(before, after), at }, FLOW);

/** Returns what the transitions of an onboarding that requires all checks add to the metrics. */
const measuredIn = (...transitions: readonly Transition[]): readonly Measurement[] => {
  let state = initialState(
    { policy: policyWith(), openPolicy: { required: true, attemptLimits: [] }, contact: CONTACT },
    0,
  );
  return transitions.flatMap((made) => {
    const before = state;
    state = evolve(before, made);
    return measured({ before, transition: made, after: state });
  });
};

const of = (metric: Measurement['metric'], all: readonly Measurement[]) => all.filter((one) => one.metric === metric);

const measuredRun = ({ applied }: Run): readonly Measurement[] => applied.flatMap(measured);

describe('the measurements of any run', () => {
  it('count the onboarding once as started, before everything else, and once as ended, with its outcome', () => {
    forEveryRun((run) => {
      const all = measuredRun(run);
      expect(all[0]?.metric).toBe('onboarding_started');
      expect(of('onboarding_started', all)).toHaveLength(1);
      const { outcome, reason } = run.decision;
      expect(of('onboarding_ended', all)).toMatchObject([{ labels: { outcome, reason } }]);
      expect(of('onboarding_duration', all)).toMatchObject([{ labels: { outcome } }]);
    }, 150);
  });

  it('have the flow and the policy, never a negative time, and each passed check its time', () => {
    forEveryRun((run) => {
      const all = measuredRun(run);
      const passed = of('onboarding_check_results', all).filter(({ labels }) => labels['result'] === 'passed');
      expect(of('onboarding_check_duration', all)).toHaveLength(passed.length);
      for (const { metric, seconds, labels } of all) {
        expect(seconds !== undefined).toBe(DURATIONS.some((name) => name === metric));
        expect(seconds ?? 0).toBeGreaterThanOrEqual(0);
        expect([FLOW, 'unknown']).toContain(labels['flow']);
        expect(labels['policy']).toBe('request');
        expect(Object.keys(METRICS)).toContain(metric);
      }
    }, 150);
  });
});

describe('the time to a check', () => {
  const passes = (validationId: string) => ({ result: 'passed', validationId }) as const;
  const secondsTo = (all: readonly Measurement[]) =>
    Object.fromEntries(of('onboarding_check_duration', all).map(({ seconds, labels }) => [labels['check'], seconds]));

  it('is that from the registration or the check before to the first report, even if one read confirms all', () => {
    const reported = CHECK_NAMES.map((name, index) =>
      validationReported(10 * SECOND_MS + (index + 1) * (index + 1) * MINUTE_MS, name, 'passed', `${name}-1`),
    );
    const all = measuredIn(
      registered(10 * SECOND_MS),
      ...reported,
      validationReported(HOUR_MS, 'email', 'passed'),
      read(HOUR_MS, Object.fromEntries(CHECK_NAMES.map((name) => [name, passes(`${name}-1`)])), 'inProgress', {
        upToSerial: 5,
      }),
    );
    expect(secondsTo(all)).toEqual({ email: 60, phone: 180, document: 300, biometric: 420 });
  });

  it('is that to the read if no report about this validation came before', () => {
    const all = measuredIn(
      registered(0),
      validationReported(MINUTE_MS, 'email', 'passed', 'another'),
      read(2 * MINUTE_MS, { email: passes('email-1') }),
      registered(10 * MINUTE_MS),
      read(11 * MINUTE_MS, { email: passes('email-2') }),
    );
    expect(of('onboarding_check_duration', all).map(({ seconds }) => seconds)).toEqual([120, 60]);
  });
});

describe('the labels', () => {
  const namedPolicy = {
    ...{ policy: policyWith({ required: ['document'] }), policyName: 'strict', policyRevision: '1', policyHash: 'abc' },
  };

  it('are the flow and the named policy from the first answer on, which is when the onboarding counts as started', () => {
    const labels = { flow: FLOW, policy: 'strict' };
    const all = measuredIn({ type: 'Registered', at: 0, appRegistrationId: 'first', token: TOKEN, namedPolicy });
    expect(all).toEqual([{ metric: 'onboarding_started', labels }]);
  });

  it('do not show the flow before Verifik has accepted it', () => {
    const { applied } = runOnboarding([transition(0, (at) => ({ type: 'Withdrawn', at }))]);
    const all = applied.flatMap(measured);
    expect(new Set(all.map((one) => one.labels['flow']))).toEqual(new Set(['unknown']));
    expect(of('onboarding_pending_at_end', all).map(({ labels }) => labels)).toEqual(
      CHECK_NAMES.map((check) => ({ check, outcome: 'withdrawn', flow: 'unknown', policy: 'request' })),
    );
  });
});

describe('attempts, reviews and failures', () => {
  it('a failed attempt and a review count with their reasons, and a decision with the age of the review', () => {
    const failed = { result: 'failed', validationId: 'd1', reason: 'unspecified', failedAttempts: ['d1'] } as const;
    const inReview = { result: 'inReview', validationId: 'd2', reason: 'namesDiffer', failedAttempts: ['d1'] } as const;
    const all = measuredIn(
      registered(0),
      read(MINUTE_MS, { document: failed }),
      read(2 * MINUTE_MS, { document: inReview }),
      { type: 'ReviewDecided', at: 2 * MINUTE_MS + HOUR_MS, decision: 'approve', reviewer: 'reviewer-7' },
    );
    const labels = { flow: FLOW, policy: 'request' };
    expect(all.slice(1)).toEqual([
      { metric: 'onboarding_check_results', labels: { check: 'document', result: 'failed', ...labels } },
      { metric: 'onboarding_check_reasons', labels: { event: 'failed', reason: 'unspecified', ...labels } },
      { metric: 'onboarding_check_reasons', labels: { event: 'review', reason: 'namesDiffer', ...labels } },
      { metric: 'onboarding_reviews_decided', labels: { decision: 'approve', ...labels } },
      { metric: 'onboarding_review_duration', seconds: 3_600, labels },
      { metric: 'onboarding_check_results', labels: { check: 'document', result: 'passed', ...labels } },
      { metric: 'onboarding_check_duration', seconds: 3_720, labels: { check: 'document', ...labels } },
    ]);
  });

  it('an onboarding that fails counts as ended, with the type of the failure', () => {
    const state = initialState({ policy: policyWith(), contact: CONTACT }, 0);
    const step = {
      before: state,
      after: state,
      at: 1,
      changes: [{ type: 'onboarding.failed', failure: 'Misconfigured' }],
    } as const;
    expect(measurementsOf(step, FLOW)).toMatchObject([
      { metric: 'onboarding_started' },
      { metric: 'onboarding_ended', labels: { outcome: 'failed', reason: 'Misconfigured' } },
    ]);
  });
});
