/** A quick attempt runs as a local activity, a durable one as a normal activity. */
type AttemptKind = 'quick' | 'durable';

/**
 * Concurrent requests per endpoint. Fewer than a worker's activity slots, so that one endpoint cannot occupy all of
 * them.
 */
const MAX_CONCURRENT: Readonly<Record<AttemptKind, number>> = { quick: 8, durable: 20 };

/** Quick attempts skip an endpoint for this time after a timeout. */
const SKIP_AFTER_TIMEOUT_MS = 30_000;

/**
 * Limits the concurrent requests of a worker to each endpoint. An endpoint that does not respond occupies an activity
 * slot until the timeout: without a limit, it could occupy the slots that onboardings need.
 */
export class ConcurrencyLimiter {
  readonly #running = new Map<string, number>();
  readonly #skippedUntil = new Map<string, number>();

  /** Runs the request, or returns `undefined` at once if the endpoint is at its limit. */
  async run<A>(endpoint: string, kind: AttemptKind, request: () => Promise<A>): Promise<A | undefined> {
    const key = `${kind} ${endpoint}`;
    const running = this.#running.get(key) ?? 0;
    const isSkipped = kind === 'quick' && Date.now() < (this.#skippedUntil.get(endpoint) ?? 0);
    if (isSkipped || running >= MAX_CONCURRENT[kind]) return undefined;
    this.#running.set(key, running + 1);
    try {
      return await request();
    } finally {
      this.#running.set(key, (this.#running.get(key) ?? 1) - 1);
    }
  }

  recordTimeout(endpoint: string): void {
    this.#skippedUntil.set(endpoint, Date.now() + SKIP_AFTER_TIMEOUT_MS);
  }
}
