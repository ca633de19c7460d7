import Fastify, { type FastifyError, type FastifyInstance, type FastifyReply } from 'fastify';
import { envelope, Refusal, refusalResponse } from './answers/refusals.js';
import { addFaults } from './faults/fault-hooks.js';
import type { Faults } from './faults/faults.js';
import type { GatewayConnection } from './playground/gateway.js';
import { keepOnLoopback } from './playground/guard.js';
import { addPlayground } from './playground/routes.js';
import { addContactValidations } from './routes/contact-validations.js';
import { addControl } from './routes/control.js';
import { addDeletions } from './routes/deletions.js';
import { addHostedPage } from './routes/hosted-page.js';
import { addIdentityValidations } from './routes/identity-validations.js';
import { addPanel } from './routes/panel.js';
import { addRegistrationChanges } from './routes/registration-changes.js';
import { addRegistrationList } from './routes/registration-list.js';
import { addRegistrations } from './routes/registrations.js';
import { addSync } from './routes/sync.js';
import { addResendLink, addSession } from './routes/tokens.js';
import { addWebhookEvents } from './routes/webhook-events.js';
import { expireCodes } from './rules/codes.js';
import type { SandboxState } from './state.js';

const BODY_LIMIT = 16 * 1024 * 1024;

/** Adds the reason of a refusal as a header, because two of Verifik's error envelopes have no field for it. */
const explain = (reply: FastifyReply, detail: string | undefined): FastifyReply =>
  detail === undefined ? reply : reply.header('x-sandbox-detail', detail.replace(/[^\x20-\x7e]/g, '?'));

const addVendor = (app: FastifyInstance, state: SandboxState, faults: Faults): void => {
  addFaults(app, state, faults);
  app.addHook('onRequest', async () => expireCodes(state));
  app.setErrorHandler(async (error: FastifyError | Refusal, request, reply) => {
    if (error instanceof Refusal) {
      const call = `${request.method} ${request.routeOptions.url ?? ''}`;
      const { status, body } = refusalResponse(state.settings, error, call);
      return explain(reply, error.explanation.detail).code(status).send(body);
    }
    // Errors of Fastify itself: invalid JSON, a body that is too large, an unsupported media type.
    const status = error.statusCode ?? 500;
    const word = status < 500 ? 'MissingParameter' : 'internal_error';
    const detail = `body: ${error.message}`;
    const body = envelope(state.settings.errorEnvelope, { status, word, detail });
    return explain(reply, detail).code(status).send(body);
  });
  app.setNotFoundHandler(async (_request, reply) => reply.code(404).send({ statusCode: 404, error: 'Not Found' }));
  addRegistrations(app, state);
  addResendLink(app, state);
  addSync(app, state);
  addContactValidations(app, state);
  addIdentityValidations(app, state);
  addSession(app, state);
  addRegistrationChanges(app, state);
  addRegistrationList(app, state);
  addHostedPage(app, state);
  addPanel(app, state);
  addWebhookEvents(app, state);
  addDeletions(app, state);
};

export interface PlaygroundSettings {
  readonly gateway: GatewayConnection;
  readonly seed: number;
}

/**
 * Creates the HTTP server: Verifik's API under `/v2`, which faults affect, the controls under `/_sandbox`, and the
 * playground.
 */
export const createApp = (
  state: SandboxState,
  faults: Faults,
  { gateway, seed }: PlaygroundSettings,
): FastifyInstance => {
  const app = Fastify({ logger: false, forceCloseConnections: true, bodyLimit: BODY_LIMIT });
  app.register(async (vendor) => addVendor(vendor, state, faults), { prefix: '/v2' });
  app.register(
    async (control) => {
      keepOnLoopback(control);
      addControl(control, state, faults);
    },
    { prefix: '/_sandbox' },
  );
  app.register(async (playground) => addPlayground(playground, gateway, seed));
  return app;
};
