#!/usr/bin/env node

import { openServiceKeys } from '../codec/index.js';
import { serveMetrics } from '../shared/http.js';
import { runServer } from '../shared/run.js';
import { anyOf } from './auth/authentication.js';
import { jsonWebTokens } from './auth/json-web-tokens.js';
import { openStaticTokens } from './auth/static-tokens.js';
import { readConfig } from './config.js';
import { createMetrics } from './metrics.js';
import { startCodecServer } from './server.js';

await runServer('codec server', readConfig(process.env), async (config, logger) => {
  const keys = await openServiceKeys(config.keys, logger);
  const credentials = anyOf([
    ...(config.tokensFile === undefined ? [] : [await openStaticTokens(config.tokensFile, logger)]),
    ...(config.jsonWebTokens === undefined ? [] : [jsonWebTokens(config.jsonWebTokens, logger)]),
  ]);
  const served = createMetrics();
  const metrics = await serveMetrics(config.metricsAddress, served);
  const server = await startCodecServer({ ...config, keys, credentials, logger, metrics: served });
  const { origins, namespaces } = config;
  return { server, metrics, details: { origins, namespaces } };
});
