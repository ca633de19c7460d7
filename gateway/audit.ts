import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { SECOND_MS } from '../shared/time.js';
import type { ApiKey } from './callers/api-keys.js';
import type { Metrics } from './metrics.js';
import type { ProblemCode } from './problems.js';

/** What is worth knowing about a call afterwards. Never what was in it, but for the onboarding's id, which is opaque. */
export interface Call {
  caller?: ApiKey;
  onboarding?: string;
  /** ms of the process's own clock. */
  readonly startedAt: number;
  problem?: ProblemCode;
}

declare module 'fastify' {
  interface FastifyRequest {
    call: Call;
  }
}

const routeOf = ({ routeOptions: { url }, method }: FastifyRequest): string =>
  url === undefined ? 'none' : `${method} ${url}`;

const elapsedMs = ({ call }: FastifyRequest): number => performance.now() - call.startedAt;

/** Those asking after the process's health, and the page of the document with all that belongs to it. */
const isIdle = ({ routeOptions: { url = '' } }: FastifyRequest): boolean =>
  url === '/healthz' || url === '/readyz' || url.startsWith('/docs');

const write = (logger: Logger, request: FastifyRequest, reply: FastifyReply): void => {
  const { caller, onboarding, problem } = request.call;
  const entry = {
    route: routeOf(request),
    status: reply.statusCode,
    requestId: request.id,
    ms: Math.round(elapsedMs(request)),
    ...(caller === undefined ? {} : { key: caller.name, tenant: caller.tenant }),
    ...(onboarding === undefined ? {} : { onboarding }),
    ...(problem === undefined ? {} : { problem }),
  };
  if (problem === undefined) logger.info(entry, 'request served');
  else logger.warn(entry, 'request refused');
};

/** One line of the log, and the counts, for each answer before it goes out: nothing is told that was not noted. */
export const addAudit = (app: FastifyInstance, logger: Logger, metrics: Metrics): void => {
  app.decorateRequest('call');
  app.addHook('onRequest', async (request) => {
    request.call = { startedAt: performance.now() };
  });
  app.addHook('onSend', async (request, reply) => {
    if (isIdle(request) && request.call.problem === undefined) return;
    write(logger, request, reply);
    metrics.count({
      route: routeOf(request),
      status: reply.statusCode,
      key: request.call.caller?.name ?? 'none',
      seconds: elapsedMs(request) / SECOND_MS,
    });
  });
};
