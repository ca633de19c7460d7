import httpProxy from '@fastify/http-proxy';
import fastify from 'fastify';
import type { CodecServerProcess } from '../processes/codec-server-process.js';
import type { Opened } from '../processes/opened.js';

/**
 * Opens a proxy to the codec server that signs in all of its callers, for the Temporal UI and the `temporal` CLI. The
 * data of the demo is invented. Pages of other origins are rejected by the codec server. Each start of the codec server
 * has new tokens.
 */
export const openCodecProxy = async (
  opened: Opened,
  port: number,
  url: string,
  tokens: () => CodecServerProcess['tokens'],
): Promise<void> => {
  const proxy = fastify({ forceCloseConnections: true });
  proxy.register(httpProxy, {
    upstream: url,
    replyOptions: {
      rewriteRequestHeaders: (_request, headers) => ({ ...headers, authorization: `Bearer ${tokens().personalData}` }),
    },
  });
  await proxy.listen({ host: '127.0.0.1', port });
  opened.add(proxy);
};
