import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applicantsOf, PERSONA_NAMES, personaOf } from '../../../tools/chaos/personas.js';
import { DEPLOY_STEPS, describeFault, type PlannedFault, targetOf } from '../../../tools/chaos/plan/faults.js';
import { MAX_FAULT_MS, type PlanOptions, planOf } from '../../../tools/chaos/plan/plan.js';

const seeds = fc.integer({ min: 0, max: 2 ** 31 });
const options: fc.Arbitrary<PlanOptions> = fc.record({
  onboardings: fc.integer({ min: 1, max: 2_000 }),
  database: fc.boolean(),
});

const kindsIn = (plan: readonly PlannedFault[]) => new Set(plan.map(({ kind }) => kind));

const ALWAYS: readonly PlannedFault['kind'][] = [
  'killWorker',
  'restartWorker',
  'killGateway',
  'killService',
  'killServer',
  'cut',
  'delay',
  'rotateKeys',
  'deploy',
  'vendorFaults',
  'vendorChanges',
];

describe('a plan', () => {
  it('is the same for the same seed, and differs between seeds', () => {
    fc.assert(
      fc.property(seeds, options, (seed, how) => {
        expect(planOf(seed, how)).toEqual(planOf(seed, how));
      }),
    );
    const plans = Array.from({ length: 20 }, (_, seed) =>
      JSON.stringify(planOf(seed, { onboardings: 500, database: true })),
    );
    expect(new Set(plans).size).toBe(20);
  });

  it('contains exactly the kinds of faults that are possible', () => {
    fc.assert(
      fc.property(seeds, options, (seed, how) => {
        const plan = planOf(seed, how);
        expect(kindsIn(plan)).toEqual(new Set([...ALWAYS, ...(how.database ? ['killDatabase'] : [])]));
        if (how.database) return;
        for (const fault of plan) expect(targetOf(fault)).not.toBe('temporalToDatabase');
      }),
    );
  });

  it('has its faults in order, and none for the last tenth of the applicants', () => {
    fc.assert(
      fc.property(seeds, options, (seed, how) => {
        const moments = planOf(seed, how).map(({ at }) => at);
        expect(moments).toEqual([...moments].sort((one, other) => one - other));
        expect(moments.at(-1)).toBeLessThanOrEqual(0.9 * how.onboardings);
      }),
    );
  });

  it('ends every fault within the maximum duration', () => {
    fc.assert(
      fc.property(seeds, options, (seed, how) => {
        for (const { forMs } of planOf(seed, how)) {
          expect(forMs).toBeGreaterThanOrEqual(0);
          expect(forMs).toBeLessThanOrEqual(MAX_FAULT_MS);
        }
      }),
    );
  });

  it('kills one worker at a time, one gateway at a time, and never the server and its database together', () => {
    const subjects = (kinds: readonly string[], plan: readonly PlannedFault[]) =>
      new Set(plan.filter(({ kind }) => kinds.includes(kind)).map(targetOf));
    fc.assert(
      fc.property(seeds, options, (seed, how) => {
        const plan = planOf(seed, how);
        for (const kinds of [['killWorker', 'restartWorker'], ['killGateway'], ['killServer', 'killDatabase']])
          expect(subjects(kinds, plan).size).toBe(1);
      }),
    );
  });

  it('contains the steps of the deployment in order', () => {
    fc.assert(
      fc.property(seeds, options, (seed, how) => {
        const steps = planOf(seed, how).flatMap((fault) => (fault.kind === 'deploy' ? [fault.step] : []));
        expect(steps).toEqual(DEPLOY_STEPS);
      }),
    );
  });

  it('is restricted to the requested kinds', () => {
    const only = ['killGateway', 'delay'] as const;
    fc.assert(
      fc.property(seeds, options, (seed, how) => {
        expect(kindsIn(planOf(seed, { ...how, only }))).toEqual(new Set(only));
      }),
    );
  });

  it('consists of faults that each have a description', () => {
    fc.assert(
      fc.property(seeds, options, (seed, how) => {
        for (const fault of planOf(seed, how)) expect(describeFault(fault)).toMatch(/^[A-Z].*\.$/);
      }),
    );
  });
});

describe('the applicants of a run', () => {
  it('are the same for the same seed, and have unique references, emails and phones', () => {
    fc.assert(
      fc.property(seeds, fc.integer({ min: 1, max: 300 }), (seed, onboardings) => {
        const applicants = applicantsOf({ seed, onboardings });
        expect(applicantsOf({ seed, onboardings })).toEqual(applicants);
        expect(new Set(applicants.map(({ reference }) => reference)).size).toBe(onboardings);
      }),
    );
    const applicants = applicantsOf({ seed: 1, onboardings: 2_000 });
    for (const field of ['email', 'phone'] as const)
      expect(new Set(applicants.map(({ person }) => person[field])).size).toBe(2_000);
  });

  it('include every persona if there are enough, and none that exceeds the maximum duration', () => {
    const personas = (maxDurationMs?: number) =>
      new Set(
        applicantsOf({ seed: 3, onboardings: 20, ...(maxDurationMs === undefined ? {} : { maxDurationMs }) }).map(
          ({ persona }) => persona,
        ),
      );
    expect(personas()).toEqual(new Set(PERSONA_NAMES));
    expect([...personas(1_000)].filter((persona) => personaOf(persona).minDurationMs !== undefined)).toEqual([]);
  });
});
