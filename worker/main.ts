#!/usr/bin/env node
import { Client } from '@temporalio/client';
import type { DataConverter, MetricMeter } from '@temporalio/common';
import { NativeConnection } from '@temporalio/worker';
import type { Logger } from 'pino';
import { encryptingDataConverter, openServiceKeys, type UndecodablePayloadError } from '../codec/index.js';
import { SEARCH_ATTRIBUTES } from '../contract/search-attributes.js';
import { defined } from '../shared/defined.js';
import { serveHealth } from '../shared/http.js';
import { listenAtOrNear, probeAddress } from '../shared/listening.js';
import { checkNamespace } from '../shared/namespace.js';
import { type RunningService, runService } from '../shared/run.js';
import { temporalConfig } from '../shared/temporal-config.js';
import { reachTemporal } from '../shared/temporal-connection.js';
import { openTracing } from '../shared/tracing.js';
import { prepareActivities } from './activities.js';
import { readConfig, type WorkerConfig } from './config.js';
import { countUndecodable, installRuntime } from './telemetry.js';
import { createWorkers } from './worker.js';

/**
 * Opens the key ring. Payloads that cannot be decoded are logged and counted by key, because they block workflow tasks.
 */
const openDataConverter = async (
  { keyProvider }: WorkerConfig,
  namespace: string,
  logger: Logger,
  meter: MetricMeter,
): Promise<DataConverter> => {
  const keys = await openServiceKeys(keyProvider, logger);
  const count = countUndecodable(meter);
  const onUndecodable = (error: UndecodablePayloadError) => {
    const { why, keyId, message } = error;
    count(error);
    logger.error({ why, keyId, problem: message }, 'a payload cannot be decoded');
  };
  return encryptingDataConverter({ keys, namespace, onUndecodable });
};

/** Serves the metrics of the SDK and the worker, and returns their meter and address. */
const serveMetrics = ({ metricsAddress }: WorkerConfig, logger: Logger) =>
  listenAtOrNear(
    metricsAddress,
    async (address) => {
      // The SDK can neither choose a port nor report it.
      const free = await probeAddress(address);
      try {
        const { metricMeter } = installRuntime(free, logger);
        return { metricMeter, url: `http://${free}` };
      } catch (error) {
        // Throws an error with a code if another process has taken the port meanwhile.
        await probeAddress(address);
        throw error;
      }
    },
    logger,
  );

const start = async (config: WorkerConfig, logger: Logger): Promise<RunningService> => {
  const { taskQueue, deploymentVersion: version, production } = config;
  const { slots, maxPollers, cachedWorkflows } = config;
  const { accounts, createActivities } = await prepareActivities(config);
  const { connectionOptions, namespace } = temporalConfig();
  const metrics = await serveMetrics(config, logger);
  const tracing = await openTracing(config, 'worker', logger);
  const dataConverter = await openDataConverter(config, namespace, logger, metrics.metricMeter);
  const connection = await reachTemporal(connectionOptions.address, async () => {
    const opened = await NativeConnection.connect(connectionOptions);
    await checkNamespace(opened, namespace, Object.values(SEARCH_ATTRIBUTES), logger);
    return opened;
  });
  const interceptors = tracing?.clientInterceptors;
  const temporal = new Client({ connection, namespace, dataConverter, ...defined({ interceptors }) });
  const activities = createActivities({ temporal, meter: metrics.metricMeter, taskQueue });
  const options = { connection, namespace, activities, accounts, dataConverter, config, ...defined({ tracing }) };
  const workers = await createWorkers(options);
  const isReady = () => workers.every((worker) => worker.getState() === 'RUNNING');
  const health = await listenAtOrNear(config.healthAddress, (address) => serveHealth(address, isReady), logger);
  const ended = Promise.all(workers.map((worker) => worker.run()));
  return {
    details: {
      ...{ namespace, taskQueue, version, health: health.url, metrics: metrics.url, production },
      ...{ slots, maxPollers, cachedWorkflows },
    },
    ended,
    // Running tasks may finish within the grace period.
    close: async () => {
      for (const worker of workers) worker.shutdown();
      await ended;
      await health.close();
      await tracing?.close();
      await connection.close();
    },
  };
};

await runService({
  name: 'worker',
  command: 'verifik-onboarding-worker',
  description: 'Runs the workflows and activities of onboardings.',
  docs: 'docs/configuration.md',
  readConfig,
  start,
});
