import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DEFAULT_PROJECT, DEFAULT_PROJECT_FLOW, DEFAULT_SETTINGS } from '../../../../tools/sandbox/settings.js';
import { SandboxState } from '../../../../tools/sandbox/state.js';

type Step =
  | { readonly do: 'add'; readonly flow: string }
  | { readonly do: 'populate'; readonly flow: string; readonly count: number; readonly forgotten: number }
  | { readonly do: 'move'; readonly at: number; readonly status: string }
  | { readonly do: 'forget'; readonly at: number };

const FLOWS = [DEFAULT_PROJECT_FLOW, 'another flow'];
const flow = fc.constantFrom(...FLOWS);
const at = fc.nat(10_000);

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ do: fc.constant('add' as const), flow }),
  fc
    .tuple(flow, fc.integer({ min: 1, max: 2_500 }), fc.nat(3))
    .map(([of, count, gone]): Step => ({ do: 'populate', flow: of, count, forgotten: Math.min(gone, count) })),
  fc.record({ do: fc.constant('move' as const), at, status: fc.constantFrom('FAILED', 'ONGOING', 'COMPLETED') }),
  fc.record({ do: fc.constant('forget' as const), at }),
);

interface Known {
  readonly id: string;
  readonly flow: string;
  status: string;
}

/** A model of the registry: a plain list. */
class Model {
  readonly ids: string[] = [];
  known: Known[] = [];

  add(id: string, of: string, status: string | undefined): void {
    this.ids.push(id);
    if (status !== undefined) this.known.push({ id, flow: of, status });
  }

  pick(index: number): Known | undefined {
    return this.known[index % Math.max(this.known.length, 1)];
  }
}

const take = (state: SandboxState, model: Model, one: Step): void => {
  switch (one.do) {
    case 'add': {
      const fields = {
        project: DEFAULT_PROJECT,
        projectFlow: one.flow,
        language: 'en',
        email: `${model.ids.length}@x`,
      };
      const { _id, status } = state.addRegistration(fields);
      model.add(_id, one.flow, status);
      return;
    }
    case 'populate': {
      const plan = {
        count: one.count,
        seed: undefined,
        status: 'COMPLETED',
        ageDays: [1, 2] as const,
        checks: [],
        drift: { forgotten: one.forgotten },
        projectFlow: undefined,
      };
      const population = state.addPopulation(plan, { project: DEFAULT_PROJECT, projectFlow: one.flow });
      for (let index = 0; index < one.count; index += 1)
        model.add(population.idAt(index), one.flow, population.drifted.has(index) ? undefined : 'COMPLETED');
      return;
    }
    case 'move': {
      const known = model.pick(one.at);
      const registration = known && state.registrations.get(known.id);
      if (known !== undefined) known.status = one.status;
      if (registration !== undefined) registration.status = one.status;
      return;
    }
    case 'forget': {
      const known = model.pick(one.at);
      const registration = known && state.registrations.get(known.id);
      if (registration !== undefined) state.forget(registration);
      model.known = model.known.filter((other) => other !== known);
    }
  }
};

describe('the registry', () => {
  it('the registry behaves like a plain list for any sequence of additions, changes and deletions', () => {
    fc.assert(
      fc.property(
        fc.array(step, { minLength: 1, maxLength: 25 }),
        fc.record({ skip: at, limit: fc.integer({ min: 1, max: 100 }), of: fc.option(flow, { nil: undefined }) }),
        fc.option(fc.constantFrom('FAILED', 'COMPLETED', 'new'), { nil: undefined }),
        (steps, { skip, limit, of }, status) => {
          const state = new SandboxState(1, DEFAULT_SETTINGS);
          const model = new Model();
          for (const one of steps) take(state, model, one);
          const isWanted = status === undefined ? undefined : (word: string) => word === status;
          const wanted = model.known.filter(
            (one) => (of === undefined || one.flow === of) && (isWanted?.(one.status) ?? true),
          );
          const from = skip % (wanted.length + 1);
          const { found, total } = state.registrations.page({ projectFlow: of, isWanted }, from, limit);
          expect(total).toBe(wanted.length);
          expect(found.map(({ _id, status: word }) => [_id, word])).toEqual(
            wanted.slice(from, from + limit).map((one) => [one.id, one.status]),
          );
          expect([...state.registrations.ids()].flat()).toEqual(model.ids);
          for (const { _id, projectFlow, email } of found)
            expect(state.registrations.findByContact(projectFlow, { email: email ?? '' })?.registration._id).toBe(_id);
        },
      ),
      { numRuns: 60 },
    );
  });
});
