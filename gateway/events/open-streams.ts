import type { FastifyReply, FastifyRequest } from 'fastify';
import { callerOf } from '../auth/authentication.js';
import type { Metrics } from '../metrics.js';
import { Problem } from '../problems.js';

export type OpenStreams = ReturnType<typeof limitStreams>;

/** Calls back once the response is complete or its connection is closed, at once if that was before. */
const whenClosed = (request: FastifyRequest, reply: FastifyReply, callback: () => void): void => {
  // A response that waits for an earlier one on its connection is not closed with it; its request is.
  for (const half of [request.raw, reply.raw]) {
    half.once('close', callback);
    if (half.destroyed) callback();
  }
};

/** Limits and counts the requests that stay open: event streams, and requests that wait for a change. */
export const limitStreams = (perKey: number, metrics: Metrics) => {
  /** The open streams, each with the digest of its API key. */
  const streams = new Map<AbortController, string>();
  const count = () => metrics.streams.set(streams.size);
  return {
    /**
     * Opens a stream until its response is complete or its connection is closed. The signal aborts when the stream must
     * end. Throws a problem if the API key has the maximum number open.
     */
    open: (request: FastifyRequest, reply: FastifyReply): AbortSignal => {
      const { sha256 } = callerOf(request);
      const ofKey = [...streams.values()].filter((other) => other === sha256);
      if (ofKey.length >= perKey) throw new Problem('tooManyStreams');
      const controller = new AbortController();
      streams.set(controller, sha256);
      count();
      whenClosed(request, reply, () => {
        controller.abort();
        streams.delete(controller);
        count();
      });
      return controller.signal;
    },
    /** Ends all streams at the shutdown. */
    close: () => {
      for (const controller of streams.keys()) controller.abort();
    },
  };
};
