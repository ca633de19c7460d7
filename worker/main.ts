import { readFile } from 'node:fs/promises';
import type { DataConverter, MetricMeter } from '@temporalio/common';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { NativeConnection, Runtime } from '@temporalio/worker';
import * as E from 'fp-ts/lib/Either.js';
import type { Logger } from 'pino';
import { createActivities } from '../activities/index.js';
import { encryptingDataConverter, KeyProviderError, openKeyRing } from '../codec/index.js';
import { describeFieldErrors } from '../domain/decoding.js';
import { serveHealth } from '../service/health.js';
import { createLogger } from '../service/logging.js';
import { createVerifikClient, type TokenSource } from '../verifik/index.js';
import { type ClientToken, readConfig, type WorkerConfig } from './config.js';
import { countMissingKeys, countVendorCalls } from './metrics.js';
import { temporalLogger } from './temporal-log.js';
import { createOnboardingWorker } from './worker.js';

const tokenSource = (from: ClientToken): TokenSource => ({
  read: async () => (from.from === 'variable' ? from.token : (await readFile(from.path, 'utf8')).trim()),
});

/** Opens the key ring. A key that is not there is told by its id, in the log and among the metrics: workflow tasks wait for it. */
const openDataConverter = async (
  { keyProvider }: WorkerConfig,
  namespace: string,
  logger: Logger,
  meter: MetricMeter,
): Promise<DataConverter> => {
  const keys = await openKeyRing(keyProvider, {
    onProblem: (error) =>
      logger.error(
        { problem: error instanceof KeyProviderError ? error.message : 'unknown' },
        'the encryption keys could not be read again',
      ),
  });
  const count = countMissingKeys(meter);
  const onMissingKey = (keyId: string) => {
    count(keyId);
    logger.error({ keyId }, 'a payload is encrypted with a key that is not in the key ring');
  };
  return encryptingDataConverter({ keys, namespace, onMissingKey });
};

/** Runs a worker until SIGTERM or SIGINT; running tasks are finished within the grace time. */
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
  const { connectionOptions, namespace = 'default' } = loadClientConnectConfig();
  const dataConverter = await openDataConverter(config, namespace, logger, runtime.metricMeter);
  const connection = await NativeConnection.connect(connectionOptions);
  const verifik = createVerifikClient({
    baseUrl: config.verifikBaseUrl,
    tokenSource: tokenSource(config.clientToken),
    totalTimeoutMs: config.verifikTimeoutMs,
    onCall: countVendorCalls(runtime.metricMeter),
  });
  const worker = await createOnboardingWorker({
    connection,
    namespace,
    activities: createActivities({ verifik }),
    dataConverter,
    config,
  });
  const health = await serveHealth(config.healthAddress, { isReady: () => worker.getState() === 'RUNNING' });
  logger.info(
    { namespace, taskQueue: config.taskQueue, health: health.url, production: config.production },
    'worker started',
  );
  try {
    await worker.run();
  } finally {
    await health.close();
    await connection.close();
  }
  logger.info('worker stopped');
};

const refuseToStart = (problem: string): void => {
  process.stderr.write(`The worker's configuration is wrong. ${problem}\n`);
  process.exitCode = 78; // EX_CONFIG of sysexits.h
};

const config = readConfig(process.env);
if (E.isLeft(config)) {
  refuseToStart(describeFieldErrors(config.left));
} else {
  const logger = createLogger(config.right.logLevel);
  try {
    await run(config.right, logger);
  } catch (error) {
    if (error instanceof KeyProviderError) refuseToStart(error.message);
    else {
      logger.fatal(
        { error: error instanceof Error ? { name: error.name, message: error.message, stack: error.stack } : {} },
        'worker failed',
      );
      process.exitCode = 1;
    }
  }
}
