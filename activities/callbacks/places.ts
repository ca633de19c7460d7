/** How a sending is tried: within a workflow task, or by itself. */
export type Kind = 'quick' | 'durable';

/** At most so many sendings to one endpoint at once: fewer than a worker has places, so that others are always left. */
const MAX_AT_ONCE: Readonly<Record<Kind, number>> = { quick: 8, durable: 20 };

/** How long quick tries are spared an endpoint that let one wait in vain. */
const SILENT_FOR_MS = 30_000;

/**
 * The places that sendings may take in a worker. An endpoint that does not answer holds a place for as long as a try lasts: without
 * bounds, one such endpoint would take all the places there are, those of onboardings among them.
 */
export class Places {
  readonly #taken = new Map<string, number>();
  readonly #silentUntil = new Map<string, number>();

  /** Runs it, or answers `undefined` at once where there is no place for it now. */
  async take<A>(endpoint: string, kind: Kind, run: () => Promise<A>): Promise<A | undefined> {
    const place = `${kind} ${endpoint}`;
    const taken = this.#taken.get(place) ?? 0;
    const isSilent = kind === 'quick' && Date.now() < (this.#silentUntil.get(endpoint) ?? 0);
    if (isSilent || taken >= MAX_AT_ONCE[kind]) return undefined;
    this.#taken.set(place, taken + 1);
    try {
      return await run();
    } finally {
      this.#taken.set(place, (this.#taken.get(place) ?? 1) - 1);
    }
  }

  /** The endpoint let a try wait in vain. */
  noteSilence(endpoint: string): void {
    this.#silentUntil.set(endpoint, Date.now() + SILENT_FOR_MS);
  }
}
