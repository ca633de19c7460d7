import type { Payload } from '@temporalio/common';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { describeEncrypted } from '../codec/index.js';
import type { AuditContext } from './audit-context.js';
import type { Metrics } from './metrics.js';

/** A request may have thousands of payloads: some ids suffice to find the workflows. */
const MAX_IDS = 20;
const MAX_ID_LENGTH = 200;

const distinct = (ids: readonly (string | undefined)[]): readonly string[] =>
  [...new Set(ids.flatMap((id) => (id === undefined ? [] : [id.slice(0, MAX_ID_LENGTH)])))].slice(0, MAX_IDS);

/** Reads the ids in the unencrypted metadata of payloads. */
export const idsOf = (payloads: readonly Payload[]): Required<Pick<AuditContext, 'keyIds' | 'workflowIds'>> => {
  const described = payloads.flatMap((payload) => describeEncrypted(payload) ?? []);
  return {
    keyIds: distinct(described.map(({ keyId }) => keyId)),
    workflowIds: distinct(described.map(({ workflowId }) => workflowId)),
  };
};

const operationOf = ({ routeOptions, method }: FastifyRequest): string =>
  routeOptions.url === undefined
    ? 'none'
    : method === 'POST'
      ? routeOptions.url.slice(1)
      : `${method} ${routeOptions.url}`;

const write = (logger: Logger, request: FastifyRequest, reply: FastifyReply): void => {
  const { caller, undecoded, ...context } = request.auditContext;
  const { origin } = request.headers;
  const entry = {
    operation: operationOf(request),
    status: reply.statusCode,
    ...(caller === undefined ? {} : { caller: caller.name, role: caller.role }),
    ...(origin === undefined ? {} : { origin }),
    ...context,
    ...(undecoded === undefined || undecoded.length === 0
      ? {}
      : { undecoded: undecoded.length, problems: distinct(undecoded.map(({ message }) => message)) }),
  };
  if (context.refusal === undefined && entry.undecoded === undefined) logger.info(entry, 'request served');
  else logger.warn(entry, context.refusal === undefined ? 'request served in part' : 'request refused');
};

/** True for health checks and preflight requests, which are not logged. */
const isUnaudited = ({ routeOptions: { url }, method }: FastifyRequest): boolean =>
  url === '/healthz' || url === '/readyz' || method === 'OPTIONS';

/** Logs and counts each response before it is sent, so that no payload is shown without an entry. */
export const addAudit = (app: FastifyInstance, logger: Logger, metrics: Metrics): void => {
  app.decorateRequest('auditContext');
  app.addHook('onRequest', async (request) => {
    request.auditContext = {};
  });
  app.addHook('onSend', async (request, reply) => {
    if (isUnaudited(request) && request.auditContext.refusal === undefined) return;
    write(logger, request, reply);
    metrics.count(operationOf(request), reply.statusCode, request.auditContext);
  });
};
