import Fastify, { type FastifyInstance } from 'fastify';

/** What health endpoints tell of the process. */
export interface Health {
  /** True while the process does its work: false before it starts and once it drains. */
  readonly isReady: () => boolean;
}

/** Something that is served at an address of its own. */
export interface Endpoint {
  readonly url: string;
  close(): Promise<void>;
}

/** `/healthz` answers 200 while the process lives; `/readyz` answers 200 while it does its work and 503 otherwise. */
export const addHealth = (app: FastifyInstance, { isReady }: Health): void => {
  app.get('/healthz', async () => ({ status: 'alive' }));
  app.get('/readyz', async (_request, reply) =>
    isReady() ? { status: 'ready' } : reply.code(503).send({ status: 'not ready' }),
  );
};

/** An address such as `127.0.0.1:8090` or `[::1]:8090` as the server takes it. */
export const listenOptions = (address: string): { readonly host: string; readonly port: number } => {
  const { hostname, port } = new URL(`http://${address}`);
  // A URL leaves out the scheme's own port.
  return { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port === '' ? 80 : port) };
};

/** Serves nothing but what is added, at an address where a process's callers do not come. */
export const serveAside = async (address: string, add: (app: FastifyInstance) => void): Promise<Endpoint> => {
  const app = Fastify({ logger: false, forceCloseConnections: true });
  add(app);
  const url = await app.listen(listenOptions(address));
  return { url, close: () => app.close() };
};

/** Serves nothing but the health of the process. */
export const serveHealth = (address: string, health: Health): Promise<Endpoint> =>
  serveAside(address, (app) => addHealth(app, health));
