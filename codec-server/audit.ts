import type { Payload } from '@temporalio/common';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { describeEncrypted, type UndecodablePayloadError } from '../codec/index.js';
import type { Caller } from './auth/authentication.js';
import type { Metrics } from './metrics.js';
import type { RefusalCode } from './refusals.js';

/** The fields of a request for the audit log and the metrics. Contains nothing of the decoded payloads. */
interface AuditContext {
  caller?: Caller;
  namespace?: string;
  payloads?: number;
  keyIds?: readonly string[];
  workflowIds?: readonly string[];
  undecoded?: readonly UndecodablePayloadError[];
  refusal?: RefusalCode;
}

declare module 'fastify' {
  interface FastifyRequest {
    auditContext: AuditContext;
  }
}

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

const operationOf = ({ routeOptions: { url }, method }: FastifyRequest): string => {
  if (url === undefined) return 'none';
  return method === 'POST' ? url.slice(1) : `${method} ${url}`;
};

/** True for health checks and preflight requests, which are not logged. */
const isUnaudited = ({ routeOptions: { url }, method }: FastifyRequest): boolean =>
  url === '/healthz' || url === '/readyz' || method === 'OPTIONS';

const resultOf = ({ refusal, undecoded = [] }: AuditContext): string => {
  if (refusal !== undefined) return 'request refused';
  return undecoded.length > 0 ? 'request served in part' : 'request served';
};

/** Logs and counts each response before it is sent, so that no payload is shown without an entry. */
export const addAudit = (app: FastifyInstance, logger: Logger, metrics: Metrics): void => {
  app.decorateRequest('auditContext');
  app.addHook('onRequest', async (request) => {
    request.auditContext = {};
  });
  app.addHook('onSend', async (request, { statusCode: status }) => {
    const { caller, undecoded = [], ...context } = request.auditContext;
    if (isUnaudited(request) && context.refusal === undefined) return;
    const operation = operationOf(request);
    const entry = { operation, status, caller: caller?.name, role: caller?.role, origin: request.headers.origin };
    const problems = distinct(undecoded.map(({ message }) => message));
    const inPart = undecoded.length > 0 ? { undecoded: undecoded.length, problems } : {};
    const result = resultOf(request.auditContext);
    logger[result === 'request served' ? 'info' : 'warn']({ ...entry, ...context, ...inPart }, result);
    metrics.requests.inc({ operation, status, role: caller?.role ?? 'none' });
    if (context.payloads !== undefined) metrics.payloads.inc({ operation }, context.payloads);
    for (const { why } of undecoded) metrics.undecoded.inc({ why });
  });
};
