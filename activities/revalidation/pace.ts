import { setTimeout as pause } from 'node:timers/promises';
import { type EpochMs, MINUTE_MS, SECOND_MS } from '../../shared/time.js';

/** So that whoever counts within any ten seconds finds no call too many: timers and networks are not exact. */
const OF_THE_RATE = 0.985;

/** What a timer is late by is made up for, up to so much: more would be a burst. */
const MADE_UP_MS = 20;

/** A timer that is told to wait for a month or more does not wait at all. */
const LONGEST_TIMER_MS = MINUTE_MS;

/** After the vendor has asked to be slower, and with every call that it takes from then on. */
const SLOWED_TO = 0.5;
const RECOVERY = 1.02;
const SLOWEST = 0.05;

/**
 * Lets calls begin at an even pace, one after the other, without a burst after a pause. Not a library's: theirs count by windows, which
 * let bursts through, and cannot be given another rate on the way.
 */
export class Pace {
  readonly #signal: AbortSignal;
  #callsPerSecond: number;
  #share = 1;
  #nextAt = performance.now();
  #calledAt: number | undefined;
  #quietUntil = 0;
  #queue: Promise<unknown> = Promise.resolve();

  /** `signal` ends all waiting. */
  constructor(callsPerSecond: number, signal: AbortSignal) {
    this.#callsPerSecond = callsPerSecond;
    this.#signal = signal;
  }

  /** At most so many calls a second from now on. */
  setRate(callsPerSecond: number): void {
    this.#callsPerSecond = callsPerSecond;
  }

  /** When the last turn was, or is to be at the earliest as the vendor has it; `undefined` before the first. */
  get calledAt(): EpochMs | undefined {
    if (this.#calledAt === undefined) return undefined;
    return Math.ceil(Date.now() + Math.max(this.#calledAt, this.#quietUntil) - performance.now());
  }

  /** Goes on from where another pace was left: the first turn is as far from its last as any other. */
  goOnFrom(calledAt: EpochMs): void {
    this.#calledAt = performance.now() + calledAt - Date.now();
    this.#nextAt = Math.max(this.#nextAt, this.#calledAt + this.#distanceMs);
  }

  /** Waits for its turn, to make so many calls, and answers whether it came: `false` where the waiting was ended. */
  take(calls = 1): Promise<boolean> {
    // Nobody has a turn before it comes, so that what the vendor asks for holds for those too who wait already.
    const turn = this.#queue.then(() => this.#nextTurn(calls));
    this.#queue = turn;
    return turn;
  }

  /** The vendor has asked to be slower: nothing begins for so long, and then at half the pace until it takes calls again. */
  slowDown(forMs: number): void {
    const now = performance.now();
    // Calls that were under way together are told so together: once is enough.
    if (now >= this.#quietUntil) this.#share = Math.max(this.#share * SLOWED_TO, SLOWEST);
    this.#quietUntil = Math.max(this.#quietUntil, now + forMs);
    this.#nextAt = Math.max(this.#nextAt, this.#quietUntil);
  }

  get #distanceMs(): number {
    return SECOND_MS / (this.#callsPerSecond * this.#share * OF_THE_RATE);
  }

  async #nextTurn(calls: number): Promise<boolean> {
    while (!this.#signal.aborted) {
      const now = performance.now();
      const waitMs = this.#nextAt - now;
      if (waitMs <= 0) {
        const turn = Math.max(this.#nextAt, now - MADE_UP_MS);
        this.#calledAt = now + (calls - 1) * this.#distanceMs;
        this.#nextAt = turn + calls * this.#distanceMs;
        this.#share = Math.min(this.#share * RECOVERY, 1);
        return true;
      }
      await pause(Math.min(waitMs, LONGEST_TIMER_MS), undefined, { signal: this.#signal }).catch(() => undefined);
    }
    return false;
  }
}
