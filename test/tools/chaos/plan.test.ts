import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { castOf } from '../../../tools/chaos/cast.js';
import { PERSONA_NAMES, personaOf } from '../../../tools/chaos/personas.js';
import { type Act, DEPLOY_STEPS, inWords, subjectOf } from '../../../tools/chaos/plan/acts.js';
import { LONGEST_MS, type PlanOptions, planOf } from '../../../tools/chaos/plan/plan.js';

const seeds = fc.integer({ min: 0, max: 2 ** 31 });
const options: fc.Arbitrary<PlanOptions> = fc.record({
  onboardings: fc.integer({ min: 1, max: 2_000 }),
  database: fc.boolean(),
});

const kindsIn = (plan: readonly Act[]) => new Set(plan.map(({ kind }) => kind));

const ALWAYS: readonly Act['kind'][] = [
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
  it('is the same for the same seed, and another for another', () => {
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

  it('has every kind of harm that is possible, and no other', () => {
    fc.assert(
      fc.property(seeds, options, (seed, how) => {
        const plan = planOf(seed, how);
        expect(kindsIn(plan)).toEqual(new Set([...ALWAYS, ...(how.database ? ['killDatabase'] : [])]));
        if (how.database) return;
        for (const act of plan) expect(subjectOf(act)).not.toBe('temporalToDatabase');
      }),
    );
  });

  it('has its acts in order, and leaves the last onboardings in peace', () => {
    fc.assert(
      fc.property(seeds, options, (seed, how) => {
        const moments = planOf(seed, how).map(({ at }) => at);
        expect(moments).toEqual([...moments].sort((one, other) => one - other));
        expect(moments.at(-1)).toBeLessThanOrEqual(0.9 * how.onboardings);
      }),
    );
  });

  it('mends all harm within its time: no worker, gateway, server or connection stays away', () => {
    fc.assert(
      fc.property(seeds, options, (seed, how) => {
        for (const { forMs } of planOf(seed, how)) {
          expect(forMs).toBeGreaterThanOrEqual(0);
          expect(forMs).toBeLessThanOrEqual(LONGEST_MS);
        }
      }),
    );
  });

  it('kills one worker at a time, one gateway at a time, and never the server and its database together', () => {
    const subjects = (kinds: readonly string[], plan: readonly Act[]) =>
      new Set(plan.filter(({ kind }) => kinds.includes(kind)).map(subjectOf));
    fc.assert(
      fc.property(seeds, options, (seed, how) => {
        const plan = planOf(seed, how);
        for (const kinds of [['killWorker', 'restartWorker'], ['killGateway'], ['killServer', 'killDatabase']])
          expect(subjects(kinds, plan).size).toBe(1);
      }),
    );
  });

  it('has the new build take over in the order of its steps', () => {
    fc.assert(
      fc.property(seeds, options, (seed, how) => {
        const steps = planOf(seed, how).flatMap((act) => (act.kind === 'deploy' ? [act.step] : []));
        expect(steps).toEqual(DEPLOY_STEPS);
      }),
    );
  });

  it('has only what it is told to have', () => {
    const only = ['killGateway', 'delay'] as const;
    fc.assert(
      fc.property(seeds, options, (seed, how) => {
        expect(kindsIn(planOf(seed, { ...how, only }))).toEqual(new Set(only));
      }),
    );
  });

  it('tells each act in words of its own', () => {
    fc.assert(
      fc.property(seeds, options, (seed, how) => {
        for (const act of planOf(seed, how)) expect(inWords(act)).toMatch(/^[A-Z].*\.$/);
      }),
    );
  });
});

describe('a cast', () => {
  it('is the same for the same seed, with a reference, an email and a phone of their own for each', () => {
    fc.assert(
      fc.property(seeds, fc.integer({ min: 1, max: 300 }), (seed, onboardings) => {
        const cast = castOf({ seed, onboardings });
        expect(castOf({ seed, onboardings })).toEqual(cast);
        expect(new Set(cast.map(({ reference }) => reference)).size).toBe(onboardings);
      }),
    );
    const cast = castOf({ seed: 1, onboardings: 2_000 });
    for (const field of ['email', 'phone'] as const)
      expect(new Set(cast.map(({ person }) => person[field])).size).toBe(2_000);
  });

  it('has every persona as soon as there are enough, and none that takes too long', () => {
    const personas = (atMostMs?: number) =>
      new Set(
        castOf({ seed: 3, onboardings: 20, ...(atMostMs === undefined ? {} : { atMostMs }) }).map(
          ({ persona }) => persona,
        ),
      );
    expect(personas()).toEqual(new Set(PERSONA_NAMES));
    expect([...personas(1_000)].filter((persona) => personaOf(persona).takesMs !== undefined)).toEqual([]);
  });
});
