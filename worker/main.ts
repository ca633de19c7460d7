#!/usr/bin/env node
import { readFile } from 'node:fs/promises';
import { Client } from '@temporalio/client';
import type { DataConverter, MetricMeter } from '@temporalio/common';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { NativeConnection, Runtime } from '@temporalio/worker';
import type { Logger } from 'pino';
import { noCallbackEndpoints, openCallbackEndpoints } from '../activities/callbacks/endpoints.js';
import { createActivities } from '../activities/index.js';
import { folderBatchStore } from '../activities/revalidation/files/store.js';
import { encryptingDataConverter, openServiceKeys, type UndecodablePayloadError } from '../codec/index.js';
import { contactKeysWith } from '../shared/contact-keys.js';
import { serveHealth } from '../shared/http.js';
import { runService } from '../shared/run.js';
import { createVerifikClient, type TokenSource } from '../verifik/index.js';
import { type ClientToken, readConfig, type WorkerConfig } from './config.js';
import { countUndecodable, countVendorCalls } from './metrics.js';
import { temporalLogger } from './temporal-log.js';
import { createOnboardingWorker, createVendorWorker } from './worker.js';

const tokenSource = (from: ClientToken): TokenSource => ({
  read: async () => (from.from === 'variable' ? from.token : (await readFile(from.path, 'utf8')).trim()),
});

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

const batchesOf = ({ batchFolder, verifikCallsPerSecond, contactKey }: WorkerConfig) => ({
  store: folderBatchStore(batchFolder),
  totalCallsPerSecond: verifikCallsPerSecond,
  ...(contactKey === undefined ? {} : { contactKeys: contactKeysWith(contactKey) }),
});

/** Runs the worker until SIGTERM or SIGINT. Running tasks may finish within the grace period. */
const run = async (config: WorkerConfig, logger: Logger): Promise<void> => {
  const runtime = Runtime.install({
    logger: temporalLogger(logger),
    telemetryOptions: {
      metrics: {
        prometheus: {
          bindAddress: config.metricsAddress,
          countersTotalSuffix: true,
          unitSuffix: true,
          useSecondsForDurations: true,
        },
      },
    },
  });
  const { callbacksFile } = config;
  const callbacks = callbacksFile === undefined ? noCallbackEndpoints : await openCallbackEndpoints(callbacksFile);
  const { connectionOptions, namespace = 'default' } = loadClientConnectConfig();
  const dataConverter = await openDataConverter(config, namespace, logger, runtime.metricMeter);
  const connection = await NativeConnection.connect(connectionOptions);
  const verifik = createVerifikClient({
    baseUrl: config.verifikBaseUrl,
    tokenSource: tokenSource(config.clientToken),
    totalTimeoutMs: config.verifikTimeoutMs,
    onCall: countVendorCalls(runtime.metricMeter),
  });
  const temporal = new Client({ connection, namespace, dataConverter });
  const activities = createActivities({ verifik, temporal, callbacks, batches: batchesOf(config) });
  const options = { connection, namespace, activities, dataConverter, config };
  const workers = [await createOnboardingWorker(options), await createVendorWorker(options)];
  const isReady = () => workers.every((worker) => worker.getState() === 'RUNNING');
  const health = await serveHealth(config.healthAddress, { isReady });
  logger.info(
    {
      namespace,
      taskQueue: config.taskQueue,
      version: config.deploymentVersion,
      health: health.url,
      production: config.production,
    },
    'worker started',
  );
  try {
    await Promise.all(workers.map((worker) => worker.run()));
  } finally {
    await health.close();
    await connection.close();
  }
  logger.info('worker stopped');
};

await runService('worker', readConfig(process.env), run);
