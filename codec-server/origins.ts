import cors from '@fastify/cors';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Refusal } from './refusals.js';

/** What the Temporal UI sends along, with a signed-in user of its own and without. */
const HEADERS = ['authorization', 'authorization-extras', 'content-type', 'x-namespace', 'caller-type'];

/** How long browsers remember that they may call, in s. */
const PREFLIGHT_HOLDS_S = 600;

/** The server's own page calls these two, and no other. */
const OWN_PATHS: readonly unknown[] = ['/sign-in', '/sign-out'];

const isOwn = (origin: string, { headers: { host }, routeOptions: { url } }: FastifyRequest): boolean =>
  OWN_PATHS.includes(url) && URL.canParse(origin) && new URL(origin).host === host;

/** Lets the pages of the origins call, with their credentials, and refuses those of all others before anything else is done. */
export const addOrigins = (app: FastifyInstance, origins: readonly string[]): void => {
  app.addHook('onRequest', async (request) => {
    const { origin } = request.headers;
    if (origin !== undefined && !origins.includes(origin) && !isOwn(origin, request))
      throw new Refusal('foreignOrigin');
  });
  app.register(cors, {
    origin: [...origins],
    credentials: true,
    methods: ['GET', 'POST'],
    allowedHeaders: HEADERS,
    maxAge: PREFLIGHT_HOLDS_S,
  });
};
