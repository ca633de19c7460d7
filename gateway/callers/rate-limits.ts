import rateLimit from '@fastify/rate-limit';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { MINUTE_MS } from '../../shared/time.js';
import { Problem } from '../problems.js';
import type { ApiKey } from './api-keys.js';

export interface RateLimitOptions {
  /** For keys whose entry says nothing else. */
  readonly requestsPerMinute: number;
  /** For addresses whose requests bear no good key. */
  readonly strangersPerMinute: number;
}

/** Limits of how often is asked, in this process. Each throws a problem where it is too often. */
export interface RateLimits {
  readonly countCaller: (request: FastifyRequest, caller: ApiKey) => Promise<void>;
  readonly countStranger: (request: FastifyRequest) => Promise<void>;
}

type Limiter = ReturnType<FastifyInstance['createRateLimit']>;

const countWith =
  (limiter: Limiter) =>
  async (request: FastifyRequest): Promise<void> => {
    const limit = await limiter(request);
    if (!limit.isAllowed && limit.isExceeded)
      throw new Problem('tooManyRequests', { retryAfterS: Math.max(1, limit.ttlInSeconds) });
  };

/** Opens the limits. */
export const openRateLimits = async (app: FastifyInstance, options: RateLimitOptions): Promise<RateLimits> => {
  await app.register(rateLimit, { global: false, timeWindow: MINUTE_MS });
  const callers = app.createRateLimit({
    max: ({ call: { caller } }: FastifyRequest) => caller?.requestsPerMinute ?? options.requestsPerMinute,
    // A key that is rotated is another one, with a limit of its own.
    keyGenerator: ({ call: { caller } }: FastifyRequest) => caller?.sha256 ?? '',
  });
  const strangers = app.createRateLimit({ max: options.strangersPerMinute });
  return { countCaller: countWith(callers), countStranger: countWith(strangers) };
};
