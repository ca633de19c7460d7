import Fastify from 'fastify';

/** What a health endpoint tells of the process. */
export interface Health {
  /** True while the worker takes tasks: false before it starts and once it drains. */
  readonly isReady: () => boolean;
}

export interface HealthEndpoint {
  readonly url: string;
  close(): Promise<void>;
}

/** `/healthz` answers 200 while the process lives; `/readyz` answers 200 while the worker takes tasks and 503 otherwise. */
export const serveHealth = async (address: string, { isReady }: Health): Promise<HealthEndpoint> => {
  const app = Fastify({ logger: false, forceCloseConnections: true });
  app.get('/healthz', async () => ({ status: 'alive' }));
  app.get('/readyz', async (_request, reply) =>
    isReady() ? { status: 'ready' } : reply.code(503).send({ status: 'not taking tasks' }),
  );
  const { hostname, port } = new URL(`http://${address}`);
  // A URL leaves out the scheme's own port.
  const url = await app.listen({ host: hostname.replace(/^\[|\]$/g, ''), port: Number(port === '' ? 80 : port) });
  return { url, close: () => app.close() };
};
