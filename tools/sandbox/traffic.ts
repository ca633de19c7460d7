/** How many things have happened within the last so many milliseconds. */
class SlidingCount {
  readonly #windowMs: number;
  #times: number[] = [];
  /** The first of them that is not over. */
  #from = 0;

  constructor(windowMs: number) {
    this.#windowMs = windowMs;
  }

  at(now: number): number {
    while ((this.#times[this.#from] ?? now) <= now - this.#windowMs) this.#from += 1;
    if (this.#from > 1_000 && this.#from * 2 > this.#times.length) {
      this.#times = this.#times.slice(this.#from);
      this.#from = 0;
    }
    return this.#times.length - this.#from;
  }

  add(now: number): number {
    this.#times.push(now);
    return this.at(now);
  }
}

const ONE_SECOND_MS = 1_000;
const TEN_SECONDS_MS = 10_000;

/** The most calls that came in within any one second, and within any ten. */
export interface Busiest {
  readonly oneSecond: number;
  readonly tenSeconds: number;
}

/** Sees calls come in, by a clock that nobody moves: how many at once at most, and whether there are too many. */
export class Traffic {
  readonly #now: () => number;
  #inOneSecond = new SlidingCount(ONE_SECOND_MS);
  #inTenSeconds = new SlidingCount(TEN_SECONDS_MS);
  readonly #admitted = new SlidingCount(ONE_SECOND_MS);
  #busiest: Busiest = { oneSecond: 0, tenSeconds: 0 };
  #refused = 0;

  /** `now` in milliseconds, never backwards. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  get busiest(): Busiest {
    return this.#busiest;
  }

  get refused(): number {
    return this.#refused;
  }

  /** A call has come in. Answers whether it is let through: no more than so many are in any one second; 0 lets all through. */
  arrived(callsPerSecond: number): boolean {
    const now = this.#now();
    const { oneSecond, tenSeconds } = this.#busiest;
    this.#busiest = {
      oneSecond: Math.max(oneSecond, this.#inOneSecond.add(now)),
      tenSeconds: Math.max(tenSeconds, this.#inTenSeconds.add(now)),
    };
    const isLetThrough = callsPerSecond === 0 || this.#admitted.at(now) < callsPerSecond;
    if (isLetThrough) this.#admitted.add(now);
    else this.#refused += 1;
    return isLetThrough;
  }

  /** Forgets how busy it has been: no call from before counts any more. */
  resetBusiest(): void {
    this.#inOneSecond = new SlidingCount(ONE_SECOND_MS);
    this.#inTenSeconds = new SlidingCount(TEN_SECONDS_MS);
    this.#busiest = { oneSecond: 0, tenSeconds: 0 };
  }
}
