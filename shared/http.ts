import Fastify, { type FastifyInstance, type FastifyRequest } from 'fastify';
import { Registry } from 'prom-client';

/** A server with an address of its own, for operators. */
export interface Endpoint {
  readonly url: string;
  close(): Promise<void>;
}

/** Headers of every response: responses are not cached, and browsers do not guess their type. */
export const COMMON_HEADERS = { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' } as const;

/** An address that ends with a slash is often joined with a path that begins with one. */
export const LENIENT_SLASHES = { ignoreTrailingSlash: true, ignoreDuplicateSlashes: true } as const;

/** The HTTP status of an error of the framework; 500 for any other error. */
export const statusOf = (error: Error): number =>
  'statusCode' in error && typeof error.statusCode === 'number' ? error.statusCode : 500;

/** The bearer token of a request (RFC 6750), valid or not. */
export const bearerToken = ({ headers: { authorization } }: FastifyRequest): string | undefined =>
  /^bearer +(\S+)$/i.exec(authorization ?? '')?.[1];

/** True for a host that only this machine can reach. */
export const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || host === '[::1]' || /^127(\.\d{1,3}){3}$/.test(host);

export const listenOptions = (address: string): { readonly host: string; readonly port: number } => {
  const { hostname, port } = new URL(`http://${address}`);
  // A URL leaves out port 80, the default of its scheme.
  return { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port === '' ? 80 : port) };
};

/**
 * Adds `/healthz`, which answers 200 while the process lives, and `/readyz`, which answers 200 while it works and 503
 * before it starts and once it drains.
 */
export const addHealth = (app: FastifyInstance, isReady: () => boolean): void => {
  app.get('/healthz', async () => ({ status: 'alive' }));
  app.get('/readyz', async (_request, reply) =>
    isReady() ? { status: 'ready' } : reply.code(503).send({ status: 'not ready' }),
  );
};

/** Sends `connection: close` while the server is not ready, because a kept-alive connection delays its shutdown. */
export const closeConnectionsUnless = (app: FastifyInstance, isReady: () => boolean): void => {
  app.addHook('onSend', async (_request, reply) => {
    if (!isReady()) reply.header('connection', 'close');
  });
};

const serve = async (address: string, addRoutes: (app: FastifyInstance) => void): Promise<Endpoint> => {
  const app = Fastify({ logger: false, forceCloseConnections: true, routerOptions: LENIENT_SLASHES });
  addRoutes(app);
  const url = await app.listen(listenOptions(address));
  return { url, close: () => app.close() };
};

export const serveHealth = (address: string, isReady: () => boolean): Promise<Endpoint> =>
  serve(address, (app) => addHealth(app, isReady));

/** Serves `/metrics` at an address of its own, which clients do not reach. */
export const serveMetrics = (address: string, { registry }: { readonly registry: Registry }): Promise<Endpoint> =>
  serve(address, (app) => {
    app.get('/metrics', async (_request, reply) =>
      reply.type(Registry.PROMETHEUS_CONTENT_TYPE).send(await registry.metrics()),
    );
  });
