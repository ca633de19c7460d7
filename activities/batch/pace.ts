import { setMaxListeners } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { SECOND_MS } from '../../domain/time.js';

/** So that whoever counts within any ten seconds finds no call too many: timers and networks are not exact. */
const OF_THE_RATE = 0.985;

/** After the vendor has asked to be slower, and with every call that it takes from then on. */
const SLOWED_TO = 0.5;
const RECOVERY = 1.02;

/**
 * Lets calls begin at an even pace, without a burst after a pause. Not a library's: theirs count by windows, which let bursts through,
 * and cannot be given another rate on the way.
 */
export class Pace {
  readonly #signal: AbortSignal;
  #callsPerSecond: number;
  #share = 1;
  #nextAt = 0;

  /** `signal` ends all waiting. */
  constructor(callsPerSecond: number, signal: AbortSignal) {
    this.#callsPerSecond = callsPerSecond;
    this.#signal = signal;
    // As many wait at once as there are calls at once.
    setMaxListeners(0, signal);
  }

  /** At most so many calls a second from now on. */
  setRate(callsPerSecond: number): void {
    this.#callsPerSecond = callsPerSecond;
  }

  /** Waits for its turn, and answers whether it came: `false` where the waiting was ended. */
  async take(): Promise<boolean> {
    const now = performance.now();
    const turn = Math.max(now, this.#nextAt);
    this.#nextAt = turn + SECOND_MS / (this.#callsPerSecond * this.#share * OF_THE_RATE);
    this.#share = Math.min(this.#share * RECOVERY, 1);
    if (turn > now) await pause(turn - now, undefined, { signal: this.#signal }).catch(() => undefined);
    return !this.#signal.aborted;
  }

  /** The vendor has asked to be slower: nothing begins for so long, and then at half the pace until it takes calls again. */
  slowDown(forMs: number): void {
    const until = performance.now() + forMs;
    // Calls that were under way together are told so together: once is enough.
    if (until <= this.#nextAt) return;
    this.#nextAt = until;
    this.#share = Math.max(this.#share * SLOWED_TO, 0.05);
  }
}
