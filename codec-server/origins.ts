import cors from '@fastify/cors';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Refusal } from './refusals.js';

/** The request headers of the Temporal UI, with and without a signed-in user. */
const HEADERS = ['authorization', 'authorization-extras', 'content-type', 'x-namespace', 'caller-type'];

const PREFLIGHT_MAX_AGE_S = 600;

const SIGN_IN_PATHS: readonly unknown[] = ['/sign-in', '/sign-out'];

const isSignInPage = (origin: string, { headers: { host }, routeOptions: { url } }: FastifyRequest): boolean =>
  SIGN_IN_PATHS.includes(url) && URL.canParse(origin) && new URL(origin).host === host;

/**
 * Allows requests with credentials from pages of the origins, and rejects pages of other origins before authentication.
 */
export const addOrigins = (app: FastifyInstance, origins: readonly string[]): void => {
  app.addHook('onRequest', async (request) => {
    const { origin } = request.headers;
    if (origin !== undefined && !origins.includes(origin) && !isSignInPage(origin, request))
      throw new Refusal('foreignOrigin');
  });
  app.register(cors, {
    origin: [...origins],
    credentials: true,
    methods: ['GET', 'POST'],
    allowedHeaders: HEADERS,
    maxAge: PREFLIGHT_MAX_AGE_S,
  });
};
