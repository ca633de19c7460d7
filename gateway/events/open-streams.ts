import type { ApiKey } from '../auth/api-keys.js';
import type { Metrics } from '../metrics.js';
import { Problem } from '../problems.js';

interface OpenStream {
  /** Aborts when the stream must end. */
  readonly signal: AbortSignal;
  /** Ends the stream and releases its place. Idempotent. */
  readonly leave: () => void;
}

/** Limits and counts the open event streams, and ends them at the shutdown. */
export class OpenStreams {
  readonly #perKey: number;
  readonly #metrics: Metrics;
  readonly #open = new Map<string, Set<AbortController>>();

  constructor(perKey: number, metrics: Metrics) {
    this.#perKey = perKey;
    this.#metrics = metrics;
  }

  /** Opens a stream of an API key. Throws a problem if the key has the maximum number open. */
  open({ sha256 }: ApiKey): OpenStream {
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

  close(): void {
    for (const ofKey of this.#open.values()) for (const controller of ofKey) controller.abort();
  }

  #count(): void {
    this.#metrics.streams([...this.#open.values()].reduce((open, { size }) => open + size, 0));
  }
}
