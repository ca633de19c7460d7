import type { Payload } from '@temporalio/common';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { describeEncrypted } from '../codec/index.js';
import type { Facts } from './facts.js';
import type { Metrics } from './metrics.js';

/** A request may hold thousands of payloads: this many ids of each kind are enough to find the workflows by. */
const MOST_IDS = 20;
const LONGEST_ID = 200;

const distinct = (ids: readonly (string | undefined)[]): readonly string[] =>
  [...new Set(ids.flatMap((id) => (id === undefined ? [] : [id.slice(0, LONGEST_ID)])))].slice(0, MOST_IDS);

/** What the payloads say of themselves in the clear. */
export const idsOf = (payloads: readonly Payload[]): Required<Pick<Facts, 'keyIds' | 'workflowIds'>> => {
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
  const { caller, undecoded, ...facts } = request.facts;
  const { origin } = request.headers;
  const entry = {
    operation: operationOf(request),
    status: reply.statusCode,
    ...(caller === undefined ? {} : { caller: caller.name, role: caller.role }),
    ...(origin === undefined ? {} : { origin }),
    ...facts,
    ...(undecoded === undefined || undecoded.length === 0
      ? {}
      : { undecoded: undecoded.length, problems: distinct(undecoded.map(({ message }) => message)) }),
  };
  if (facts.refusal === undefined && entry.undecoded === undefined) logger.info(entry, 'request served');
  else logger.warn(entry, facts.refusal === undefined ? 'request served in part' : 'request refused');
};

/** Those asking after the process's health, and browsers asking whether they may call. */
const isIdle = ({ routeOptions: { url }, method }: FastifyRequest): boolean =>
  url === '/healthz' || url === '/readyz' || method === 'OPTIONS';

/** One line of the log, and the counts, for each answer before it goes out: nothing is shown that was not noted. */
export const addAudit = (app: FastifyInstance, logger: Logger, metrics: Metrics): void => {
  app.decorateRequest('facts');
  app.addHook('onRequest', async (request) => {
    request.facts = {};
  });
  app.addHook('onSend', async (request, reply) => {
    if (isIdle(request) && request.facts.refusal === undefined) return;
    write(logger, request, reply);
    metrics.count(operationOf(request), reply.statusCode, request.facts);
  });
};
