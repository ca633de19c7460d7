import type { ApiKey } from '../callers/api-keys.js';
import type { Metrics } from '../metrics.js';
import { Problem } from '../problems.js';

/** A place for one stream. */
interface StreamPlace {
  /** Comes when the stream has to end. */
  readonly signal: AbortSignal;
  /** Gives the place back. May be repeated. */
  readonly leave: () => void;
}

/** Counts the event streams that are open, and ends them. */
export class StreamPlaces {
  readonly #perKey: number;
  readonly #metrics: Metrics;
  readonly #open = new Map<string, Set<AbortController>>();

  constructor(perKey: number, metrics: Metrics) {
    this.#perKey = perKey;
    this.#metrics = metrics;
  }

  /** A place for one stream more of this key. Throws a problem where it has too many. */
  take({ sha256 }: ApiKey): StreamPlace {
    const ofKey = this.#open.get(sha256) ?? new Set();
    if (ofKey.size >= this.#perKey) throw new Problem('tooManyStreams');
    const controller = new AbortController();
    this.#open.set(sha256, ofKey.add(controller));
    this.#count();
    const leave = () => {
      controller.abort();
      ofKey.delete(controller);
      if (ofKey.size === 0 && this.#open.get(sha256) === ofKey) this.#open.delete(sha256);
      this.#count();
    };
    return { signal: controller.signal, leave };
  }

  /** Ends all streams. */
  close(): void {
    for (const ofKey of this.#open.values()) for (const controller of ofKey) controller.abort();
  }

  #count(): void {
    this.#metrics.streams([...this.#open.values()].reduce((open, { size }) => open + size, 0));
  }
}
