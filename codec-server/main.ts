import * as E from 'fp-ts/lib/Either.js';
import type { Logger } from 'pino';
import { KeyProviderError, openKeyRing } from '../codec/index.js';
import { describeFieldErrors } from '../domain/decoding.js';
import { createLogger } from '../service/logging.js';
import { anyOf, type Credentials } from './caller.js';
import { type CodecServerConfig, readConfig } from './config.js';
import { jsonWebTokens } from './json-web-tokens.js';
import { createMetrics, serveMetrics } from './metrics.js';
import { startCodecServer } from './server.js';
import { openStaticTokens, TokensFileError } from './static-tokens.js';

/** EX_CONFIG of sysexits.h */
const MISCONFIGURED = 78;

const credentialsOf = async (config: CodecServerConfig, logger: Logger): Promise<Credentials> =>
  anyOf([
    ...(config.tokensFile === undefined ? [] : [await openStaticTokens(config.tokensFile, logger)]),
    ...(config.jsonWebTokens === undefined ? [] : [jsonWebTokens(config.jsonWebTokens, logger)]),
  ]);

const signalled = (): Promise<string> =>
  new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, resolve);
  });

/** Runs the codec server until SIGTERM or SIGINT; calls under way are answered. */
const run = async (config: CodecServerConfig, logger: Logger): Promise<void> => {
  const stopped = signalled();
  const onProblem = (error: unknown) =>
    logger.error(
      { problem: error instanceof KeyProviderError ? error.message : 'unknown' },
      'keys cannot be refreshed',
    );
  const keys = await openKeyRing(config.keys, { onProblem });
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

const refuseToStart = (problem: string): void => {
  process.stderr.write(`The codec server's configuration is wrong. ${problem}\n`);
  process.exitCode = MISCONFIGURED;
};

const config = readConfig(process.env);
if (E.isLeft(config)) {
  refuseToStart(describeFieldErrors(config.left));
} else {
  const logger = createLogger(config.right.logLevel);
  try {
    await run(config.right, logger);
  } catch (error) {
    if (error instanceof KeyProviderError || error instanceof TokensFileError) refuseToStart(error.message);
    else {
      logger.fatal(
        { error: error instanceof Error ? { name: error.name, message: error.message, stack: error.stack } : {} },
        'codec server failed',
      );
      process.exitCode = 1;
    }
  }
}
