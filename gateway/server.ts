import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Client } from '@temporalio/client';
import Fastify, { type FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import type { OnboardingClient } from '../client/index.js';
import type { SigningKeys } from '../codec/evidence/signing-keys.js';
import { addHealth, closeConnectionsUnless, type Endpoint, LENIENT_SLASHES, listenOptions } from '../shared/http.js';
import { acceptJson } from '../shared/json-body.js';
import { MINUTE_MS, SECOND_MS } from '../shared/time.js';
import { addAudit } from './audit.js';
import type { ApiKeys } from './auth/api-keys.js';
import { addAuthentication, isStillAuthorized } from './auth/authentication.js';
import { openRateLimits, type RateLimitOptions } from './auth/rate-limits.js';
import { type Api, addCodecs, type CodecTypeProvider } from './codecs.js';
import { drainsConnections } from './draining.js';
import { addErrorHandler, rejectOtherMethods } from './error-handler.js';
import { shareFeeds } from './events/feeds.js';
import { limitLongPolls, watchHistories } from './events/history.js';
import { limitStreams, type OpenStreams } from './events/open-streams.js';
import { createMetrics, type Metrics } from './metrics.js';
import { addDocument } from './openapi/document.js';
import { malformed, PERCENT_ENCODED, Problem } from './problems.js';
import { answerProtocolErrors } from './protocol-errors.js';
import { addEventStreams, addEvents } from './routes/events.js';
import { addEvidence } from './routes/evidence.js';
import { addFunnel } from './routes/funnel.js';
import { addOnboarding } from './routes/onboarding.js';
import { addOnboardings } from './routes/onboardings.js';
import type { Learn } from './routes/resolve-onboarding.js';
import { addResult } from './routes/result.js';
import { addReviewQueue, addReviews } from './routes/reviews.js';
import { addStatus } from './routes/status.js';
import { shareStatusReads } from './status-reads.js';
import { watchTemporal } from './temporal-health.js';
import { addTracing } from './tracing.js';
import { addWebhooks, type WebhookOptions } from './webhooks/index.js';

export interface GatewayOptions extends RateLimitOptions {
  readonly address: string;
  readonly client: OnboardingClient;
  readonly temporal: Client;
  readonly apiKeys: ApiKeys;
  /** If absent, the gateway accepts no webhooks. */
  readonly webhooks?: Omit<WebhookOptions, 'metrics' | 'onUnauthenticated'>;
  /** Called with each registration that is issued to a caller. */
  readonly learn?: Learn;
  /** If absent, the gateway signs no evidence. */
  readonly signingKeys?: SigningKeys;
  readonly logger: Logger;
  readonly metrics?: Metrics;
  /** True if requests are traced. */
  readonly traced?: boolean;
  readonly bodyLimitBytes: number;
  readonly requestTimeoutMs: number;
  readonly drainMs: number;
  readonly streamsPerKey: number;
}

/** Longer than the usual keep-alive of proxies, so that the proxy closes an idle connection first. */
const KEEP_ALIVE_MS = 75 * SECOND_MS;

/** Longer than the slowest call: an erasure may take two minutes. */
const CONNECTION_TIMEOUT_MS = 3 * MINUTE_MS;

/** The interval at which Node enforces the request timeout. */
const CHECK_CONNECTIONS_MS = SECOND_MS;

/** Longer than any id or sequence number in a path. */
const MAX_PARAMETER_LENGTH = 500;

/** So few that several gateways leave enough of them to the workers. */
const MAX_LONG_POLLS = 200;

const requestIdOf = ({ headers }: IncomingMessage): string => {
  const given = headers['x-request-id'];
  return typeof given === 'string' && /^[\w.-]{1,100}$/.test(given) ? given : randomUUID();
};

const createApp = (
  { bodyLimitBytes, requestTimeoutMs }: GatewayOptions,
  errors: ReturnType<typeof answerProtocolErrors>,
): Api =>
  Fastify({
    logger: false,
    bodyLimit: bodyLimitBytes,
    requestTimeout: requestTimeoutMs,
    keepAliveTimeout: KEEP_ALIVE_MS,
    connectionTimeout: CONNECTION_TIMEOUT_MS,
    http: {
      headersTimeout: requestTimeoutMs,
      connectionsCheckingInterval: CHECK_CONNECTIONS_MS,
      // The handlers of protocol errors require it, with problem details in the response.
      requireHostHeader: false,
    },
    forceCloseConnections: 'idle',
    return503OnClosing: false,
    routerOptions: { maxParamLength: MAX_PARAMETER_LENGTH, ...LENIENT_SLASHES },
    genReqId: requestIdOf,
    frameworkErrors: errors.handleMalformedUrl,
    clientErrorHandler: errors.handleClientError,
  }).withTypeProvider<CodecTypeProvider>();

/** The framework replaces bytes in a query that are not UTF-8. */
const rejectMalformedQueries = (app: Api): void => {
  app.addHook('onRequest', async ({ raw: { url = '' } }) => {
    const [, query = ''] = url.split('?', 2);
    try {
      decodeURIComponent(query);
    } catch (cause) {
      throw malformed('query', PERCENT_ENCODED, cause);
    }
  });
};

interface GatewayState {
  readonly isReady: () => boolean;
  readonly streams: OpenStreams;
  readonly metrics: Metrics;
}

const addRoutes = async (
  app: Api,
  options: GatewayOptions,
  { isReady, streams, metrics }: GatewayState,
): Promise<void> => {
  const { client, temporal, apiKeys, webhooks, learn = () => undefined, signingKeys } = options;
  const limits = await openRateLimits(app, options);
  await app.register(async (routes: Api) => {
    routes.addHook('onRequest', async () => {
      if (!isReady()) throw new Problem('stopping');
    });
    addAuthentication(routes, apiKeys, limits);
    const addOtherMethods = rejectOtherMethods(routes);
    const longPolls = limitLongPolls(MAX_LONG_POLLS);
    const following = {
      feeds: shareFeeds(client, watchHistories(temporal, longPolls)),
      streams,
      isAuthorized: (request: FastifyRequest) => isStillAuthorized(apiKeys, request),
    };
    addOnboardings(routes, client, learn);
    addStatus(routes, shareStatusReads(client), following);
    addResult(routes, { client, temporal, longPolls }, following);
    addOnboarding(routes, client, learn);
    addFunnel(routes, client);
    addReviewQueue(routes, client);
    addReviews(routes, client);
    addEvidence(routes, client, signingKeys);
    addEvents(routes, client);
    addEventStreams(routes, following);
    addOtherMethods();
    // Behind authentication, so that unauthenticated clients cannot find out which paths exist.
    routes.setNotFoundHandler(async () => {
      throw new Problem('notFound');
    });
  });
  if (webhooks === undefined) return;
  await app.register(async (routes: Api) => {
    const addOtherMethods = rejectOtherMethods(routes);
    addWebhooks(routes, { ...webhooks, metrics, onUnauthenticated: limits.countUnauthenticated });
    routes.after(addOtherMethods);
  });
};

/** Starts the gateway. `close` stops accepting requests and waits for those in flight, within the time limit. */
export const startGateway = async (options: GatewayOptions): Promise<Endpoint> => {
  const { address, temporal, logger, drainMs } = options;
  const { metrics = createMetrics(), traced = false } = options;
  const protocolErrors = answerProtocolErrors(logger, metrics);
  const app = createApp(options, protocolErrors);
  const health = watchTemporal(temporal);
  const streams = limitStreams(options.streamsPerKey, metrics);
  let ready = false;
  acceptJson(app);
  addCodecs(app);
  addAudit(app, logger, metrics);
  if (traced) addTracing(app);
  addErrorHandler(app, logger);
  protocolErrors.watch(app);
  rejectMalformedQueries(app);
  closeConnectionsUnless(app, () => ready);
  await app.register(async (open) => addHealth(open, () => ready && health.answers()));
  await addDocument(app);
  await addRoutes(app, options, { isReady: () => ready, streams, metrics });
  const drain = drainsConnections(app.server);
  const url = await app.listen(listenOptions(address));
  ready = true;
  return {
    url,
    close: async () => {
      ready = false;
      streams.close();
      await drain(() => app.close(), drainMs);
      await health.close();
    },
  };
};
