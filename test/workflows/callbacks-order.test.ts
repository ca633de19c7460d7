import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { OnboardingEvent } from '../../domain/changes.js';
import {
  abandon,
  type Deliveries,
  enqueue,
  markDelivered,
  NO_DELIVERIES,
  type PendingDelivery,
} from '../../workflows/callbacks/deliveries.js';

const CALLBACKS = { endpoint: 'service', id: 'customer-4711' };

const event = (sequence: number, at = sequence): OnboardingEvent => ({
  type: 'onboarding.reminder.sent',
  remindersSent: sequence,
  sequence,
  at,
});

const request = (run: string, sequences: readonly number[], replay = false) => ({
  callbacks: CALLBACKS,
  onboardingRunId: run,
  events: sequences.map((sequence) => event(sequence)),
  ...(replay ? { replay: true as const } : {}),
});

const queueOf = ({ pending }: Deliveries) =>
  pending.map(({ onboardingRunId, event: { sequence } }) => `${onboardingRunId}${sequence}`);

const first = ({ pending: [delivery] }: Deliveries): PendingDelivery => {
  if (delivery === undefined) throw new Error('the queue is empty');
  return delivery;
};

/** An input of the queue: a request, or the end of a delivery. */
const input = fc.oneof(
  fc.record({
    request: fc
      .tuple(fc.constantFrom('a', 'b'), fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 4 }), fc.boolean())
      .map(([run, from, count, replay]) =>
        request(
          run,
          Array.from({ length: count }, (_, n) => from + n),
          replay,
        ),
      ),
  }),
  fc.constantFrom({ send: true }, { send: false }),
);

const apply = (deliveries: Deliveries, next: typeof input extends fc.Arbitrary<infer I> ? I : never): Deliveries => {
  if ('request' in next) return enqueue(deliveries, next.request, 0);
  if (deliveries.pending.length === 0) return deliveries;
  const delivery = first(deliveries);
  return next.send ? markDelivered(deliveries, delivery) : abandon(deliveries, delivery, 'for a reason');
};

describe('the queue of deliveries', () => {
  it('contains the events of each onboarding in order and once, however often they are enqueued', () => {
    fc.assert(
      fc.property(fc.array(input, { maxLength: 30 }), (inputs) => {
        const { pending } = inputs.reduce(apply, NO_DELIVERIES);
        for (const run of ['a', 'b']) {
          const sequences = pending
            .filter(({ onboardingRunId }) => onboardingRunId === run)
            .map((one) => one.event.sequence);
          expect(sequences).toEqual([...new Set(sequences)].sort((x, y) => x - y));
        }
      }),
    );
  });

  it('puts the events of a restarted onboarding behind those of its former run', () => {
    const both = enqueue(enqueue(NO_DELIVERIES, request('a', [7, 8]), 0), request('b', [1, 2]), 0);
    expect(queueOf(both)).toEqual(['a7', 'a8', 'b1', 'b2']);
  });

  it('ignores delivered events that are enqueued again, even with a later time, but not replays', () => {
    const sent = markDelivered(enqueue(NO_DELIVERIES, request('a', [1]), 0), {
      ...request('a', []),
      event: event(1),
      since: 0,
    });
    const again = { ...request('a', []), events: [event(1, 99), event(2)] };
    expect(queueOf(enqueue(sent, again, 0))).toEqual(['a2']);
    expect(queueOf(enqueue(sent, request('a', [1], true), 0))).toEqual(['a1']);
  });

  it('restarts the five days of an event that is replayed', () => {
    const waiting = enqueue(NO_DELIVERIES, request('a', [1, 2]), 0);
    const again = enqueue(waiting, request('a', [1], true), 1_000);
    expect(again.pending.map(({ since }) => since)).toEqual([1_000, 0]);
    expect(enqueue(waiting, request('a', [1]), 1_000)).toEqual(waiting);
  });

  it('counts delivered and abandoned events, and keeps the last abandoned ones with the reason', () => {
    const all = enqueue(NO_DELIVERIES, request('a', [1, 2, 3, 4, 5, 6, 7, 8]), 0);
    const rest = markDelivered(all, first(all));
    const end = Array.from({ length: 7 }).reduce<Deliveries>(
      (queue, _, n) => abandon(queue, first(queue), `reason ${n}`),
      rest,
    );
    expect(end).toMatchObject({ pending: [], delivered: 1, abandoned: 7 });
    expect(end.recentlyAbandoned.map(({ event: { sequence }, problem }) => `${sequence} ${problem}`)).toEqual([
      '4 reason 2',
      '5 reason 3',
      '6 reason 4',
      '7 reason 5',
      '8 reason 6',
    ]);
  });
});
