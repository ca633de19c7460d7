import type { FastifyInstance, FastifyRequest } from 'fastify';
import { bearerToken } from '../../shared/http.js';
import { Problem } from '../problems.js';
import type { ApiKey, ApiKeys } from './api-keys.js';
import type { RateLimits } from './rate-limits.js';

const find = async (keys: ApiKeys, limits: RateLimits, request: FastifyRequest): Promise<ApiKey> => {
  const credential = bearerToken(request);
  const key = credential === undefined ? undefined : await keys.keyOf(credential);
  if (key !== undefined) return key;
  await limits.countUnauthenticated(request);
  throw new Problem('unauthenticated');
};

export const callerOf = ({ context: { caller } }: FastifyRequest): ApiKey => {
  if (caller === undefined) throw new Problem('unauthenticated');
  return caller;
};

/** True if the request's API key is still valid and still has the scope of the route. */
export const isStillAuthorized = async (keys: ApiKeys, request: FastifyRequest): Promise<boolean> => {
  const key = await keys.keyOf(bearerToken(request) ?? '');
  const { scope } = request.routeOptions.config;
  return (
    key !== undefined && key.tenant === callerOf(request).tenant && (scope === undefined || key.scopes.includes(scope))
  );
};

/** Requires an API key with the scope of the route on all routes added after it. Runs before the body is read. */
export const addAuthentication = (app: FastifyInstance, keys: ApiKeys, limits: RateLimits): void => {
  app.addHook('onRequest', async (request) => {
    const caller = await find(keys, limits, request);
    request.context.caller = caller;
    await limits.countCaller(request);
    const { scope } = request.routeOptions.config;
    if (scope !== undefined && !caller.scopes.includes(scope)) throw new Problem('scope');
  });
};
