import { describe, expect, it } from 'vitest';
import { appendEvents, changesBetween, EMPTY_LOG, type EventLog } from '../../domain/changes.js';
import { type Evidence, EvidenceCodec, evidenceOf } from '../../domain/evidence/evidence.js';
import { evolve } from '../../domain/evolve.js';
import { policyHashOf } from '../../domain/policy/hash.js';
import { isRequired, type State } from '../../domain/state.js';
import { forEveryRun, SECRETS } from './arbitraries.js';
import { policyWith, type Run } from './driver.js';
import { everyCheck, read, registered, stateAfter } from './transitions.js';

const SOURCE = {
  workflowId: 'onboarding-customer-4711',
  onboardingRunId: 'run-1',
  request: { project: 'project-1', projectFlow: 'flow-1', fullName: 'Secret Person' },
};

const logOf = ({ applied }: Run): EventLog =>
  applied.reduce(
    (log, { before, after, transition }) => appendEvents(log, changesBetween(before, after), transition.at),
    EMPTY_LOG,
  );

const documentOf = (state: State, log: EventLog = EMPTY_LOG, personalData = false): Evidence => {
  const evidence = evidenceOf(state, log, SOURCE, personalData);
  if (evidence === undefined) throw new Error('expected an ended onboarding');
  return evidence;
};

describe('the evidence', () => {
  it('the evidence exists from the decision on, decodes, and has the failed validations, reviews, generations and events', () => {
    forEveryRun((run) => {
      const { applied, state } = run;
      const log = logOf(run);
      const evidence = documentOf(state, log);
      for (const { before } of applied.filter((one) => one.before.progress.phase !== 'ended'))
        expect(evidenceOf(before, log, SOURCE)).toBeUndefined();
      expect(EvidenceCodec.is(JSON.parse(JSON.stringify(evidence)))).toBe(true);
      const failures = applied.flatMap(({ after: { checks } }) =>
        Object.values(checks).flatMap((check) => (isRequired(check) ? check.failedValidations : [])),
      );
      expect(new Set(evidence.attempts.map(({ validationId }) => validationId))).toEqual(new Set(failures));
      const decided = applied.flatMap(({ before: { progress }, transition }) =>
        progress.phase === 'ended' || !('reviewer' in transition) || transition.type === 'ReviewClaimed'
          ? []
          : [{ at: transition.at, reviewer: transition.reviewer }],
      );
      expect(evidence.reviews.map(({ at, reviewer }) => ({ at, reviewer }))).toEqual(decided.slice(-20));
      expect(evidence.generations.at(-1)?.generation ?? 0).toBe(state.generation);
      expect(evidence.events).toEqual(log.kept);
    }, 250);
  });

  it('the evidence has no personal data and no secret unless it is asked for, and never a token', () => {
    forEveryRun((run) => {
      const text = JSON.stringify(documentOf(run.state, logOf(run)));
      expect([...SECRETS, SOURCE.request.fullName].filter((secret) => text.includes(secret))).toEqual([]);
      const whole = documentOf(run.state, logOf(run), true);
      expect(whole.applicant).toEqual({ contact: run.state.contact, fullName: SOURCE.request.fullName });
      expect(whole.reviews.filter(({ note }) => note === undefined)).toEqual([]);
      expect(JSON.stringify(whole)).not.toContain('secret-token');
    }, 100);
  });

  it('a comparison stays in the evidence when Verifik has deleted it, and a later one replaces it', () => {
    const selfie = { ...everyCheck('passed'), biometric: { result: 'passed', liveness: { score: 0.9 } } } as const;
    const compared = read(2, selfie);
    const vendorRegistration = { ...compared.vendorRegistration, compared: { score: 0.97, minScore: 0.85 } };
    const { comparison: _deleted, ...later } = read(3, {}).vendorRegistration;
    const state = stateAfter(
      registered(1),
      { ...compared, vendorRegistration },
      { ...read(3, {}), vendorRegistration: later },
    );
    expect(state.record).toMatchObject({
      liveness: { score: 0.9, readAt: 2 },
      comparison: { result: 'match', score: 0.97, minScore: 0.85, readAt: 2 },
    });
    expect(evolve(state, read(4, {}, 'inProgress')).record?.comparison).toMatchObject({ readAt: 4 });
  });

  it('the hash of a policy does not depend on the order of its fields, but on each of their values', () => {
    const { required, ...rest } = policyWith();
    expect(policyHashOf({ ...rest, required })).toBe(policyHashOf({ required, ...rest }));
    expect(policyHashOf({ required, ...rest, deadlineMs: 1 })).not.toBe(policyHashOf({ required, ...rest }));
  });
});
