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
  /** The open streams, each with the digest of its API key. */
  readonly #open = new Map<AbortController, string>();

  constructor(perKey: number, metrics: Metrics) {
    this.#perKey = perKey;
    this.#metrics = metrics;
  }

  /** Opens a stream of an API key. Throws a problem if the key has the maximum number open. */
  open({ sha256 }: ApiKey): OpenStream {
    const ofKey = [...this.#open.values()].filter((other) => other === sha256);
    if (ofKey.length >= this.#perKey) throw new Problem('tooManyStreams');
    const controller = new AbortController();
    const count = () => this.#metrics.streams.set(this.#open.size);
    this.#open.set(controller, sha256);
    count();
    const leave = () => {
      controller.abort();
      this.#open.delete(controller);
      count();
    };
    return { signal: controller.signal, leave };
  }

  close(): void {
    for (const controller of this.#open.keys()) controller.abort();
  }
}
