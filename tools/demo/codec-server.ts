import httpProxy from '@fastify/http-proxy';
import fastify from 'fastify';
import { type CodecServerProcessOptions, startCodecServerProcess } from '../processes/codec-server-process.js';
import type { Opened } from '../processes/opened.js';
import { freePort } from '../servers/index.js';

type Options = Pick<CodecServerProcessOptions, 'origins' | 'namespace' | 'keysFile' | 'logFile'>;

/**
 * Starts a codec server, and a proxy to it that signs in all of its callers, for the Temporal UI and the `temporal`
 * CLI. The data of the demo is invented. Pages of other origins are rejected by the codec server.
 */
export const openCodecServer = async (opened: Opened, port: number, options: Options): Promise<void> => {
  const { url, tokens } = opened.add(
    await startCodecServerProcess({
      ...options,
      address: `127.0.0.1:${await freePort()}`,
      metricsAddress: `127.0.0.1:${await freePort()}`,
    }),
  );
  const authorization = `Bearer ${tokens.personalData}`;
  const proxy = fastify({ forceCloseConnections: true });
  proxy.register(httpProxy, {
    upstream: url,
    replyOptions: { rewriteRequestHeaders: (_request, headers) => ({ ...headers, authorization }) },
  });
  await proxy.listen({ host: '127.0.0.1', port });
  opened.add(proxy);
};
