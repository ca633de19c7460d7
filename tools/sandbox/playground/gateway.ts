import httpProxy from '@fastify/http-proxy';
import type { FastifyInstance } from 'fastify';
import { isHttpUrl } from '../decoding.js';
import { answerProblem } from './guard.js';

/** The gateway of the playground, and links to other user interfaces. */
export interface PlaygroundOptions {
  readonly gatewayUrl: string;
  /** An API key with the scopes start, read and review. The sandbox adds it to requests; the browser never sees it. */
  readonly apiKey: string;
  /** The prefix of the workflow ids of the key's tenant, such as `onboarding-demo:`. */
  readonly workflowIdPrefix?: string;
  readonly temporalUiUrl?: string;
  readonly namespace?: string;
  /** The sentences of the reasons of reviews, by their codes. Default: the page shows the codes. */
  readonly reviewReasons?: Readonly<Record<string, string>>;
}

export interface GatewayConnection {
  options: PlaygroundOptions | undefined;
}

/** Validates the options. Throws an error that names the wrong field. */
export const checkedPlayground = (options: PlaygroundOptions): PlaygroundOptions => {
  for (const name of ['gatewayUrl', 'temporalUiUrl'] as const) {
    const url = options[name];
    if (url !== undefined && !isHttpUrl(url)) throw new Error(`playground.${name}: expected an http or https URL`);
  }
  if (!/^[\x21-\x7e]+$/.test(options.apiKey)) throw new Error('playground.apiKey: expected a key without spaces');
  return options;
};

const REQUEST_HEADERS = 'accept content-type content-length transfer-encoding idempotency-key last-event-id'.split(' ');
const RESPONSE_HEADERS = ['content-type', 'content-length', 'cache-control', 'location', 'retry-after', 'x-request-id'];

/** Longer than the 30 s that the gateway waits for a worker. */
const TIMEOUT_MS = 60_000;

const pick = <A>(names: readonly string[], headers: Readonly<Record<string, A>>): Record<string, A> =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => names.includes(name)));

const NO_GATEWAY = 'The sandbox has no gateway. Start it with --gateway-url and --gateway-key-file, or run npm start.';

/** Proxies `/playground/gateway/*` to the gateway's `/v1/*`. It adds the API key, which the browser never sees. */
export const addGatewayProxy = (app: FastifyInstance, connection: GatewayConnection): void => {
  app.addHook('onRequest', async (_request, reply) => {
    if (connection.options === undefined) return answerProblem(reply, 503, 'noGateway', NO_GATEWAY);
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
      onError: (reply) => void answerProblem(reply, 502, 'gatewayUnreachable', 'The gateway does not answer.'),
    },
  });
};
