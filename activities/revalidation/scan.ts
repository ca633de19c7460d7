import { activityInfo, cancellationSignal, heartbeat } from '@temporalio/activity';
import * as E from 'fp-ts/lib/Either.js';
import pMap from 'p-map';
import type { ScanInput, ScanOutcome } from '../../contract/revalidation-activities.js';
import { isCharged } from '../../domain/revalidation/counts.js';
import { decodeScanProgress, further, isAtTheStart, type ScanProgress } from '../../domain/revalidation/progress.js';
import { costOfOne, withinBudget } from '../../domain/revalidation/request.js';
import { MINUTE_MS, SECOND_MS } from '../../shared/time.js';
import { timeLimit } from '../../shared/time-limit.js';
import type { EntryResult } from './audit.js';
import { ChunkProgress } from './chunk-progress.js';
import type { Visibility } from './due-onboardings.js';
import type { BatchStore } from './files/store.js';
import type { RateLimiter } from './rate-limiter.js';
import type { SourceEntry, SourcePage } from './source-page.js';
import { pagesOf } from './sources.js';
import { chunkFailure } from './store-failure.js';
import type { Vendor } from './vendor.js';

/** Processes one registration. Returns `undefined` if the chunk ended while waiting for the rate limiter. */
export type ProcessEntry = (entry: SourceEntry) => Promise<EntryResult | undefined>;

/** The dependencies of a chunk. */
export interface ChunkContext {
  readonly store: BatchStore;
  readonly vendor: Vendor;
  readonly visibility: Visibility;
  readonly limiter: Pick<RateLimiter, 'calledAt' | 'continueFrom'>;
  /** Sets the limiter's rate to the batch's share. */
  readonly updateRate: () => Promise<void>;
  /** Waits until few enough onboardings of the batch are waiting for their registration. */
  readonly waitForCapacity: (ended: AbortSignal) => Promise<void>;
  /** Looks up the onboardings of a page's registrations, and returns the function that processes one. */
  readonly processorFor: (page: SourcePage) => Promise<ProcessEntry>;
}

const CHUNK_MS = MINUTE_MS;

/**
 * Concurrency = rate × slowest response time, so that calls in flight finish soon after the chunk's time limit. Capped
 * at 64.
 */
const SLOWEST_RESPONSE_S = 5;
const MAX_CONCURRENCY = 64;

const concurrencyOf = ({ callsPerSecond }: ScanInput): number =>
  Math.min(Math.max(Math.ceil(callsPerSecond * SLOWEST_RESPONSE_S), 1), MAX_CONCURRENCY);

const HEARTBEAT_MS = SECOND_MS / 2;

/** Returns the last heartbeat of an earlier attempt, or the chunk's start. */
const startOf = ({ from }: ScanInput): ScanProgress => {
  const { heartbeatDetails } = activityInfo();
  const last = decodeScanProgress(heartbeatDetails);
  return E.isRight(last) ? further(from, last.right) : from;
};

const REPEATED: EntryResult = { result: 'repeated' };

type Halt = 'ended' | 'budget';

/**
 * Processes the registrations of a page in order and concurrently, until the page is complete, the chunk ends, or the
 * budget is spent. Entries in flight reserve their cost. If some turn out to cost nothing, the remaining budget is used
 * for further entries.
 */
const processPage = async (
  page: SourcePage,
  process: ProcessEntry,
  input: ScanInput,
  progress: ChunkProgress,
  ended: AbortSignal,
): Promise<Halt | undefined> => {
  const { request } = input;
  const { entries } = page;
  const cost = request.mode === 'reverify' ? costOfOne(request) : 0;
  const isAffordable = (spent: number) => cost === 0 || withinBudget(request, spent);
  let next = 0;
  let halt: Halt | undefined;
  async function* admitted() {
    let reserved = progress.credits;
    for (; next < entries.length; next += 1) {
      const entry = entries[next];
      halt = ended.aborted ? 'ended' : isAffordable(reserved) ? undefined : 'budget';
      if (halt !== undefined || entry === undefined) return;
      reserved += cost;
      yield [next, entry] as const;
    }
  }
  const processOne = async ([index, entry]: readonly [number, SourceEntry]) => {
    const result = entry.isRepeated === true ? REPEATED : await process(entry);
    if (result !== undefined) progress.record(index, result, isCharged(result.result) ? cost : 0);
  };
  progress.startPage(page);
  do await pMap(admitted(), processOne, { concurrency: concurrencyOf(input) });
  while (halt === 'budget' && isAffordable(progress.credits));
  return halt ?? (progress.isPageComplete ? undefined : 'ended');
};

/**
 * Scans a chunk of a batch's source, for at most a minute or until it is cancelled. Heartbeats contain only progress
 * that has been written to the report, so that a retry continues from there.
 */
export const scanChunk = async (input: ScanInput, context: ChunkContext): Promise<ScanOutcome> => {
  const cancelled = cancellationSignal();
  const { signal: ended, clear } = timeLimit(CHUNK_MS, cancelled);
  const { limiter } = context;
  const from = startOf(input);
  if (from.calledAt !== undefined) limiter.continueFrom(from.calledAt);
  const progress = new ChunkProgress(input.batch, from, context.store);
  const written = (): ScanProgress =>
    limiter.calledAt === undefined ? progress.written : { ...progress.written, calledAt: limiter.calledAt };
  const beat = setInterval(() => {
    // Failures surface in the next flush and the next `updateRate` of the loop below.
    progress.flushIfDue().catch(() => undefined);
    context.updateRate().catch(() => undefined);
    heartbeat(written());
  }, HEARTBEAT_MS);
  const outcome = (why: ScanOutcome['why']): ScanOutcome => ({ scan: written(), why });
  const endReason = () => (cancelled.aborted ? 'stopped' : 'time');
  try {
    // Before any call to Verifik, whose results would be lost.
    await context.store.requireWritable(input.batch);
    if (isAtTheStart(progress.written.position)) await context.store.clear(input.batch);
    const pages = pagesOf({ ...input, from: progress.written }, context);
    for await (const page of pages) {
      await context.updateRate();
      await context.waitForCapacity(ended);
      const process = await context.processorFor(page);
      const halt = await processPage(page, process, input, progress, ended);
      await progress.flush();
      if (halt === 'budget') return outcome('budget');
      if (halt === 'ended' || ended.aborted) return outcome(endReason());
    }
    return outcome(ended.aborted ? endReason() : 'done');
  } catch (error) {
    // Keep the completed results, so that a retry does not repeat them.
    await progress.flush().catch(() => undefined);
    heartbeat(written());
    throw chunkFailure(error, written());
  } finally {
    clearInterval(beat);
    clear();
  }
};
