import Fastify, { type FastifyError, type FastifyInstance, type FastifyReply } from 'fastify';
import { expireCodes } from './codes.js';
import type { Faults } from './faults.js';
import { addFaults } from './faulty-answers.js';
import type { GatewayConnection } from './playground/gateway.js';
import { keepOnLoopback } from './playground/guard.js';
import { addPlayground } from './playground/routes.js';
import { answerRefusal, envelope, Refusal } from './refusals.js';
import { addContactValidations } from './routes/contact-validations.js';
import { addControl } from './routes/control.js';
import { addIdentityValidations } from './routes/identity-validations.js';
import { addRegistrations } from './routes/registrations.js';
import { addResendLink } from './routes/resend-link.js';
import { addSession } from './routes/session.js';
import { addSync } from './routes/sync.js';
import type { World } from './world.js';

/** The largest body: documents come as base64. 16 MiB. */
const BODY_LIMIT = 16 * 1024 * 1024;

/** Two of Verifik's envelopes have no room to say what is wrong: a header does, for whoever debugs. */
const explain = (reply: FastifyReply, detail: string | undefined): FastifyReply =>
  detail === undefined ? reply : reply.header('x-sandbox-detail', detail.replace(/[^\x20-\x7e]/g, '?'));

const addVendor = (app: FastifyInstance, world: World, faults: Faults): void => {
  addFaults(app, world, faults);
  app.addHook('onRequest', async () => expireCodes(world));
  app.setErrorHandler(async (error: FastifyError | Refusal, _request, reply) => {
    if (error instanceof Refusal) {
      const { status, body } = answerRefusal(world.settings, error);
      return explain(reply, error.detail).code(status).send(body);
    }
    // What the framework refuses before a route sees it: no JSON, too large, another media type.
    const status = error.statusCode ?? 500;
    const word = status < 500 ? 'MissingParameter' : 'internal_error';
    const detail = `body: ${error.message}`;
    const body = envelope(world.settings.errorEnvelope, { status, word, detail });
    return explain(reply, detail).code(status).send(body);
  });
  app.setNotFoundHandler(async (_request, reply) => reply.code(404).send({ statusCode: 404, error: 'Not Found' }));
  addRegistrations(app, world);
  addResendLink(app, world);
  addSync(app, world);
  addContactValidations(app, world);
  addIdentityValidations(app, world);
  addSession(app, world);
};

/** What the playground has to know: its gateway, and where its people come from. */
export interface PlaygroundSetting {
  readonly gateway: GatewayConnection;
  readonly seed: number;
}

/** The sandbox's HTTP: Verifik's API under `/v2`, which faults befall, and its own controls and page, which none do. */
export const createApp = (world: World, faults: Faults, { gateway, seed }: PlaygroundSetting): FastifyInstance => {
  const app = Fastify({ logger: false, forceCloseConnections: true, bodyLimit: BODY_LIMIT });
  app.register(async (vendor) => addVendor(vendor, world, faults), { prefix: '/v2' });
  app.register(
    async (control) => {
      keepOnLoopback(control);
      addControl(control, world, faults);
    },
    { prefix: '/_sandbox' },
  );
  app.register(async (playground) => addPlayground(playground, gateway, seed));
  return app;
};
