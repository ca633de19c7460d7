import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { OnboardingEvent } from '../../domain/changes.js';
import {
  type Deliveries,
  delivered,
  givenUp,
  NO_DELIVERIES,
  taken,
  type Unsent,
} from '../../workflows/callbacks/deliveries.js';

const CALLBACKS = { endpoint: 'service', id: 'customer-4711' };

const event = (sequence: number, at = sequence): OnboardingEvent => ({
  type: 'onboarding.reminder.sent',
  remindersSent: sequence,
  sequence,
  at,
});

const ask = (run: string, sequences: readonly number[], replay = false) => ({
  callbacks: CALLBACKS,
  onboardingRunId: run,
  events: sequences.map((sequence) => event(sequence)),
  ...(replay ? { replay: true as const } : {}),
});

const shown = ({ unsent }: Deliveries) =>
  unsent.map(({ onboardingRunId, event: { sequence } }) => `${onboardingRunId}${sequence}`);

const first = ({ unsent: [one] }: Deliveries): Unsent => {
  if (one === undefined) throw new Error('nothing is unsent');
  return one;
};

/** One thing that can happen while events are sent. */
const happening = fc.oneof(
  fc.record({
    ask: fc
      .tuple(fc.constantFrom('a', 'b'), fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 4 }), fc.boolean())
      .map(([run, from, count, replay]) =>
        ask(
          run,
          Array.from({ length: count }, (_, n) => from + n),
          replay,
        ),
      ),
  }),
  fc.constantFrom({ send: true }, { send: false }),
);

const after = (deliveries: Deliveries, one: typeof happening extends fc.Arbitrary<infer H> ? H : never): Deliveries => {
  if ('ask' in one) return taken(deliveries, one.ask, 0);
  if (deliveries.unsent.length === 0) return deliveries;
  return one.send ? delivered(deliveries, first(deliveries)) : givenUp(deliveries, first(deliveries), 'for a reason');
};

describe('events that are to be sent', () => {
  it('stand in their order within each onboarding, each once, whatever comes again', () => {
    fc.assert(
      fc.property(fc.array(happening, { maxLength: 30 }), (happenings) => {
        const { unsent } = happenings.reduce(after, NO_DELIVERIES);
        for (const run of ['a', 'b']) {
          const sequences = unsent
            .filter(({ onboardingRunId }) => onboardingRunId === run)
            .map((one) => one.event.sequence);
          expect(sequences).toEqual([...new Set(sequences)].sort((x, y) => x - y));
        }
      }),
    );
  });

  it('of an onboarding that was started again come after those of the one before', () => {
    const both = taken(taken(NO_DELIVERIES, ask('a', [7, 8]), 0), ask('b', [1, 2]), 0);
    expect(shown(both)).toEqual(['a7', 'a8', 'b1', 'b2']);
  });

  it('are not sent again where only the hand-over was repeated, also when they happened a moment later', () => {
    const sent = delivered(taken(NO_DELIVERIES, ask('a', [1]), 0), { ...ask('a', []), event: event(1), since: 0 });
    const again = { ...ask('a', []), events: [event(1, 99), event(2)] };
    expect(shown(taken(sent, again, 0))).toEqual(['a2']);
    expect(shown(taken(sent, ask('a', [1], true), 0))).toEqual(['a1']);
  });

  it('have as long as ever from when they were asked for again', () => {
    const waiting = taken(NO_DELIVERIES, ask('a', [1, 2]), 0);
    const again = taken(waiting, ask('a', [1], true), 1_000);
    expect(again.unsent.map(({ since }) => since)).toEqual([1_000, 0]);
    expect(taken(waiting, ask('a', [1]), 1_000)).toEqual(waiting);
  });

  it('are counted as delivered or given up, and the last ones that were lost are told with the reason', () => {
    const all = taken(NO_DELIVERIES, ask('a', [1, 2, 3, 4, 5, 6, 7, 8]), 0);
    const one = delivered(all, first(all));
    const lost = Array.from({ length: 7 }).reduce<Deliveries>((so, _, n) => givenUp(so, first(so), `reason ${n}`), one);
    expect(lost).toMatchObject({ unsent: [], delivered: 1, givenUp: 7 });
    expect(lost.lost.map(({ event: { sequence }, problem }) => `${sequence} ${problem}`)).toEqual([
      '4 reason 2',
      '5 reason 3',
      '6 reason 4',
      '7 reason 5',
      '8 reason 6',
    ]);
  });
});
