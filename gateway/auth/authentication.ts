import type { FastifyInstance, FastifyRequest } from 'fastify';
import { bearerToken } from '../../shared/http.js';
import { Problem } from '../problems.js';
import type { ApiKey, ApiKeys } from './api-keys.js';
import type { RateLimits } from './rate-limits.js';

const keyIn = async (request: FastifyRequest, keys: ApiKeys): Promise<ApiKey | undefined> => {
  const credential = bearerToken(request);
  return credential === undefined ? undefined : keys.keyOf(credential);
};

const hasScope = ({ routeOptions: { config } }: FastifyRequest, { scopes }: ApiKey): boolean =>
  config.scope === undefined || scopes.includes(config.scope);

export const callerOf = ({ context: { caller } }: FastifyRequest): ApiKey => {
  if (caller === undefined) throw new Problem('unauthenticated');
  return caller;
};

/** True if the request's API key is still valid and still has the scope of the route. */
export const isStillAuthorized = async (keys: ApiKeys, request: FastifyRequest): Promise<boolean> => {
  const key = await keyIn(request, keys);
  return key !== undefined && key.tenant === callerOf(request).tenant && hasScope(request, key);
};

/** Requires an API key with the scope of the route on all routes added after it. Runs before the body is read. */
export const addAuthentication = (app: FastifyInstance, keys: ApiKeys, limits: RateLimits): void => {
  app.addHook('onRequest', async (request) => {
    const caller = await keyIn(request, keys);
    if (caller === undefined) {
      await limits.countUnauthenticated(request);
      throw new Problem('unauthenticated');
    }
    request.context.caller = caller;
    await limits.countCaller(request);
    if (!hasScope(request, caller)) throw new Problem('scope');
  });
};
