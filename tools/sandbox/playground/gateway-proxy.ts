import httpProxy from '@fastify/http-proxy';
import type { FastifyInstance } from 'fastify';
import type { GatewayConnection } from './gateway.js';
import { answerProblem, PROBLEM_TYPE, problem } from './guard.js';

/** What of the browser's request the gateway gets, besides the key. */
const SENT_ON = ['accept', 'content-type', 'content-length', 'transfer-encoding', 'idempotency-key', 'last-event-id'];
/** What of the gateway's answer the browser gets. */
const GIVEN_BACK = ['content-type', 'content-length', 'cache-control', 'location', 'retry-after', 'x-request-id'];

/** Longer than the gateway itself waits for a worker: half a minute. */
const LONGEST_MS = 60_000;

const only = <A>(names: readonly string[], headers: Readonly<Record<string, A>>): Record<string, A> =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => names.includes(name)));

/** `/playground/gateway/*`: the gateway's `/v1/*`, with the API key, which stays on this side. Events stream through. */
export const addGatewayProxy = (app: FastifyInstance, connection: GatewayConnection): void => {
  app.addHook('onRequest', async (_request, reply) => {
    if (connection.options === undefined)
      return answerProblem(reply, 503, 'noGateway', 'The sandbox has not been told of a gateway.');
  });
  app.register(httpProxy, {
    upstream: '',
    rewritePrefix: '/v1',
    httpMethods: ['GET', 'POST', 'DELETE'],
    http: { requestOptions: { timeout: LONGEST_MS } },
    destroyAgent: true,
    disableRequestLogging: true,
    replyOptions: {
      getUpstream: () => connection.options?.gatewayUrl ?? '',
      rewriteRequestHeaders: (_request, headers) => ({
        ...only(SENT_ON, headers),
        authorization: `Bearer ${connection.options?.apiKey}`,
      }),
      rewriteHeaders: (headers) => only(GIVEN_BACK, headers),
      // A refusal is for the person to see, also where trying again would help.
      retryDelay: () => null,
      onError: (reply) =>
        void reply
          .code(502)
          .type(PROBLEM_TYPE)
          .send(problem(502, 'gatewayUnreachable', 'The gateway does not answer.')),
    },
  });
};
