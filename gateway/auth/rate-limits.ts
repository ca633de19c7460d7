import rateLimit from '@fastify/rate-limit';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { MINUTE_MS } from '../../shared/time.js';
import { Problem } from '../problems.js';

export interface RateLimitOptions {
  readonly requestsPerMinute: number;
  /** The limit of an IP address for requests without a valid credential. */
  readonly unauthenticatedPerMinute: number;
}

export type RateLimits = Awaited<ReturnType<typeof openRateLimits>>;

const countWith =
  (limiter: ReturnType<FastifyInstance['createRateLimit']>) =>
  async (request: FastifyRequest): Promise<void> => {
    const limit = await limiter(request);
    if (!limit.isAllowed && limit.isExceeded)
      throw new Problem('tooManyRequests', { retryAfterS: Math.max(1, limit.ttlInSeconds) });
  };

/** Opens rate limits of this process. Each function throws a problem if its limit is exceeded. */
export const openRateLimits = async (app: FastifyInstance, options: RateLimitOptions) => {
  await app.register(rateLimit, { global: false, timeWindow: MINUTE_MS });
  const callers = app.createRateLimit({
    max: ({ context: { caller } }: FastifyRequest) => caller?.requestsPerMinute ?? options.requestsPerMinute,
    // Keyed by digest, so that a rotated key has a limit of its own.
    keyGenerator: ({ context: { caller } }: FastifyRequest) => caller?.sha256 ?? '',
  });
  const unauthenticated = app.createRateLimit({ max: options.unauthenticatedPerMinute });
  return { countCaller: countWith(callers), countUnauthenticated: countWith(unauthenticated) };
};
