import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { byPlace, type Place, type ReviewSource, readSlice, type Window } from '../../../client/lists/review-queue.js';

const UNTIL = 10_000_000;

const place = fc.record({
  workflowId: fc.string({ minLength: 1, maxLength: 3 }),
  // Many are due at the same time, or close to each other.
  dueAt: fc.oneof(fc.integer({ min: 0, max: UNTIL - 1 }), fc.constantFrom(0, 5, 6, 7, UNTIL - 1)),
});

const queueOf = (maxLength: number): fc.Arbitrary<readonly Place[]> =>
  fc
    .uniqueArray(place, { selector: ({ workflowId }) => workflowId, maxLength })
    .map((places) => places.map(({ workflowId, dueAt }) => ({ workflowId, dueAt: new Date(dueAt) })));

/** A source that records the sizes of its lists and the number of its counts. */
const sourceOf = (queue: () => readonly Place[]) => {
  const within = ({ from, to }: Window): readonly Place[] =>
    queue().filter(({ dueAt }) => dueAt.getTime() >= from && dueAt.getTime() < to);
  const listed: (readonly Place[])[] = [];
  const seen = { counts: 0, listed };
  const source: ReviewSource<Place> = {
    count: async (window) => {
      seen.counts += 1;
      return within(window).length;
    },
    list: async (window) => {
      listed.push(within(window));
      return within(window);
    },
  };
  return { source, seen };
};

const pageAfter = async (source: ReviewSource<Place>, after: Place | undefined, limit: number, atMost: number) =>
  (await readSlice(source, { after, until: UNTIL, atLeast: limit + 1, atMost })).slice(0, limit);

describe('the queue of reviews', () => {
  it('has each review once on its pages, in the order of due time and id', async () => {
    await fc.assert(
      fc.asyncProperty(queueOf(40), fc.integer({ min: 1, max: 7 }), async (queue, limit) => {
        const { source } = sourceOf(() => queue);
        const read: Place[] = [];
        for (;;) {
          const page = await pageAfter(source, read.at(-1), limit, 2 * limit);
          if (page.length === 0) break;
          // Only the last page may be short.
          expect(page.length).toBe(Math.min(limit, queue.length - read.length));
          read.push(...page);
        }
        expect(read).toEqual([...queue].sort(byPlace));
      }),
    );
  });

  it('has each review once that is open all the time, while others come and go between two pages', async () => {
    const turns = fc.array(queueOf(8), { minLength: 20, maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(queueOf(20), turns, fc.integer({ min: 1, max: 5 }), async (steady, passing, limit) => {
        const ids = new Set(steady.map(({ workflowId }) => workflowId));
        let turn = 0;
        const others = () => (passing[turn] ?? []).filter(({ workflowId }) => !ids.has(workflowId));
        const { source } = sourceOf(() => [...steady, ...others()]);
        const read: Place[] = [];
        for (let page = await pageAfter(source, undefined, limit, 2 * limit); page.length > 0; ) {
          read.push(...page);
          turn += 1;
          page = await pageAfter(source, page.at(-1), limit, 2 * limit);
        }
        expect(read.filter(({ workflowId }) => ids.has(workflowId))).toEqual([...steady].sort(byPlace));
      }),
    );
  });

  it('is listed in parts of a limited size, except for reviews that are due in the same millisecond', async () => {
    await fc.assert(
      fc.asyncProperty(queueOf(60), fc.integer({ min: 1, max: 5 }), async (queue, limit) => {
        const { source, seen } = sourceOf(() => queue);
        await pageAfter(source, undefined, limit, 2 * limit);
        // A bisection takes 24 counts for so many milliseconds.
        expect(seen.counts).toBeLessThanOrEqual(25 * seen.listed.length);
        for (const part of seen.listed) {
          const last = Math.max(...part.map(({ dueAt }) => dueAt.getTime()));
          const before = part.filter(({ dueAt }) => dueAt.getTime() < last);
          expect(part.length <= 2 * limit || before.length <= limit).toBe(true);
        }
      }),
    );
  });
});
