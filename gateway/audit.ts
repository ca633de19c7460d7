import type { FastifyInstance, FastifyRequest } from 'fastify';
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

/** True for health checks and the API documentation, which are not logged, and have no trace. */
export const isUnaudited = ({ routeOptions: { url = '' } }: FastifyRequest): boolean =>
  url === '/healthz' || url === '/readyz' || url.startsWith('/docs');

/** Logs and counts each response before it is sent, so that no data is shown without an entry. */
export const addAudit = (app: FastifyInstance, logger: Logger, { requests, durations }: Metrics): void => {
  app.decorateRequest('context');
  app.addHook('onRequest', async (request) => {
    request.context = { startedAt: performance.now() };
  });
  app.addHook('onSend', async (request, { statusCode: status }) => {
    const { caller, onboarding, startedAt, problem } = request.context;
    if (isUnaudited(request) && problem === undefined) return;
    const route = routeOf(request);
    const ms = performance.now() - startedAt;
    const entry = {
      route,
      status,
      requestId: request.id,
      ms: Math.round(ms),
      key: caller?.name,
      tenant: caller?.tenant,
    };
    const level = problem === undefined ? 'info' : 'warn';
    logger[level]({ ...entry, onboarding, problem }, problem === undefined ? 'request served' : 'request refused');
    requests.inc({ route, status, key: caller?.name ?? 'none' });
    durations.observe({ route }, ms / SECOND_MS);
  });
};
