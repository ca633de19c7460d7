import httpProxy from '@fastify/http-proxy';
import type { FastifyInstance } from 'fastify';
import type { GatewayConnection } from './gateway.js';
import { answerProblem, PROBLEM_TYPE, problem } from './guard.js';

const REQUEST_HEADERS = [
  'accept',
  'content-type',
  'content-length',
  'transfer-encoding',
  'idempotency-key',
  'last-event-id',
];
const RESPONSE_HEADERS = ['content-type', 'content-length', 'cache-control', 'location', 'retry-after', 'x-request-id'];

/** Longer than the 30 s that the gateway waits for a worker. */
const TIMEOUT_MS = 60_000;

const pick = <A>(names: readonly string[], headers: Readonly<Record<string, A>>): Record<string, A> =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => names.includes(name)));

/** Proxies `/playground/gateway/*` to the gateway's `/v1/*`. It adds the API key, which the browser never sees. */
export const addGatewayProxy = (app: FastifyInstance, connection: GatewayConnection): void => {
  app.addHook('onRequest', async (_request, reply) => {
    if (connection.options === undefined)
      return answerProblem(
        reply,
        503,
        'noGateway',
        'The sandbox has no gateway. Start it with --gateway-url and --gateway-key-file, or run npm start.',
      );
  });
  app.register(httpProxy, {
    upstream: '',
    rewritePrefix: '/v1',
    httpMethods: ['GET', 'POST', 'DELETE'],
    http: { requestOptions: { timeout: TIMEOUT_MS } },
    destroyAgent: true,
    disableRequestLogging: true,
    replyOptions: {
      getUpstream: () => connection.options?.gatewayUrl ?? '',
      rewriteRequestHeaders: (_request, headers) => ({
        ...pick(REQUEST_HEADERS, headers),
        authorization: `Bearer ${connection.options?.apiKey}`,
      }),
      rewriteHeaders: (headers) => pick(RESPONSE_HEADERS, headers),
      // No retries, so that the page shows every error response.
      retryDelay: () => null,
      onError: (reply) =>
        void reply
          .code(502)
          .type(PROBLEM_TYPE)
          .send(problem(502, 'gatewayUnreachable', 'The gateway does not answer.')),
    },
  });
};
