import cookie from '@fastify/cookie';
import Fastify, { type FastifyError, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { EncryptionCodec, type KeyRing } from '../codec/index.js';
import {
  addHealth,
  COMMON_HEADERS,
  closeConnectionsUnless,
  type Endpoint,
  isLoopback,
  LENIENT_SLASHES,
  listenOptions,
} from '../shared/http.js';
import { acceptJson } from '../shared/json-body.js';
import { errorWithoutMessage } from '../shared/logging.js';
import { addAudit } from './audit.js';
import { authenticate, type Credentials } from './auth/authentication.js';
import { addSignIn } from './auth/sign-in.js';
import { createMetrics, type Metrics } from './metrics.js';
import { addOrigins } from './origins.js';
import { addPayloads } from './payload-routes.js';
import { REFUSALS, Refusal, toRefusal } from './refusals.js';

export interface CodecServerOptions {
  readonly address: string;
  readonly origins: readonly string[];
  /** The namespaces whose payloads are decoded. Requests without a namespace use the first. */
  readonly namespaces: readonly string[];
  readonly bodyLimitBytes: number;
  readonly keys: KeyRing;
  readonly credentials: Credentials;
  readonly logger: Logger;
  readonly metrics?: Metrics;
  /** The time limit for requests in flight when the server closes, in ms. Default 10 s. */
  readonly drainWithinMs?: number;
}

const REQUEST_TIMEOUT_MS = 30_000;

const DRAIN_WITHIN_MS = 10_000;

const addErrorHandler = (app: FastifyInstance, { logger, credentials }: CodecServerOptions): void => {
  app.addHook('onRequest', async (_request, reply) => {
    reply.headers(COMMON_HEADERS);
  });
  app.setErrorHandler(async (error: Error, request, reply) => {
    const { code, message } = toRefusal(error);
    if (code === 'failed') logger.error({ error: errorWithoutMessage(error) }, 'request failed');
    request.auditContext.refusal = code;
    if (code === 'unauthenticated') reply.header('www-authenticate', 'Bearer realm="codec server"');
    return reply.code(REFUSALS[code].status).send({ error: code, message });
  });
  // Unauthenticated clients cannot find out which paths exist.
  app.setNotFoundHandler({ preHandler: (request: FastifyRequest) => authenticate(credentials, request) }, async () => {
    throw new Refusal('notFound');
  });
};

/** Replaces the framework's response to a malformed URL, which repeats the URL. */
const rejectMalformedUrl = (_error: FastifyError, _request: FastifyRequest, reply: FastifyReply): void => {
  const { status } = REFUSALS.malformed;
  reply.code(status).send({ error: 'malformed', message: 'The URL is malformed.' });
};

/** Starts the server. `close` stops accepting requests and waits for those in flight, within the time limit. */
export const startCodecServer = async (options: CodecServerOptions): Promise<Endpoint> => {
  const { address, origins, namespaces, bodyLimitBytes, keys, credentials, logger } = options;
  const { drainWithinMs = DRAIN_WITHIN_MS } = options;
  const app = Fastify({
    logger: false,
    bodyLimit: bodyLimitBytes,
    requestTimeout: REQUEST_TIMEOUT_MS,
    forceCloseConnections: 'idle',
    routerOptions: LENIENT_SLASHES,
    frameworkErrors: rejectMalformedUrl,
  });
  // Forms of other sites can send text/plain, but not JSON.
  acceptJson(app);
  addAudit(app, logger, options.metrics ?? createMetrics());
  addErrorHandler(app, options);
  addOrigins(app, origins);
  app.register(cookie);
  const codecs = new Map(namespaces.map((namespace) => [namespace, new EncryptionCodec({ keys, namespace })]));
  const listen = listenOptions(address);
  let ready = false;
  closeConnectionsUnless(app, () => ready);
  app.register(async (routes) => {
    addHealth(routes, () => ready);
    addSignIn(routes, credentials, isLoopback(listen.host));
    addPayloads(routes, codecs, credentials);
  });
  const url = await app.listen(listen);
  ready = true;
  return {
    url,
    close: async () => {
      ready = false;
      // Node stops enforcing timeouts once a server closes: a silent connection would keep it open forever.
      const timeout = setTimeout(() => app.server.closeAllConnections(), drainWithinMs);
      await app.close().finally(() => clearTimeout(timeout));
    },
  };
};
