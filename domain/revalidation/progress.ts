import type * as E from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';
import { decodeFields, type FieldError, oneOf, refined, wholeNumber } from '../../shared/decoding.js';
import { type EpochMs, SECOND_MS } from '../../shared/time.js';
import { type BatchCounts, FINDINGS, type Finding, STEPS, type Step } from './counts.js';

/** Where a batch is in its life. */
export const BATCH_STATUSES = ['walking', 'paused', 'waiting', 'ended', 'cancelled'] as const;

/** `waiting`: the source is done, and onboardings that were begun are running. */
export type BatchStatus = (typeof BATCH_STATUSES)[number];

/** Where a batch stands in its source: the next registration to take. */
export interface Position {
  /** How many registrations of the source have been taken. */
  readonly taken: number;
  /** In a list, the page (from 1) and how many of its registrations have been taken. */
  readonly page?: number;
  readonly onPage?: number;
  /** In a file, the byte at which the next line begins, and the number of the line before it. */
  readonly byte?: number;
  readonly line?: number;
}

export const AT_THE_START: Position = { taken: 0 };

/** What a batch has come to, as far as it is known. */
export interface Walked {
  readonly position: Position;
  readonly counts: BatchCounts;
  /** How many registrations the source has, where that can be told. In a list it may grow. */
  readonly of?: number;
  /** When it had come so far. */
  readonly at?: EpochMs;
  /** When the vendor was called last: whoever goes on keeps the distance. */
  readonly calledAt?: EpochMs;
}

/** True where nothing of the source has been read, but what is to be read again. */
export const isAtTheStart = ({ taken, page = 1, onPage = 0, byte = 0 }: Position): boolean =>
  taken === 0 && page === 1 && onPage === 0 && byte === 0;

const Whole = wholeNumber(0, Number.MAX_SAFE_INTEGER);
const Credits = refined(t.number, 'a number from 0', (n) => Number.isFinite(n) && n >= 0);

const isResult = (key: string): key is Finding | Step => Object.hasOwn(FINDINGS, key) || Object.hasOwn(STEPS, key);

const WalkedFields = t.intersection([
  t.type({
    position: t.intersection([
      t.type({ taken: Whole }),
      t.partial({ page: Whole, onPage: Whole, byte: Whole, line: Whole }),
    ]),
    counts: t.type({
      total: Whole,
      results: t.record(oneOf(Object.keys({ ...FINDINGS, ...STEPS }).filter(isResult)), Whole),
      badLines: Whole,
      credits: Credits,
    }),
  }),
  t.partial({ of: Whole, at: Whole, calledAt: Whole }),
]);

/** Reads what a leg has heartbeated. */
export const decodeWalked: (input: unknown) => E.Either<readonly FieldError[], Walked> = decodeFields(WalkedFields);

/** The one that has come further; where neither has, the first. The vendor was called when the later of the two says. */
export const further = (a: Walked, b: Walked): Walked => {
  const one = b.position.taken > a.position.taken ? b : a;
  const calledAt = Math.max(a.calledAt ?? 0, b.calledAt ?? 0);
  return calledAt === (one.calledAt ?? 0) ? one : { ...one, calledAt };
};

/** What the time left is told by: how many were taken since when, at the present rate. */
export interface Pace {
  readonly since: EpochMs;
  readonly takenBefore: number;
}

/** How many were taken in how long, in ms; `undefined` where there is nothing to go by yet. */
const speed = (
  { position, at }: Walked,
  { since, takenBefore }: Pace,
  now: EpochMs,
): { readonly taken: number; readonly tookMs: number } | undefined => {
  const taken = position.taken - takenBefore;
  const tookMs = (at ?? now) - since;
  return taken <= 0 || tookMs <= 0 ? undefined : { taken, tookMs };
};

/**
 * How long the rest of the source will take, in ms from now on, at the speed since the rate was last set; `undefined` where there is
 * nothing to go by yet.
 */
export const timeLeftMs = (walked: Walked, pace: Pace, now: EpochMs): number | undefined => {
  const { position, of, at = now } = walked;
  const sofar = speed(walked, pace, now);
  if (of === undefined || sofar === undefined) return undefined;
  const left = (Math.max(of - position.taken, 0) * sofar.tookMs) / sofar.taken;
  return Math.round(Math.max(left - (now - at), 0));
};

/** How many registrations were taken a second since the rate was last set; `undefined` where there is nothing to go by yet. */
export const takenPerSecond = (walked: Walked, pace: Pace, now: EpochMs): number | undefined => {
  const sofar = speed(walked, pace, now);
  return sofar === undefined ? undefined : (sofar.taken * SECOND_MS) / sofar.tookMs;
};
