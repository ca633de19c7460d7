import { activityInfo, cancellationSignal, heartbeat } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import * as E from 'fp-ts/lib/Either.js';
import pMap from 'p-map';
import type { WalkInput, WalkOutcome } from '../../contract/revalidation-activities.js';
import { costOfOne, withinBudget } from '../../domain/revalidation/cost.js';
import { isCharged } from '../../domain/revalidation/counts.js';
import { decodeWalked, further, isAtTheStart, type Walked } from '../../domain/revalidation/progress.js';
import { MINUTE_MS, SECOND_MS } from '../../shared/time.js';
import type { Taken } from './audit.js';
import { BatchStoreError } from './files/errors.js';
import type { BatchStore } from './files/store.js';
import type { Pace } from './pace.js';
import { Progress } from './progress.js';
import { type Sourced, type Stretch, walkSource } from './sources.js';
import type { Vendor } from './vendor.js';

/** How a leg takes one registration: what it came to, or `undefined` where its waiting was ended. */
export type TakeOne = (sourced: Sourced) => Promise<Taken | undefined>;

/** What a leg works with. */
export interface LegTools {
  readonly store: BatchStore;
  readonly vendor: Vendor;
  readonly pace: Pick<Pace, 'calledAt' | 'goOnFrom'>;
  /** Sets the pace anew where it has to be. */
  readonly keepPace: () => Promise<void>;
  /** Waits until there is room for more. */
  readonly makeReady: (ended: AbortSignal) => Promise<void>;
  /** Looks up what is known of a stretch together. */
  readonly takerFor: (stretch: Stretch) => Promise<TakeOne>;
}

const LEG_MS = MINUTE_MS;

/**
 * As many at once as begin while the slowest of them is answered, so that those that have begun are through soon after the leg is to
 * end; more than the most do not make it faster.
 */
const SLOWEST_S = 5;
const MOST_AT_ONCE = 64;

const atOnce = ({ callsPerSecond }: WalkInput): number =>
  Math.min(Math.max(Math.ceil(callsPerSecond * SLOWEST_S), 1), MOST_AT_ONCE);

const HEARTBEAT_MS = SECOND_MS / 2;

/** What an earlier try of this leg has come to, or where the leg begins. */
const whereToBegin = ({ from }: WalkInput): Walked => {
  const { heartbeatDetails } = activityInfo();
  const heartbeated = decodeWalked(heartbeatDetails);
  return E.isRight(heartbeated) ? further(from, heartbeated.right) : from;
};

/** Why no more of a stretch are taken. */
type Halt = 'ended' | 'budget';

/**
 * Takes the registrations of a stretch in their order, some at once, until they are done, the leg ends, or the budget is spent: by those
 * who cost something. Others that were under way may have had no room beside them, and are taken then.
 */
const takeStretch = async (
  stretch: Stretch,
  take: TakeOne,
  input: WalkInput,
  progress: Progress,
  ended: AbortSignal,
): Promise<Halt | undefined> => {
  const { request } = input;
  const { registrations } = stretch;
  const cost = request.mode === 'reverify' ? costOfOne(request) : 0;
  const mayBegin = (spent: number) => cost === 0 || withinBudget(request, spent);
  let next = 0;
  let halt: Halt | undefined;
  async function* admitted() {
    let reserved = progress.credits;
    for (; next < registrations.length; next += 1) {
      const sourced = registrations[next];
      halt = ended.aborted ? 'ended' : mayBegin(reserved) ? undefined : 'budget';
      if (halt !== undefined || sourced === undefined) return;
      reserved += cost;
      yield [next, sourced] as const;
    }
  }
  const takeOne = async ([index, sourced]: readonly [number, Sourced]) => {
    const taken = await take(sourced);
    if (taken !== undefined) progress.took(index, taken, isCharged(taken.result) ? cost : 0);
  };
  progress.begin(stretch);
  do await pMap(admitted(), takeOne, { concurrency: atOnce(input) });
  while (halt === 'budget' && mayBegin(progress.credits));
  return halt ?? (progress.isThrough ? undefined : 'ended');
};

/** What cannot be mended by trying again ends the batch: there is no such file, or a file is wrong. */
const asFailure = (error: unknown): unknown =>
  error instanceof BatchStoreError && error.fault !== 'unavailable'
    ? ApplicationFailure.nonRetryable(error.message, 'SourceUnreadable')
    : error;

/**
 * Walks a leg of a batch's source: a minute at most, or until it is cancelled. What is heartbeated has been written to the report, so
 * that another try goes on from there.
 */
export const walkLeg = async (input: WalkInput, tools: LegTools): Promise<WalkOutcome> => {
  const cancelled = cancellationSignal();
  const ended = AbortSignal.any([cancelled, AbortSignal.timeout(LEG_MS)]);
  const { pace } = tools;
  const from = whereToBegin(input);
  if (from.calledAt !== undefined) pace.goOnFrom(from.calledAt);
  const progress = new Progress(input.batch, from, tools.store);
  const sofar = (): Walked =>
    pace.calledAt === undefined ? progress.written : { ...progress.written, calledAt: pace.calledAt };
  const beat = setInterval(() => {
    // What cannot be written is told to whoever writes last; what Temporal cannot be asked, to whoever asks next.
    progress.flushIfDue().catch(() => undefined);
    tools.keepPace().catch(() => undefined);
    heartbeat(sofar());
  }, HEARTBEAT_MS);
  const stopped = (why: WalkOutcome['why']): WalkOutcome => ({ walked: sofar(), why });
  const inTime = () => (cancelled.aborted ? 'stopped' : 'time');
  try {
    if (isAtTheStart(progress.written.position)) await tools.store.clear(input.batch);
    const source = walkSource({ ...input, from: progress.written }, tools);
    for await (const stretch of source) {
      await tools.keepPace();
      await tools.makeReady(ended);
      const take = await tools.takerFor(stretch);
      const halt = await takeStretch(stretch, take, input, progress, ended);
      await progress.flush();
      if (halt === 'budget') return stopped('budget');
      if (halt === 'ended' || ended.aborted) return stopped(inTime());
    }
    return stopped(ended.aborted ? inTime() : 'done');
  } catch (error) {
    // What has been taken is not taken again.
    await progress.flush().catch(() => undefined);
    heartbeat(sofar());
    throw asFailure(error);
  } finally {
    clearInterval(beat);
  }
};
