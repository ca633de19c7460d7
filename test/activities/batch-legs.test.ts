import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Taken } from '../../activities/revalidation/audit.js';
import type { BatchStore } from '../../activities/revalidation/files/store.js';
import { Pace } from '../../activities/revalidation/pace.js';
import type { Vendor } from '../../activities/revalidation/vendor.js';
import { type LegTools, walkLeg } from '../../activities/revalidation/walk.js';
import type { WalkInput, WalkOutcome } from '../../contract/revalidation-activities.js';
import { NO_COUNTS } from '../../domain/revalidation/counts.js';
import { AT_THE_START, type Walked } from '../../domain/revalidation/progress.js';
import { type BatchRequest, DEFAULT_BATCH } from '../../domain/revalidation/request.js';
import { all, freshStore, linesOf, streamOf } from './revalidation/setting.js';

const START: Walked = { position: AT_THE_START, counts: NO_COUNTS };

const nobodysVendor: Vendor = {
  turn: async () => true,
  list: () => Promise.reject(new Error('nobody asks for the list')),
  read: () => Promise.reject(new Error('nobody asks for a registration')),
};

type Take = (appRegistrationId: string) => Promise<Taken | undefined>;

const toolsOf = (store: BatchStore, take: Take): LegTools => ({
  store,
  vendor: nobodysVendor,
  pace: new Pace(1_000, new AbortController().signal),
  keepPace: async () => undefined,
  makeReady: async () => undefined,
  takerFor: async () => (sourced) => take(sourced.appRegistrationId),
});

const requestOf = (change: Partial<BatchRequest>): BatchRequest => ({
  ...DEFAULT_BATCH,
  mode: 'audit',
  source: { kind: 'file', format: 'csv' },
  ...change,
});

/** One leg, in an activity of its own that `stop` cancels. */
const leg = (request: BatchRequest, from: Walked, tools: LegTools, heartbeatDetails?: unknown) => {
  const environment = new MockActivityEnvironment({ heartbeatDetails }, { logger: new DefaultLogger('ERROR') });
  const beats: unknown[] = [];
  environment.on('heartbeat', (details: unknown) => beats.push(details));
  const input: WalkInput = { batch: 'b', request, from, callsPerSecond: request.callsPerSecond };
  const run = () => environment.run<[WalkInput, LegTools], WalkOutcome, typeof walkLeg>(walkLeg, input, tools);
  return { run, stop: () => environment.cancel(), beats };
};

/** A file in which some lines are bad, and one blank. */
const fileOf = (lines: readonly ('id' | 'bad' | 'blank')[]): string =>
  lines.map((kind, index) => ({ id: `r${index}`, bad: 'not an id', blank: '' })[kind]).join('\n');

/** Walks a file to its end, with legs that end after so many registrations each. */
const walkInPieces = async (store: BatchStore, cuts: readonly number[]): Promise<WalkOutcome> => {
  let walked = START;
  for (let piece = 0; ; piece += 1) {
    let left = cuts[piece] ?? Number.POSITIVE_INFINITY;
    const one = leg(
      requestOf({}),
      walked,
      toolsOf(store, async () => {
        if (left === 0) return undefined;
        left -= 1;
        return { result: 'untracked' };
      }),
    );
    const outcome = await one.run();
    if (outcome.why === 'done') return outcome;
    walked = outcome.walked;
  }
};

describe('the legs of a walk', () => {
  it('in whatever pieces come to the same: every registration once, and every bad line once', async () => {
    const kinds = fc.array(fc.constantFrom('id', 'id', 'bad', 'blank' as const), { minLength: 1, maxLength: 300 });
    await fc.assert(
      fc.asyncProperty(kinds, fc.array(fc.integer({ min: 0, max: 60 }), { maxLength: 4 }), async (lines, cuts) => {
        const { store } = await freshStore();
        await store.putSource('b', streamOf([Buffer.from(fileOf(lines))]));
        const { walked } = await walkInPieces(store, cuts);
        const numbersOf = (kind: string) => lines.flatMap((one, index) => (one === kind ? [index] : []));
        const ids = numbersOf('id').map((index) => `r${index}`);
        expect((await all(store.readLines('b'))).map(({ appRegistrationId }) => appRegistrationId)).toEqual(ids);
        expect(walked.counts).toMatchObject({ total: ids.length, badLines: numbersOf('bad').length });
        const bad = await all(store.readBadLines('b'));
        expect(bad.map(({ line }) => line)).toEqual(numbersOf('bad').map((index) => index + 1));
      }),
      { numRuns: 40 },
    );
  });

  it('go on from what was heartbeated, not from where they were begun', async () => {
    const { store } = await freshStore();
    const ids = ['a', 'b', 'c', 'd'];
    const taken: string[] = [];
    const take: Take = async (id) => {
      taken.push(id);
      return { result: 'untracked' };
    };
    await store.writeLines('b', 1, linesOf(1, 3));
    const heartbeated: Walked = { position: { taken: 2 }, counts: { ...NO_COUNTS, total: 2 }, of: 4 };
    const one = leg(requestOf({ source: { kind: 'ids', ids } }), START, toolsOf(store, take), heartbeated);
    expect(await one.run()).toMatchObject({ why: 'done', walked: { counts: { total: 4 } } });
    expect(taken).toEqual(['c', 'd']);
    expect(await all(store.readLines('b'))).toHaveLength(4);
  });

  it('keep the distance from the last call of the one before', async () => {
    const { store } = await freshStore();
    const ids = ['a', 'b'];
    const calledAt: number[] = [];
    const oneCall = async (from: Walked): Promise<Walked> => {
      const pace = new Pace(4, new AbortController().signal);
      const take: Take = async () => {
        if (calledAt.length > from.position.taken) return undefined;
        await pace.take();
        calledAt.push(pace.calledAt ?? Number.NaN);
        return { result: 'untracked' };
      };
      const tools = { ...toolsOf(store, take), pace };
      return (await leg(requestOf({ source: { kind: 'ids', ids } }), from, tools).run()).walked;
    };
    const walked = await oneCall(await oneCall(START));
    expect(walked.position.taken).toBe(2);
    expect((calledAt[1] ?? 0) - (calledAt[0] ?? 0)).toBeGreaterThanOrEqual(245);
  });

  it('answer with how far they are when they are told to stop', async () => {
    const { store } = await freshStore();
    // Of a former run of the batch, which begins anew.
    await store.writeLines('b', 40, linesOf(40, 45));
    const ids = Array.from({ length: 100 }, (_, index) => `r${index}`);
    let taken = 0;
    const one = leg(
      requestOf({ source: { kind: 'ids', ids } }),
      START,
      toolsOf(store, async () => {
        taken += 1;
        if (taken === 30) one.stop();
        return taken > 30 ? undefined : { result: 'gone' };
      }),
    );
    const { walked, why } = await one.run();
    expect(why).toBe('stopped');
    expect(walked.position.taken).toBe(30);
    expect(await all(store.readLines('b'))).toHaveLength(30);
  });

  it('spend a budget to the last applicant that it is enough for, whoever turns out to cost nothing', async () => {
    const { store } = await freshStore();
    const ids = Array.from({ length: 100 }, (_, index) => `r${index}`);
    const request = requestOf({
      mode: 'reverify',
      source: { kind: 'ids', ids },
      checks: ['document'],
      tariff: { ...DEFAULT_BATCH.tariff, document: 4 },
      creditBudget: 41,
    });
    // Of each three, two cost nothing.
    const take: Take = async (id) => ({ result: Number(id.slice(1)) % 3 === 0 ? 'begun' : 'live' });
    const one = leg(request, START, toolsOf(store, take));
    const { walked, why } = await one.run();
    expect(why).toBe('budget');
    expect(walked.counts).toMatchObject({ credits: 40, results: { begun: 10 } });
  });

  it('that fail keep what was done without a gap before it', async () => {
    const { store } = await freshStore();
    const ids = Array.from({ length: 50 }, (_, index) => `r${index}`);
    const take: Take = async (id) => {
      if (id === 'r7') throw new Error('the vendor is down');
      return { result: 'untracked' };
    };
    const one = leg(requestOf({ source: { kind: 'ids', ids } }), START, toolsOf(store, take));
    await expect(one.run()).rejects.toThrow('the vendor is down');
    expect(one.beats.at(-1)).toMatchObject({ position: { taken: 7 }, counts: { total: 7 } });
  });

  it('without a file, or with a wrong id, end the batch rather than being tried again', async () => {
    const { store } = await freshStore();
    const failing = leg(
      requestOf({}),
      START,
      toolsOf(store, async () => undefined),
    );
    await expect(failing.run()).rejects.toMatchObject({ type: 'SourceUnreadable', nonRetryable: true });
  });
});
