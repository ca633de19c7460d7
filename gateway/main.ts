#!/usr/bin/env node
import { Client, Connection } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import type { Logger } from 'pino';
import { OnboardingClient } from '../client/index.js';
import { ReportRouter } from '../client/reports.js';
import { encryptingDataConverter, openServiceKeys } from '../codec/index.js';
import { contactKeysWith } from '../shared/contact-keys.js';
import { runService, stopSignal } from '../shared/run.js';
import { openApiKeys } from './callers/api-keys.js';
import { type GatewayConfig, readConfig } from './config.js';
import { countingBy, showCounts } from './counts.js';
import { createMetrics, type Metrics, serveMetrics } from './metrics.js';
import { type GatewayOptions, startGateway } from './server.js';
import { webhookCounter } from './webhooks/metrics.js';
import { openWebhookSecrets } from './webhooks/secrets.js';

/** Connects as Temporal's own variables say. */
const connect = async ({ keys: provider }: GatewayConfig, logger: Logger): Promise<Client> => {
  const { connectionOptions, namespace = 'default' } = loadClientConnectConfig();
  const keys = await openServiceKeys(provider, logger);
  const connection = await Connection.connect(connectionOptions);
  return new Client({ connection, namespace, dataConverter: encryptingDataConverter({ keys, namespace }) });
};

/** What takes Verifik's webhooks, where there is a file of the secrets that they bear. */
const openWebhooks = async (
  { webhookSecretsFile: path, contactKey, taskQueue }: GatewayConfig,
  temporal: Client,
  logger: Logger,
  { registry }: Metrics,
): Promise<Pick<GatewayOptions, 'webhooks'>> => {
  if (path === undefined) return {};
  const secrets = await openWebhookSecrets(path, logger);
  const reports = new ReportRouter(temporal, { taskQueue });
  return {
    webhooks: { secrets, reports, contactKeys: contactKeysWith(contactKey), count: webhookCounter(registry) },
  };
};

/** Runs the gateway until SIGTERM or SIGINT; calls under way are answered. */
const run = async (config: GatewayConfig, logger: Logger): Promise<void> => {
  const stopped = stopSignal();
  const apiKeys = await openApiKeys(config.keysFile, logger);
  const temporal = await connect(config, logger);
  const { contactKey, taskQueue, callTimeoutMs: timeoutMs, publishChecksWithinMs } = config;
  const client = new OnboardingClient(temporal, { contactKey, taskQueue, timeoutMs, publishChecksWithinMs });
  const metrics = createMetrics();
  showCounts(metrics.registry, countingBy(temporal));
  const webhooks = await openWebhooks(config, temporal, logger, metrics);
  const exposed = await serveMetrics(config.metricsAddress, metrics);
  const gateway = await startGateway({ ...config, ...webhooks, temporal, client, apiKeys, logger, metrics });
  const { namespace } = temporal.options;
  logger.info({ url: gateway.url, metrics: exposed.url, namespace, taskQueue }, 'gateway started');
  const signal = await stopped;
  logger.info({ signal }, 'gateway stopping');
  await gateway.close();
  await exposed.close();
  logger.info('gateway stopped');
  // The connection is not closed: where a call was given up, the SDK would repeat it on the closed one, and throw where nobody catches it.
  process.exit();
};

await runService('gateway', readConfig(process.env), run);
