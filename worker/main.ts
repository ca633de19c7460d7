import { readFile } from 'node:fs/promises';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { NativeConnection, Runtime } from '@temporalio/worker';
import * as E from 'fp-ts/lib/Either.js';
import type { Logger } from 'pino';
import { createActivities } from '../activities/index.js';
import { describeFieldErrors } from '../domain/decoding.js';
import { createVerifikClient, type TokenSource } from '../verifik/index.js';
import { type ClientToken, readConfig, type WorkerConfig } from './config.js';
import { serveHealth } from './health.js';
import { createLogger, temporalLogger } from './logging.js';
import { countVendorCalls } from './metrics.js';
import { createOnboardingWorker } from './worker.js';

const tokenSource = (from: ClientToken): TokenSource => ({
  read: async () => (from.from === 'variable' ? from.token : (await readFile(from.path, 'utf8')).trim()),
});

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
  const connection = await NativeConnection.connect(connectionOptions);
  const verifik = createVerifikClient({
    baseUrl: config.verifikBaseUrl,
    tokenSource: tokenSource(config.clientToken),
    totalTimeoutMs: config.verifikTimeoutMs,
    onCall: countVendorCalls(runtime.metricMeter),
  });
  const production = process.env['NODE_ENV'] === 'production';
  const worker = await createOnboardingWorker({
    connection,
    namespace,
    activities: createActivities({ verifik }),
    config,
    production,
  });
  const health = await serveHealth(config.healthAddress, { isReady: () => worker.getState() === 'RUNNING' });
  logger.info({ namespace, taskQueue: config.taskQueue, health: health.url, production }, 'worker started');
  try {
    await worker.run();
  } finally {
    await health.close();
    await connection.close();
  }
  logger.info('worker stopped');
};

const config = readConfig(process.env);
if (E.isLeft(config)) {
  process.stderr.write(`The worker's configuration is wrong. ${describeFieldErrors(config.left)}\n`);
  process.exitCode = 78; // EX_CONFIG of sysexits.h
} else {
  const logger = createLogger(config.right.logLevel);
  try {
    await run(config.right, logger);
  } catch (error) {
    logger.fatal(
      { error: error instanceof Error ? { name: error.name, message: error.message, stack: error.stack } : {} },
      'worker failed',
    );
    process.exitCode = 1;
  }
}
