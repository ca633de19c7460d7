import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { SECOND_MS } from '../shared/time.js';
import type { ApiKey } from './auth/api-keys.js';
import type { Metrics } from './metrics.js';
import type { ProblemCode } from './problems.js';

/**
 * The fields of a request for the audit log and the metrics. Of its content, they contain only the onboarding's opaque
 * id.
 */
export interface RequestContext {
  caller?: ApiKey;
  onboarding?: string;
  /** As `performance.now()`, in ms. */
  readonly startedAt: number;
  problem?: ProblemCode;
}

declare module 'fastify' {
  interface FastifyRequest {
    context: RequestContext;
  }
}

const routeOf = ({ routeOptions: { url }, method }: FastifyRequest): string =>
  url === undefined ? 'none' : `${method} ${url}`;

const elapsedMs = ({ context }: FastifyRequest): number => performance.now() - context.startedAt;

/** True for health checks and the API documentation, which are not logged. */
const isUnaudited = ({ routeOptions: { url = '' } }: FastifyRequest): boolean =>
  url === '/healthz' || url === '/readyz' || url.startsWith('/docs');

const write = (logger: Logger, request: FastifyRequest, reply: FastifyReply): void => {
  const { caller, onboarding, problem } = request.context;
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

/** Logs and counts each response before it is sent, so that no data is shown without an entry. */
export const addAudit = (app: FastifyInstance, logger: Logger, metrics: Metrics): void => {
  app.decorateRequest('context');
  app.addHook('onRequest', async (request) => {
    request.context = { startedAt: performance.now() };
  });
  app.addHook('onSend', async (request, reply) => {
    if (isUnaudited(request) && request.context.problem === undefined) return;
    write(logger, request, reply);
    metrics.count({
      route: routeOf(request),
      status: reply.statusCode,
      key: request.context.caller?.name ?? 'none',
      seconds: elapsedMs(request) / SECOND_MS,
    });
  });
};
