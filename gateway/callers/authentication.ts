import type { FastifyInstance, FastifyRequest } from 'fastify';
import { bearerOf } from '../../shared/bearer.js';
import { Problem } from '../problems.js';
import type { ApiKey, ApiKeys, Scope } from './api-keys.js';
import type { RateLimits } from './rate-limits.js';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** What the API key has to be good for. */
    scope?: Scope;
  }
}

const find = async (keys: ApiKeys, limits: RateLimits, request: FastifyRequest): Promise<ApiKey> => {
  const credential = bearerOf(request);
  const key = credential === undefined ? undefined : await keys.keyOf(credential);
  if (key !== undefined) return key;
  await limits.countStranger(request);
  throw new Problem('unauthenticated');
};

/** Whose request it is. What has been found out before the request came to its handler. */
export const callerOf = ({ call: { caller } }: FastifyRequest): ApiKey => {
  if (caller === undefined) throw new Problem('unauthenticated');
  return caller;
};

/** Whether the key that a request came with is good for it at this moment. */
export const isStillGood = async (keys: ApiKeys, request: FastifyRequest): Promise<boolean> => {
  const key = await keys.keyOf(bearerOf(request) ?? '');
  const { scope } = request.routeOptions.config;
  return (
    key !== undefined && key.tenant === callerOf(request).tenant && (scope === undefined || key.scopes.includes(scope))
  );
};

/** Has everything behind it called with an API key that is good for it. Done before the body is read: strangers are not listened to. */
export const addAuthentication = (app: FastifyInstance, keys: ApiKeys, limits: RateLimits): void => {
  app.addHook('onRequest', async (request) => {
    const caller = await find(keys, limits, request);
    request.call.caller = caller;
    await limits.countCaller(request, caller);
    const { scope } = request.routeOptions.config;
    if (scope !== undefined && !caller.scopes.includes(scope)) throw new Problem('scope');
  });
};
