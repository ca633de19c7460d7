import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Client } from '@temporalio/client';
import Fastify from 'fastify';
import type { Logger } from 'pino';
import type { OnboardingClient } from '../client/index.js';
import { addHealth, listenOptions } from '../shared/health.js';
import { MINUTE_MS, SECOND_MS } from '../shared/time.js';
import { addAnswers } from './answers.js';
import { addAudit } from './audit.js';
import type { ApiKeys } from './callers/api-keys.js';
import { addAuthentication, isStillGood } from './callers/authentication.js';
import { openRateLimits, type RateLimitOptions } from './callers/rate-limits.js';
import { type Api, addCodecs, type CodecTypeProvider } from './codecs.js';
import { Draining } from './draining.js';
import { EarlyRefusals } from './early-refusals.js';
import { Feeds } from './events/feeds.js';
import { StreamPlaces } from './events/stream-places.js';
import { noteMethods } from './methods.js';
import { createMetrics, type Metrics } from './metrics.js';
import { addDocument } from './openapi/document.js';
import { Problem } from './problems.js';
import { addEventStreams, addEvents } from './routes/events.js';
import { addDecisions, addReading, addTokens } from './routes/onboarding.js';
import { addOnboardings } from './routes/onboardings.js';
import { TemporalHealth } from './temporal-health.js';
import { addWebhooks, type WebhookOptions } from './webhooks/index.js';

export interface GatewayOptions extends RateLimitOptions {
  /** Where it answers, such as `127.0.0.1:8082`. */
  readonly address: string;
  readonly client: OnboardingClient;
  readonly temporal: Client;
  readonly apiKeys: ApiKeys;
  /** Absent: no webhooks are taken. */
  readonly webhooks?: Omit<WebhookOptions, 'onStranger'>;
  readonly logger: Logger;
  readonly metrics?: Metrics;
  readonly bodyLimitBytes: number;
  /** How long a call may take to come in whole, in ms. */
  readonly requestTimeoutMs: number;
  /** How long calls under way may take to be answered once it closes, in ms. */
  readonly drainMs: number;
  /** How many event streams a key may have open. */
  readonly streamsPerKey: number;
}

export interface Gateway {
  readonly url: string;
  /** Takes no more calls, and ends when those under way are answered, or their time is up. */
  close(): Promise<void>;
}

/** A connection on which nothing is said is kept this long. Longer than proxies keep theirs, so that they close first. */
const KEEP_ALIVE_MS = 75 * SECOND_MS;

/** Nothing is heard for so long only where a call takes its time: an erasure may take two minutes. */
const SILENT_FOR_MS = 3 * MINUTE_MS;

/** How soon a client is noticed that takes too long to send. */
const LOOK_AT_CONNECTIONS_MS = SECOND_MS;

/** Longer than any id or event's number. */
const LONGEST_PARAMETER = 500;

const requestIdOf = ({ headers }: IncomingMessage): string => {
  const given = headers['x-request-id'];
  return typeof given === 'string' && /^[\w.-]{1,100}$/.test(given) ? given : randomUUID();
};

const createApp = ({ bodyLimitBytes, requestTimeoutMs }: GatewayOptions, refusals: EarlyRefusals): Api =>
  Fastify({
    logger: false,
    bodyLimit: bodyLimitBytes,
    requestTimeout: requestTimeoutMs,
    keepAliveTimeout: KEEP_ALIVE_MS,
    connectionTimeout: SILENT_FOR_MS,
    http: {
      headersTimeout: requestTimeoutMs,
      connectionsCheckingInterval: LOOK_AT_CONNECTIONS_MS,
      // It is required all the same, with an answer like others.
      requireHostHeader: false,
    },
    forceCloseConnections: 'idle',
    return503OnClosing: false,
    exposeHeadRoutes: false,
    routerOptions: { maxParamLength: LONGEST_PARAMETER },
    genReqId: requestIdOf,
    frameworkErrors: refusals.takeAddress,
    clientErrorHandler: refusals.takeError,
  }).withTypeProvider<CodecTypeProvider>();

/** JSON alone. Clients that always name a type do so without a body too. */
const takeJson = (app: Api): void => {
  const parse = app.getDefaultJsonParser('error', 'error');
  app.removeAllContentTypeParsers();
  app.addContentTypeParser<string>('application/json', { parseAs: 'string' }, (request, body, done) => {
    if (body === '') done(null, undefined);
    else parse(request, body, done);
  });
};

interface Running {
  readonly isReady: () => boolean;
  readonly places: StreamPlaces;
}

const addRoutes = async (app: Api, options: GatewayOptions, { isReady, places }: Running): Promise<void> => {
  const { client, apiKeys, webhooks } = options;
  const limits = await openRateLimits(app, options);
  await app.register(async (routes: Api) => {
    routes.addHook('onRequest', async () => {
      if (!isReady()) throw new Problem('stopping');
    });
    addAuthentication(routes, apiKeys, limits);
    const addOtherMethods = noteMethods(routes);
    addOnboardings(routes, client);
    addReading(routes, client);
    addTokens(routes, client);
    addDecisions(routes, client);
    addEvents(routes, client);
    addEventStreams(routes, {
      feeds: new Feeds(client),
      places,
      isGood: (request) => isStillGood(apiKeys, request),
    });
    addOtherMethods();
    // Strangers are not told what is there and what is not.
    routes.setNotFoundHandler(async () => {
      throw new Problem('notFound');
    });
  });
  if (webhooks === undefined) return;
  await app.register(async (routes: Api) => {
    const addOtherMethods = noteMethods(routes);
    addWebhooks(routes, { ...webhooks, onStranger: limits.countStranger });
    routes.after(addOtherMethods);
  });
};

/** Starts the gateway, and answers once it takes calls. */
export const startGateway = async (options: GatewayOptions): Promise<Gateway> => {
  const { address, temporal, logger, drainMs } = options;
  const { metrics = createMetrics() } = options;
  const refusals = new EarlyRefusals(logger, metrics);
  const app = createApp(options, refusals);
  const health = new TemporalHealth(temporal);
  const places = new StreamPlaces(options.streamsPerKey, metrics);
  let ready = false;
  takeJson(app);
  addCodecs(app);
  addAudit(app, logger, metrics);
  addAnswers(app, logger);
  refusals.watch(app);
  app.addHook('onSend', async (_request, reply) => {
    // A connection that is kept open would keep the server from ending.
    if (!ready) reply.header('connection', 'close');
  });
  await app.register(async (open) => addHealth(open, { isReady: () => ready && health.answers }));
  await addDocument(app);
  await addRoutes(app, options, { isReady: () => ready, places });
  const draining = new Draining(app.server);
  const url = await app.listen(listenOptions(address));
  ready = true;
  return {
    url,
    close: async () => {
      ready = false;
      places.close();
      await draining.during(() => app.close(), drainMs);
      await health.close();
    },
  };
};
