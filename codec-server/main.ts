#!/usr/bin/env node

import type { Logger } from 'pino';
import { openServiceKeys } from '../codec/index.js';
import { serveMetrics } from '../shared/http.js';
import { runService, serveUntilStopped, stopSignal } from '../shared/run.js';
import { anyOf, type Credentials } from './auth/caller.js';
import { jsonWebTokens } from './auth/json-web-tokens.js';
import { openStaticTokens } from './auth/static-tokens.js';
import { type CodecServerConfig, readConfig } from './config.js';
import { createMetrics } from './metrics.js';
import { startCodecServer } from './server.js';

const credentialsOf = async (config: CodecServerConfig, logger: Logger): Promise<Credentials> =>
  anyOf([
    ...(config.tokensFile === undefined ? [] : [await openStaticTokens(config.tokensFile, logger)]),
    ...(config.jsonWebTokens === undefined ? [] : [jsonWebTokens(config.jsonWebTokens, logger)]),
  ]);

const run = async (config: CodecServerConfig, logger: Logger): Promise<void> => {
  const stopped = stopSignal();
  const keys = await openServiceKeys(config.keys, logger);
  const credentials = await credentialsOf(config, logger);
  const metrics = createMetrics();
  const metricsServer = await serveMetrics(config.metricsAddress, metrics);
  const server = await startCodecServer({ ...config, keys, credentials, logger, metrics });
  const { origins, namespaces } = config;
  await serveUntilStopped(
    'codec server',
    { server, metrics: metricsServer, details: { origins, namespaces }, stopped },
    logger,
  );
};

await runService('codec server', readConfig(process.env), run);
