import Fastify, { type FastifyInstance } from 'fastify';
import { addFaults, type Faults } from './faults.js';
import { envelope, REFUSALS, Refusal } from './refusals.js';
import { addControl } from './routes/control.js';
import { addRegistrations } from './routes/registrations.js';
import { addSession } from './routes/session.js';
import { addSync } from './routes/sync.js';
import { addValidations } from './routes/validations.js';
import type { World } from './world.js';

/** The largest body: documents come as base64. 16 MiB. */
const BODY_LIMIT = 16 * 1024 * 1024;

const addVendor = (app: FastifyInstance, world: World, faults: Faults): void => {
  app.addHook('onRequest', async ({ method, routeOptions }) => {
    world.ledger.called(`${method} ${routeOptions.url ?? '(unknown)'}`);
  });
  addFaults(app, world, faults);
  app.addHook('onResponse', async (request, reply) => {
    const requestId = request.headers['x-request-id'];
    world.ledger.answered({
      at: world.now(),
      method: request.method,
      route: request.routeOptions.url ?? '(unknown)',
      status: reply.statusCode,
      ...(typeof requestId === 'string' ? { requestId } : {}),
    });
  });
  app.setErrorHandler(async (error, _request, reply) => {
    if (!(error instanceof Refusal)) throw error;
    const status = REFUSALS[error.code];
    return reply.code(status).send(envelope(world.settings.errorEnvelope, status, `${error.code}${error.suffix}`));
  });
  addRegistrations(app, world);
  addSync(app, world);
  addValidations(app, world);
  addSession(app, world);
};

/** The sandbox's HTTP: Verifik's API under `/v2`, which faults befall, and its own controls, which none do. */
export const createApp = (world: World, faults: Faults): FastifyInstance => {
  const app = Fastify({ logger: false, forceCloseConnections: true, bodyLimit: BODY_LIMIT });
  app.setNotFoundHandler(async (_request, reply) => reply.code(404).send({ statusCode: 404, error: 'Not Found' }));
  app.register(async (vendor) => addVendor(vendor, world, faults));
  app.register(async (control) => addControl(control, world, faults));
  return app;
};
