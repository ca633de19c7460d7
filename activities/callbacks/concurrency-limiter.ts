/** Concurrent requests per endpoint: a fifth of the slots that callbacks have by default. */
const MAX_CONCURRENT = 20;

/**
 * Limits the concurrent requests of a worker to each endpoint. An endpoint that does not respond occupies an activity
 * slot until the timeout: without a limit, it could occupy the slots that other endpoints and batches need.
 */
export class ConcurrencyLimiter {
  readonly #running = new Map<string, number>();

  /** Runs the request, or returns `undefined` at once if the endpoint is at its limit. */
  async run<A>(endpoint: string, request: () => Promise<A>): Promise<A | undefined> {
    const running = this.#running.get(endpoint) ?? 0;
    if (running >= MAX_CONCURRENT) return undefined;
    this.#running.set(endpoint, running + 1);
    try {
      return await request();
    } finally {
      this.#running.set(endpoint, (this.#running.get(endpoint) ?? 1) - 1);
    }
  }
}
