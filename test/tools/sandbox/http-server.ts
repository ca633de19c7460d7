import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';

/** A request that a server received. */
export interface Arrived {
  /** The method and the URL, such as `GET /v1/onboardings`. */
  readonly call: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** Opens a server that records its requests. It is closed after the test. */
export const openServer = async (
  answer: (response: ServerResponse, request: IncomingMessage, arrived: Arrived) => void,
) => {
  const arrived: Arrived[] = [];
  const server = createServer(async (request, response) => {
    const { method, url, headers } = request;
    const one = { call: `${method} ${url}`, headers, body: await text(request) };
    arrived.push(one);
    answer(response, request, one);
  });
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  return { url: `http://127.0.0.1:${port}`, arrived };
};
