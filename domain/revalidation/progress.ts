import type * as E from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';
import { decodeFields, type FieldError, refined, wholeNumber } from '../../shared/decoding.js';
import { type EpochMs, SECOND_MS } from '../../shared/time.js';
import { type BatchCounts, FINDINGS, type Finding, STEPS, type Step } from './counts.js';

export const BATCH_STATUSES = ['scanning', 'paused', 'waiting', 'ended', 'cancelled'] as const;

/**
 * The status of a batch. `scanning`: it is scanning its source. `waiting`: onboardings that it has started are running.
 */
export type BatchStatus = (typeof BATCH_STATUSES)[number];

/** The position of a batch in its source. */
export interface Position {
  /** The number of processed registrations. */
  readonly taken: number;
  /** In a list, the page (from 1) and the number of its processed registrations. */
  readonly page?: number;
  readonly onPage?: number;
  /** Of the due customers, when the last onboarding ended; `onPage` counts those that ended in the same ms. */
  readonly closedAt?: EpochMs;
  /** In a file, the number of the last line. */
  readonly line?: number;
}

export const AT_THE_START: Position = { taken: 0 };

/** The progress of a batch's scan. */
export interface ScanProgress {
  readonly position: Position;
  readonly counts: BatchCounts;
  /** The number of registrations in the source, if known. In a list it may grow. */
  readonly of?: number;
  /** The time of this progress. */
  readonly at?: EpochMs;
  /** The time of the last call to the vendor, from which the next chunk keeps the interval. */
  readonly calledAt?: EpochMs;
}

export const isAtTheStart = ({ taken, page = 1, onPage = 0, line = 0 }: Position): boolean =>
  taken === 0 && page === 1 && onPage === 0 && line === 0;

const Whole = wholeNumber(0, Number.MAX_SAFE_INTEGER);
const Credits = refined(t.number, 'a number from 0', (n) => Number.isFinite(n) && n >= 0);

const isResult = (key: string): key is Finding | Step => Object.hasOwn(FINDINGS, key) || Object.hasOwn(STEPS, key);

// A record by `oneOf` would require every result.
const Results = refined(t.record(t.string, Whole), 'numbers by result', (counts) =>
  Object.keys(counts).every(isResult),
);

const ScanProgressFields = t.intersection([
  t.type({
    position: t.intersection([
      t.type({ taken: Whole }),
      t.partial({ page: Whole, onPage: Whole, closedAt: Whole, line: Whole }),
    ]),
    counts: t.type({
      total: Whole,
      results: Results,
      badLines: Whole,
      credits: Credits,
    }),
  }),
  t.partial({ of: Whole, at: Whole, calledAt: Whole }),
]);

/** Decodes the heartbeat of a chunk. */
export const decodeScanProgress: (input: unknown) => E.Either<readonly FieldError[], ScanProgress> =
  decodeFields(ScanProgressFields);

/** Returns the further progress, or the first if both are equal, with the later call to the vendor. */
export const further = (a: ScanProgress, b: ScanProgress): ScanProgress => {
  const one = b.position.taken > a.position.taken ? b : a;
  const calledAt = Math.max(a.calledAt ?? 0, b.calledAt ?? 0);
  return calledAt === (one.calledAt ?? 0) ? one : { ...one, calledAt };
};

/** The start of the measurement on which the estimate of the remaining time is based: when the rate was last set. */
export interface Pace {
  readonly since: EpochMs;
  readonly takenBefore: number;
}

/**
 * Returns the number of registrations processed since the start of the measurement, and the elapsed ms; `undefined` if
 * there are none.
 */
const measure = (
  { position, at }: ScanProgress,
  { since, takenBefore }: Pace,
  now: EpochMs,
): { readonly taken: number; readonly tookMs: number } | undefined => {
  const taken = position.taken - takenBefore;
  const tookMs = (at ?? now) - since;
  return taken <= 0 || tookMs <= 0 ? undefined : { taken, tookMs };
};

/**
 * Estimates the remaining time of the scan in ms, at the speed since the rate was last set; `undefined` if it cannot be
 * estimated yet.
 */
export const timeLeftMs = (scan: ScanProgress, pace: Pace, now: EpochMs): number | undefined => {
  const { position, of, at = now } = scan;
  const measured = measure(scan, pace, now);
  if (of === undefined || measured === undefined) return undefined;
  const left = (Math.max(of - position.taken, 0) * measured.tookMs) / measured.taken;
  return Math.round(Math.max(left - (now - at), 0));
};

/** Returns the registrations processed a second since the rate was last set; `undefined` if there are none. */
export const takenPerSecond = (scan: ScanProgress, pace: Pace, now: EpochMs): number | undefined => {
  const measured = measure(scan, pace, now);
  return measured === undefined ? undefined : (measured.taken * SECOND_MS) / measured.tookMs;
};
