class SlidingCount {
  readonly #windowMs: number;
  #times: number[] = [];
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

/** The most calls in any period of 1 s and 10 s. */
export interface Busiest {
  readonly oneSecond: number;
  readonly tenSeconds: number;
}

/** Measures the rate of calls and applies the rate limit, by a clock that the sandbox's clock control does not move. */
export class Traffic {
  readonly #now: () => number;
  #inOneSecond = new SlidingCount(ONE_SECOND_MS);
  #inTenSeconds = new SlidingCount(TEN_SECONDS_MS);
  readonly #admitted = new SlidingCount(ONE_SECOND_MS);
  #busiest: Busiest = { oneSecond: 0, tenSeconds: 0 };
  #refused = 0;

  /** `now` is a monotonic clock in ms. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  get busiest(): Busiest {
    return this.#busiest;
  }

  get refused(): number {
    return this.#refused;
  }

  /** Counts a call. Returns whether it is within the limit of `callsPerSecond` in any second; 0 means no limit. */
  admit(callsPerSecond: number): boolean {
    const now = this.#now();
    const { oneSecond, tenSeconds } = this.#busiest;
    this.#busiest = {
      oneSecond: Math.max(oneSecond, this.#inOneSecond.add(now)),
      tenSeconds: Math.max(tenSeconds, this.#inTenSeconds.add(now)),
    };
    const isAdmitted = callsPerSecond === 0 || this.#admitted.at(now) < callsPerSecond;
    if (isAdmitted) this.#admitted.add(now);
    else this.#refused += 1;
    return isAdmitted;
  }

  resetBusiest(): void {
    this.#inOneSecond = new SlidingCount(ONE_SECOND_MS);
    this.#inTenSeconds = new SlidingCount(TEN_SECONDS_MS);
    this.#busiest = { oneSecond: 0, tenSeconds: 0 };
  }
}
