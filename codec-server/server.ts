import cookie from '@fastify/cookie';
import Fastify, { type FastifyError, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { EncryptionCodec, type KeyRing } from '../codec/index.js';
import { addHealth, listenOptions } from '../shared/health.js';
import { framesOf } from '../shared/logging.js';
import { addAudit } from './audit.js';
import { authenticate } from './callers/authentication.js';
import type { Credentials } from './callers/caller.js';
import { addSignIn } from './callers/sign-in.js';
import { isLoopback } from './loopback.js';
import { createMetrics, type Metrics } from './metrics.js';
import { addOrigins } from './origins.js';
import { addPayloads } from './payload-routes.js';
import { REFUSALS, Refusal, toRefusal } from './refusals.js';

export interface CodecServerOptions {
  /** Where it answers, such as `127.0.0.1:8081`. */
  readonly address: string;
  /** The origins whose pages may call. */
  readonly origins: readonly string[];
  /** The namespaces whose payloads it decodes, the default one first. */
  readonly namespaces: readonly string[];
  readonly bodyLimitBytes: number;
  readonly keys: KeyRing;
  readonly credentials: Credentials;
  readonly logger: Logger;
  readonly metrics?: Metrics;
  /** How long calls under way may take to be answered once it closes, in ms. Default 10 s. */
  readonly drainWithinMs?: number;
}

export interface CodecServer {
  readonly url: string;
  /** Takes no more calls, and ends when those under way are answered, or their time is up. */
  close(): Promise<void>;
}

/** A body comes in within this time, or not at all. */
const BODY_WITHIN_MS = 30_000;

const DRAIN_WITHIN_MS = 10_000;

const addAnswers = (app: FastifyInstance, { logger, credentials }: CodecServerOptions): void => {
  app.addHook('onRequest', async (_request, reply) => {
    reply.header('cache-control', 'no-store').header('x-content-type-options', 'nosniff');
  });
  app.setErrorHandler(async (error: FastifyError | Error, request, reply) => {
    const { word, message } = toRefusal(error);
    if (word === 'failed') logger.error({ error: { name: error.name, frames: framesOf(error) } }, 'request failed');
    request.facts.refusal = word;
    if (word === 'unauthenticated') reply.header('www-authenticate', 'Bearer realm="codec server"');
    return reply.code(REFUSALS[word].status).send({ error: word, message });
  });
  // Strangers are not told what is there and what is not.
  app.setNotFoundHandler({ preHandler: (request: FastifyRequest) => authenticate(credentials, request) }, async () => {
    throw new Refusal('notFound');
  });
};

/** An address that is none never comes to a route. The framework's own answer would repeat it. */
const refuseAddress = (_error: FastifyError, _request: FastifyRequest, reply: FastifyReply): void => {
  const { status } = REFUSALS.malformed;
  reply.code(status).send({ error: 'malformed', message: 'The address is not what it should be.' });
};

/** Starts the codec server, and answers once it takes calls. */
export const startCodecServer = async (options: CodecServerOptions): Promise<CodecServer> => {
  const { address, origins, namespaces, bodyLimitBytes, keys, credentials, logger } = options;
  const { drainWithinMs = DRAIN_WITHIN_MS } = options;
  const app = Fastify({
    logger: false,
    bodyLimit: bodyLimitBytes,
    requestTimeout: BODY_WITHIN_MS,
    forceCloseConnections: 'idle',
    frameworkErrors: refuseAddress,
  });
  // Payloads are JSON, and a form of another site's page cannot send that.
  app.removeContentTypeParser('text/plain');
  addAudit(app, logger, options.metrics ?? createMetrics());
  addAnswers(app, options);
  addOrigins(app, origins);
  app.register(cookie);
  const codecs = new Map(namespaces.map((namespace) => [namespace, new EncryptionCodec({ keys, namespace })]));
  const listen = listenOptions(address);
  let ready = false;
  app.addHook('onSend', async (_request, reply) => {
    // A connection that is kept open would keep the server from ending.
    if (!ready) reply.header('connection', 'close');
  });
  app.register(async (routes) => {
    addHealth(routes, { isReady: () => ready });
    addSignIn(routes, credentials, isLoopback(listen.host));
    addPayloads(routes, codecs, credentials);
  });
  const url = await app.listen(listen);
  ready = true;
  return {
    url,
    close: async () => {
      ready = false;
      // Node watches no connection's time any more once a server closes: one that says nothing would keep it for ever.
      const late = setTimeout(() => app.server.closeAllConnections(), drainWithinMs);
      await app.close().finally(() => clearTimeout(late));
    },
  };
};
