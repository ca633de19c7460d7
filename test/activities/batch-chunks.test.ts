import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import type { EntryResult } from '../../activities/revalidation/audit.js';
import type { BatchStore } from '../../activities/revalidation/files/store.js';
import { RateLimiter } from '../../activities/revalidation/rate-limiter.js';
import { type ChunkContext, scanChunk } from '../../activities/revalidation/scan.js';
import type { Vendor } from '../../activities/revalidation/vendor.js';
import { FOLDER_UNAVAILABLE, type ScanInput, type ScanOutcome } from '../../contract/revalidation-activities.js';
import { NO_COUNTS } from '../../domain/revalidation/counts.js';
import { AT_THE_START, type ScanProgress } from '../../domain/revalidation/progress.js';
import { type BatchRequest, DEFAULT_BATCH } from '../../domain/revalidation/request.js';
import { mockActivity } from '../support/activities.js';
import { all, freshStore, linesOf, streamOf } from '../support/batch-store.js';

const START: ScanProgress = { position: AT_THE_START, counts: NO_COUNTS };

const unusedVendor: Vendor = {
  acquire: async () => true,
  list: () => Promise.reject(new Error('unexpected call')),
  read: () => Promise.reject(new Error('unexpected call')),
};

type Process = (appRegistrationId: string) => Promise<EntryResult | undefined>;

const contextOf = (store: BatchStore, process: Process): ChunkContext => ({
  store,
  vendor: unusedVendor,
  visibility: { list: () => streamOf([]), count: async () => 0 },
  limiter: new RateLimiter(1_000, new AbortController().signal),
  updateRate: async () => undefined,
  waitForCapacity: async () => undefined,
  processorFor: async () => (entry) => process(entry.appRegistrationId),
});

const requestOf = (change: Partial<BatchRequest>): BatchRequest => ({
  ...DEFAULT_BATCH,
  mode: 'audit',
  source: { kind: 'file', format: 'csv' },
  ...change,
});

/** Creates a chunk in an activity of its own, which `stop` cancels. */
const chunkOf = (request: BatchRequest, from: ScanProgress, context: ChunkContext, heartbeatDetails?: unknown) => {
  const environment = mockActivity({ heartbeatDetails });
  const beats: unknown[] = [];
  environment.on('heartbeat', (details: unknown) => beats.push(details));
  const input: ScanInput = { batch: 'b', request, from, callsPerSecond: request.callsPerSecond };
  const run = (): Promise<ScanOutcome> => environment.run(() => scanChunk(input, context));
  return { run, stop: () => environment.cancel(), beats };
};

const idsTo = (count: number) => Array.from({ length: count }, (_, index) => `r${index}`);

type Line = 'id' | 'bad' | 'blank';

const idIn = (line: number) => line.toString(16).padStart(24, '0');

const fileOf = (lines: readonly Line[]): string =>
  lines.map((kind, index) => ({ id: idIn(index), bad: 'not an id', blank: '' })[kind]).join('\n');

/** Scans a file to its end, in chunks that end after the given numbers of registrations. */
const scanInChunks = async (store: BatchStore, cuts: readonly number[]): Promise<ScanOutcome> => {
  let scan = START;
  for (let piece = 0; ; piece += 1) {
    let left = cuts[piece] ?? Number.POSITIVE_INFINITY;
    const one = chunkOf(
      requestOf({}),
      scan,
      contextOf(store, async () => {
        if (left === 0) return undefined;
        left -= 1;
        return { result: 'unknownHere' };
      }),
    );
    const outcome = await one.run();
    if (outcome.why === 'done') return outcome;
    scan = outcome.scan;
  }
};

describe('a chunk', () => {
  it('of any length contributes to the same report: every registration and every bad line once', async () => {
    const kind = fc.constantFrom<Line>('id', 'id', 'bad', 'blank');
    const half = fc.array(kind, { maxLength: 150 });
    // Half of the lines have ids, because a file of which most lines have none is refused.
    const kinds = half.map((lines): readonly Line[] => ['id', ...lines, ...lines.map((): Line => 'id')]);
    await fc.assert(
      fc.asyncProperty(kinds, fc.array(fc.integer({ min: 0, max: 60 }), { maxLength: 4 }), async (lines, cuts) => {
        const { store } = await freshStore();
        await store.putSource('b', streamOf([Buffer.from(fileOf(lines))]));
        const { scan } = await scanInChunks(store, cuts);
        const numbersOf = (kind: string) => lines.flatMap((one, index) => (one === kind ? [index] : []));
        const ids = numbersOf('id').map(idIn);
        expect((await all(store.readLines('b'))).map(({ appRegistrationId }) => appRegistrationId)).toEqual(ids);
        expect(scan.counts).toMatchObject({ total: ids.length, badLines: numbersOf('bad').length });
        const bad = await all(store.readBadLines('b'));
        expect(bad.map(({ line }) => line)).toEqual(numbersOf('bad').map((index) => index + 1));
      }),
      { numRuns: 40 },
    );
  });

  it('processes an id that the source repeats only once, also after its chunk was continued', async () => {
    const { store } = await freshStore();
    const ids = [10, 11, 10, 12, 11].map((n, index) => (index === 2 ? idIn(n).toUpperCase() : idIn(n)));
    await store.putSource('b', ids.join('\n'));
    for (const source of [{ kind: 'ids', ids } as const, { kind: 'file', format: 'csv' } as const]) {
      const taken: string[] = [];
      const process: Process = async (id) => {
        taken.push(id);
        return { result: 'match' };
      };
      const continued: ScanProgress = { position: { taken: 2, line: 2 }, counts: NO_COUNTS, of: 5 };
      const expected = { repeated: 2, match: 1 };
      const { scan } = await chunkOf(requestOf({ source }), continued, contextOf(store, process)).run();
      expect(scan.counts).toMatchObject({ total: 3, results: expected });
      expect(taken).toEqual([idIn(12)]);
      expect((await all(store.readLines('b'))).map(({ result }) => result)).toEqual(['repeated', 'match', 'repeated']);
      await store.clear('b');
    }
  });

  it('continues from the last heartbeat, not from its start', async () => {
    const { store } = await freshStore();
    const ids = ['a', 'b', 'c', 'd'];
    const taken: string[] = [];
    const process: Process = async (id) => {
      taken.push(id);
      return { result: 'unknownHere' };
    };
    await store.writeLines('b', 1, linesOf(1, 3));
    const lastHeartbeat: ScanProgress = { position: { taken: 2 }, counts: { ...NO_COUNTS, total: 2 }, of: 4 };
    const one = chunkOf(requestOf({ source: { kind: 'ids', ids } }), START, contextOf(store, process), lastHeartbeat);
    expect(await one.run()).toMatchObject({ why: 'done', scan: { counts: { total: 4 } } });
    expect(taken).toEqual(['c', 'd']);
    expect(await all(store.readLines('b'))).toHaveLength(4);
  });

  it('continues from the last call of the previous chunk, and returns its own last call', async () => {
    const { store } = await freshStore();
    const limiter = { calledAt: 9, continueFrom: vi.fn() };
    const context = { ...contextOf(store, async () => ({ result: 'unknownHere' })), limiter };
    const request = requestOf({ source: { kind: 'ids', ids: ['a'] } });
    const { scan } = await chunkOf(request, { ...START, calledAt: 7 }, context).run();
    expect(limiter.continueFrom).toHaveBeenCalledWith(7);
    expect(scan).toMatchObject({ position: { taken: 1 }, calledAt: 9 });
  });

  it('returns its progress when it is cancelled', async () => {
    const { store } = await freshStore();
    // From an earlier execution of the batch.
    await store.writeLines('b', 40, linesOf(40, 45));
    const ids = idsTo(100);
    let taken = 0;
    const one = chunkOf(
      requestOf({ source: { kind: 'ids', ids } }),
      START,
      contextOf(store, async () => {
        taken += 1;
        if (taken === 30) one.stop();
        return taken > 30 ? undefined : { result: 'notFound' };
      }),
    );
    const { scan, why } = await one.run();
    expect(why).toBe('stopped');
    expect(scan.position.taken).toBe(30);
    expect(await all(store.readLines('b'))).toHaveLength(30);
  });

  it('spends a budget up to the last applicant that it covers, although some cost nothing', async () => {
    const { store } = await freshStore();
    const ids = idsTo(100);
    const request = requestOf({
      mode: 'reverify',
      source: { kind: 'ids', ids },
      checks: ['document'],
      tariff: { ...DEFAULT_BATCH.tariff, document: 4 },
      creditBudget: 41,
    });
    // Two of three cost nothing.
    const process: Process = async (id) => ({ result: Number(id.slice(1)) % 3 === 0 ? 'started' : 'alreadyRunning' });
    const one = chunkOf(request, START, contextOf(store, process));
    const { scan, why } = await one.run();
    expect(why).toBe('budget');
    expect(scan.counts).toMatchObject({ credits: 40, results: { started: 10 } });
  });

  it('that fails keeps the results before the first gap', async () => {
    const { store } = await freshStore();
    const ids = idsTo(50);
    const process: Process = async (id) => {
      if (id === 'r7') throw new Error('the vendor is down');
      return { result: 'unknownHere' };
    };
    const one = chunkOf(requestOf({ source: { kind: 'ids', ids } }), START, contextOf(store, process));
    await expect(one.run()).rejects.toThrow('the vendor is down');
    expect(one.beats.at(-1)).toMatchObject({ position: { taken: 7 }, counts: { total: 7 } });
  });

  it('processes nothing while the folder cannot be written, and fails with its progress', async () => {
    const { store, folder } = await freshStore();
    await writeFile(join(folder, 'b'), 'in the way');
    const process = vi.fn<Process>();
    const from: ScanProgress = { position: { taken: 1 }, counts: { ...NO_COUNTS, total: 1 } };
    const one = chunkOf(requestOf({ source: { kind: 'ids', ids: idsTo(5) } }), from, contextOf(store, process));
    await expect(one.run()).rejects.toMatchObject({ type: FOLDER_UNAVAILABLE, nonRetryable: true, details: [from] });
    expect(process).not.toHaveBeenCalled();
  });

  it('fails without a retry if the file does not exist, or it is not clear which ids it has', async () => {
    const { store } = await freshStore();
    const process = vi.fn<Process>();
    const failure = { type: 'SourceUnreadable', nonRetryable: true };
    await expect(chunkOf(requestOf({}), START, contextOf(store, process)).run()).rejects.toMatchObject(failure);
    await store.putSource('b', streamOf([Buffer.from(`phone;registro\n3001234567;${idIn(1)}\n`)]));
    await expect(chunkOf(requestOf({}), START, contextOf(store, process)).run()).rejects.toMatchObject(failure);
    expect(process).not.toHaveBeenCalled();
  });
});
