import type { ApiKey } from '../auth/api-keys.js';
import type { Metrics } from '../metrics.js';
import { Problem } from '../problems.js';

interface OpenStream {
  /** Aborts when the stream must end. */
  readonly signal: AbortSignal;
  /** Ends the stream and releases its place. Idempotent. */
  readonly leave: () => void;
}

export type OpenStreams = ReturnType<typeof limitStreams>;

/** Limits and counts the open event streams. */
export const limitStreams = (perKey: number, metrics: Metrics) => {
  /** The open streams, each with the digest of its API key. */
  const streams = new Map<AbortController, string>();
  const count = () => metrics.streams.set(streams.size);
  return {
    /** Opens a stream of an API key. Throws a problem if the key has the maximum number open. */
    open: ({ sha256 }: ApiKey): OpenStream => {
      const ofKey = [...streams.values()].filter((other) => other === sha256);
      if (ofKey.length >= perKey) throw new Problem('tooManyStreams');
      const controller = new AbortController();
      streams.set(controller, sha256);
      count();
      const leave = () => {
        controller.abort();
        streams.delete(controller);
        count();
      };
      return { signal: controller.signal, leave };
    },
    /** Ends all streams at the shutdown. */
    close: () => {
      for (const controller of streams.keys()) controller.abort();
    },
  };
};
