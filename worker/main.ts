#!/usr/bin/env node
import { Client } from '@temporalio/client';
import type { DataConverter, MetricMeter } from '@temporalio/common';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { NativeConnection } from '@temporalio/worker';
import type { Logger } from 'pino';
import { noCallbackEndpoints, openCallbackEndpoints } from '../activities/callbacks/endpoints.js';
import { createActivities } from '../activities/index.js';
import { folderBatchStore } from '../activities/revalidation/files/store.js';
import { encryptingDataConverter, openServiceKeys, type UndecodablePayloadError } from '../codec/index.js';
import { contactKeysWith } from '../shared/contact-keys.js';
import { defined } from '../shared/defined.js';
import { serveHealth } from '../shared/http.js';
import { runService } from '../shared/run.js';
import { createVerifikClient } from '../verifik/index.js';
import { readConfig, type WorkerConfig } from './config.js';
import { countUndecodable, countVendorCalls, installRuntime } from './telemetry.js';
import { createOnboardingWorker, createVendorWorker } from './worker.js';

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

/** Runs the worker until SIGTERM or SIGINT. Running tasks may finish within the grace period. */
const run = async (config: WorkerConfig, logger: Logger): Promise<void> => {
  const { metricMeter } = installRuntime(config.metricsAddress, logger);
  const { callbacksFile, contactKey, taskQueue, deploymentVersion: version, production } = config;
  const callbacks = callbacksFile === undefined ? noCallbackEndpoints : await openCallbackEndpoints(callbacksFile);
  const { connectionOptions, namespace = 'default' } = loadClientConnectConfig();
  const dataConverter = await openDataConverter(config, namespace, logger, metricMeter);
  const connection = await NativeConnection.connect(connectionOptions);
  const verifik = createVerifikClient({
    baseUrl: config.verifikBaseUrl,
    tokenSource: config.clientToken,
    totalTimeoutMs: config.verifikTimeoutMs,
    onCall: countVendorCalls(metricMeter),
  });
  const temporal = new Client({ connection, namespace, dataConverter });
  const batches = {
    store: folderBatchStore(config.batchFolder),
    totalCallsPerSecond: config.verifikCallsPerSecond,
  };
  const contactKeys = contactKey === undefined ? undefined : contactKeysWith(contactKey);
  const activities = createActivities({ verifik, temporal, callbacks, batches, ...defined({ contactKeys }) });
  const options = { connection, namespace, activities, dataConverter, config };
  const workers = [await createOnboardingWorker(options), await createVendorWorker(options)];
  const isReady = () => workers.every((worker) => worker.getState() === 'RUNNING');
  const health = await serveHealth(config.healthAddress, isReady);
  logger.info({ namespace, taskQueue, version, health: health.url, production }, 'worker started');
  try {
    await Promise.all(workers.map((worker) => worker.run()));
  } finally {
    await health.close();
    await connection.close();
  }
  logger.info('worker stopped');
};

await runService('worker', readConfig(process.env), run);
