import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';

interface JsonServer {
  readonly port: number;
  readonly close: () => Promise<void>;
}

/** The status, the body and further headers of a response. */
type Answer = readonly [number, object, Readonly<Record<string, string>>?];

/** Serves JSON at a free port of the loopback interface. */
export const serveJson = async (
  answer: (request: IncomingMessage, body: unknown) => Promise<Answer>,
): Promise<JsonServer> => {
  const server = createServer(async (request, response) => {
    const body = request.method === 'POST' ? await json(request) : undefined;
    const [status, answered, headers = {}] = await answer(request, body);
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(answered));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    port,
    close: async () => {
      server.closeAllConnections();
      server.close();
    },
  };
};
