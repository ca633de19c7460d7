import { setTimeout as pause } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { quoted } from '../../contract/report-routing.js';
import { type BatchStatus, REVALIDATION_WORKFLOW } from '../../contract/revalidation.js';
import { SEARCH_ATTRIBUTES } from '../../contract/search-attributes.js';
import { type EpochMs, MINUTE_MS, SECOND_MS } from '../../shared/time.js';
import type { Account } from '../../verifik/index.js';

/** A margin for timers and networks, so that the vendor never counts more calls than the rate in any ten seconds. */
const SAFETY_MARGIN = 0.985;

/** A late timer is made up for by at most this time. More would be a burst. */
const MAX_CATCH_UP_MS = 20;

/** Node's timers overflow after 24.8 days, and then fire at once. */
const MAX_TIMER_MS = MINUTE_MS;

/** The factor of the rate after the vendor has asked to slow down, its recovery with each call, and its minimum. */
const SLOW_DOWN_FACTOR = 0.5;
const RECOVERY = 1.02;
const MIN_FACTOR = 0.05;

/**
 * Starts calls at even intervals, without bursts. Not a library, because those found count by time windows, which
 * permit bursts, and have a fixed rate.
 */
export class RateLimiter {
  readonly #signal: AbortSignal;
  #callsPerSecond: number;
  #factor = 1;
  #nextAt = performance.now();
  #calledAt: number | undefined;
  #blockedUntil = 0;
  #queue: Promise<unknown> = Promise.resolve();

  /** `signal` ends all waiting. */
  constructor(callsPerSecond: number, signal: AbortSignal) {
    this.#callsPerSecond = callsPerSecond;
    this.#signal = signal;
  }

  setRate(callsPerSecond: number): void {
    this.#callsPerSecond = callsPerSecond;
  }

  /**
   * The time of the last call, or the later time until which the vendor permits none; `undefined` before the first
   * call.
   */
  get calledAt(): EpochMs | undefined {
    if (this.#calledAt === undefined) return undefined;
    // The order in which the two clocks are read makes a pause between them lengthen the interval, never shorten it.
    const now = performance.now();
    return Math.ceil(Date.now() + Math.max(this.#calledAt, this.#blockedUntil) - now);
  }

  /** Continues from the `calledAt` of another limiter: the first call keeps the interval from that time. */
  continueFrom(calledAt: EpochMs): void {
    const elapsedMs = Date.now() - calledAt;
    this.#calledAt = performance.now() - elapsedMs;
    this.#nextAt = Math.max(this.#nextAt, this.#calledAt + this.#intervalMs);
  }

  /** Waits until the given number of calls is permitted. Returns `false` if the signal ended the wait. */
  acquire(calls = 1): Promise<boolean> {
    // A call gets its time only when it is first in the queue, so that `slowDown` also applies to calls that already
    // wait.
    const turn = this.#queue.then(() => this.#nextTurn(calls));
    this.#queue = turn;
    return turn;
  }

  /** Permits no call for this time, and then half the rate, which recovers with each call. */
  slowDown(forMs: number): void {
    const now = performance.now();
    // Calls in flight fail together: halve the rate only once.
    if (now >= this.#blockedUntil) this.#factor = Math.max(this.#factor * SLOW_DOWN_FACTOR, MIN_FACTOR);
    this.#blockedUntil = Math.max(this.#blockedUntil, now + forMs);
    this.#nextAt = Math.max(this.#nextAt, this.#blockedUntil);
  }

  get #intervalMs(): number {
    return SECOND_MS / (this.#callsPerSecond * this.#factor * SAFETY_MARGIN);
  }

  async #nextTurn(calls: number): Promise<boolean> {
    while (!this.#signal.aborted) {
      const now = performance.now();
      const waitMs = this.#nextAt - now;
      if (waitMs <= 0) {
        const turn = Math.max(this.#nextAt, now - MAX_CATCH_UP_MS);
        this.#calledAt = now + (calls - 1) * this.#intervalMs;
        this.#nextAt = turn + calls * this.#intervalMs;
        this.#factor = Math.min(this.#factor * RECOVERY, 1);
        return true;
      }
      await pause(Math.min(waitMs, MAX_TIMER_MS), undefined, { signal: this.#signal }).catch(() => undefined);
    }
    return false;
  }
}

const SCANNING: BatchStatus = 'scanning';

/** Matches the batches in an account. A batch that names no project can use any account. */
const inAccount = ({ name, projects }: RatedAccount, named: readonly string[]): readonly string[] => {
  const { name: attribute } = SEARCH_ATTRIBUTES.project;
  const list = (name === undefined ? named : projects).map(quoted).join(', ');
  if (list === '') return [];
  return [`(${attribute} IS NULL OR ${attribute} ${name === undefined ? 'NOT IN' : 'IN'} (${list}))`];
};

const SCANNING_BATCHES = [
  `WorkflowType = ${quoted(REVALIDATION_WORKFLOW)}`,
  'ExecutionStatus = "Running"',
  `${SEARCH_ATTRIBUTES.status.name} = ${quoted(SCANNING)}`,
];

const COUNT_EVERY_MS = SECOND_MS;

/** An account at Verifik: the rate of its batches, and its projects. */
export type RatedAccount = Pick<Account, 'name' | 'projects' | 'callsPerSecond'>;

/**
 * Returns a function that limits a batch's rate to an equal share of its account's rate among all batches that are
 * scanning in the account.
 */
export const rateShare = (
  temporal: Client,
  accounts: readonly RatedAccount[],
  account: RatedAccount,
  defaultRate: number,
) => {
  const named = accounts.flatMap(({ projects }) => projects);
  const query = [...SCANNING_BATCHES, ...inAccount(account, named)].join(' AND ');
  const total = account.callsPerSecond ?? defaultRate;
  let scanning = 1;
  let countAt = 0;
  return async (callsPerSecond: number): Promise<number> => {
    if (performance.now() >= countAt) {
      countAt = performance.now() + COUNT_EVERY_MS;
      const { count } = await temporal.workflow.count(query);
      scanning = Math.max(count, 1);
    }
    return Math.min(callsPerSecond, total / scanning);
  };
};
