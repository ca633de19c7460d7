#!/usr/bin/env node

import type { Logger } from 'pino';
import { openServiceKeys } from '../codec/index.js';
import { runService, stopSignal } from '../shared/run.js';
import { anyOf, type Credentials } from './callers/caller.js';
import { jsonWebTokens } from './callers/json-web-tokens.js';
import { openStaticTokens } from './callers/static-tokens.js';
import { type CodecServerConfig, readConfig } from './config.js';
import { createMetrics, serveMetrics } from './metrics.js';
import { startCodecServer } from './server.js';

const credentialsOf = async (config: CodecServerConfig, logger: Logger): Promise<Credentials> =>
  anyOf([
    ...(config.tokensFile === undefined ? [] : [await openStaticTokens(config.tokensFile, logger)]),
    ...(config.jsonWebTokens === undefined ? [] : [jsonWebTokens(config.jsonWebTokens, logger)]),
  ]);

/** Runs the codec server until SIGTERM or SIGINT; calls under way are answered. */
const run = async (config: CodecServerConfig, logger: Logger): Promise<void> => {
  const stopped = stopSignal();
  const keys = await openServiceKeys(config.keys, logger);
  const credentials = await credentialsOf(config, logger);
  const metrics = createMetrics();
  const exposed = await serveMetrics(config.metricsAddress, metrics);
  const server = await startCodecServer({ ...config, keys, credentials, logger, metrics });
  const { origins, namespaces } = config;
  logger.info({ url: server.url, metrics: exposed.url, origins, namespaces }, 'codec server started');
  const signal = await stopped;
  logger.info({ signal }, 'codec server stopping');
  await server.close();
  await exposed.close();
  logger.info('codec server stopped');
};

await runService('codec server', readConfig(process.env), run);
