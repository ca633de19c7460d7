#!/usr/bin/env node

import type { Logger } from 'pino';
import { openServiceKeys } from '../codec/index.js';
import { serveMetrics } from '../shared/http.js';
import { listenAt, listenAtOrNear } from '../shared/listening.js';
import { type RunningService, runService } from '../shared/run.js';
import { anyOf } from './auth/authentication.js';
import { jsonWebTokens } from './auth/json-web-tokens.js';
import { openStaticTokens } from './auth/static-tokens.js';
import { type CodecServerConfig, readConfig } from './config.js';
import { createMetrics } from './metrics.js';
import { startCodecServer } from './server.js';

const start = async (config: CodecServerConfig, logger: Logger): Promise<RunningService> => {
  const keys = await openServiceKeys(config.keys, logger);
  const credentials = anyOf([
    ...(config.tokensFile === undefined ? [] : [await openStaticTokens(config.tokensFile, logger)]),
    ...(config.jsonWebTokens === undefined ? [] : [jsonWebTokens(config.jsonWebTokens, logger)]),
  ]);
  const served = createMetrics();
  const metrics = await listenAtOrNear(config.metricsAddress, (address) => serveMetrics(address, served), logger);
  const server = await listenAt(config.address, (address) =>
    startCodecServer({ ...config, address, keys, credentials, logger, metrics: served }),
  );
  const { origins, namespaces } = config;
  return {
    details: { url: server.url, metrics: metrics.url, origins, namespaces },
    close: async () => {
      await server.close();
      await metrics.close();
    },
  };
};

await runService({
  name: 'codec server',
  command: 'verifik-onboarding-codec-server',
  description: 'Decodes payloads for the Temporal UI and the temporal command.',
  docs: 'docs/codec-server.md',
  readConfig,
  start,
});
