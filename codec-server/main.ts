#!/usr/bin/env node

import type { Logger } from 'pino';
import { openServiceKeys } from '../codec/index.js';
import { serveMetrics } from '../shared/http.js';
import { runService, serveUntilStopped, stopSignal } from '../shared/run.js';
import { anyOf } from './auth/authentication.js';
import { jsonWebTokens } from './auth/json-web-tokens.js';
import { openStaticTokens } from './auth/static-tokens.js';
import { type CodecServerConfig, readConfig } from './config.js';
import { createMetrics } from './metrics.js';
import { startCodecServer } from './server.js';

const run = async (config: CodecServerConfig, logger: Logger): Promise<void> => {
  const stopped = stopSignal();
  const keys = await openServiceKeys(config.keys, logger);
  const credentials = anyOf([
    ...(config.tokensFile === undefined ? [] : [await openStaticTokens(config.tokensFile, logger)]),
    ...(config.jsonWebTokens === undefined ? [] : [jsonWebTokens(config.jsonWebTokens, logger)]),
  ]);
  const served = createMetrics();
  const metrics = await serveMetrics(config.metricsAddress, served);
  const server = await startCodecServer({ ...config, keys, credentials, logger, metrics: served });
  const { origins, namespaces } = config;
  await serveUntilStopped({ name: 'codec server', server, metrics, logger, stopped }, { origins, namespaces });
};

await runService('codec server', readConfig(process.env), run);
