#!/usr/bin/env node
import { Client, Connection } from '@temporalio/client';
import type { Logger } from 'pino';
import { REPEATED_UNTIL_CLOSED } from '../client/calls/ended-calls.js';
import { OnboardingClient } from '../client/index.js';
import { ReportRouter } from '../client/reports.js';
import { openSigningKeys } from '../codec/evidence/signing-keys.js';
import { encryptingDataConverter, openServiceKeys } from '../codec/index.js';
import { SEARCH_ATTRIBUTES } from '../contract/search-attributes.js';
import { contactKeysWith } from '../shared/contact-keys.js';
import { defined } from '../shared/defined.js';
import { serveMetrics } from '../shared/http.js';
import { listenAt, listenAtOrNear } from '../shared/listening.js';
import { checkNamespace } from '../shared/namespace.js';
import type { Tracing } from '../shared/open-telemetry.js';
import { type RunningService, runService } from '../shared/run.js';
import { temporalConfig } from '../shared/temporal-config.js';
import { reachTemporal } from '../shared/temporal-connection.js';
import { openTracing } from '../shared/tracing.js';
import { openApiKeys } from './auth/api-keys.js';
import { type GatewayConfig, readConfig } from './config.js';
import { countingBy, showCounts } from './counts.js';
import { createMetrics } from './metrics.js';
import { type GatewayOptions, startGateway } from './server.js';
import { openWebhookSecrets } from './webhooks/index.js';

const connect = async (
  { keys: provider }: GatewayConfig,
  tracing: Tracing | undefined,
  logger: Logger,
): Promise<Client> => {
  const { connectionOptions, namespace } = temporalConfig();
  const keys = await openServiceKeys(provider, logger);
  const connection = await reachTemporal(connectionOptions.address, async () => {
    const opened = await Connection.connect({ ...connectionOptions, ...REPEATED_UNTIL_CLOSED });
    await checkNamespace(opened, namespace, Object.values(SEARCH_ATTRIBUTES), logger);
    return opened;
  });
  const dataConverter = encryptingDataConverter({ keys, namespace });
  const interceptors = tracing?.clientInterceptors;
  return new Client({ connection, namespace, dataConverter, ...defined({ interceptors }) });
};

const openWebhooks = async (
  { webhookSecretsFile: path, contactKey, taskQueue }: GatewayConfig,
  temporal: Client,
  logger: Logger,
): Promise<Pick<GatewayOptions, 'webhooks' | 'learn'>> => {
  if (path === undefined) return {};
  const secrets = await openWebhookSecrets(path, logger);
  const reports = new ReportRouter(temporal, { taskQueue });
  return {
    webhooks: { secrets, reports, contactKeys: contactKeysWith(contactKey) },
    learn: (started) => reports.learn(started),
  };
};

const start = async (config: GatewayConfig, logger: Logger): Promise<RunningService> => {
  const apiKeys = await openApiKeys(config.keysFile, logger);
  const signingKeys = await openSigningKeys(config, config.keys);
  const tracing = await openTracing(config, 'gateway', logger);
  const temporal = await connect(config, tracing, logger);
  const { contactKey, taskQueue, callTimeoutMs: timeoutMs, publishChecksWithinMs } = config;
  const client = new OnboardingClient(temporal, { contactKey, taskQueue, timeoutMs, publishChecksWithinMs });
  const served = createMetrics();
  showCounts(served.registry, countingBy(temporal));
  const webhooks = await openWebhooks(config, temporal, logger);
  const metrics = await listenAtOrNear(config.metricsAddress, (address) => serveMetrics(address, served), logger);
  const server = await listenAt(config.address, (address) =>
    startGateway({
      ...config,
      ...webhooks,
      ...defined({ signingKeys }),
      address,
      temporal,
      client,
      apiKeys,
      logger,
      metrics: served,
      traced: tracing !== undefined,
    }),
  );
  return {
    details: { url: server.url, metrics: metrics.url, namespace: temporal.options.namespace, taskQueue },
    // The connection stays open: after an abandoned call, the SDK retries on the closed connection and throws an
    // uncaught error.
    close: async () => {
      await server.close();
      await metrics.close();
      await tracing?.close();
    },
  };
};

await runService({
  name: 'gateway',
  command: 'verifik-onboarding-gateway',
  description: "Serves the HTTP API of onboardings and receives Verifik's webhooks.",
  docs: 'docs/gateway.md',
  readConfig,
  start,
});
