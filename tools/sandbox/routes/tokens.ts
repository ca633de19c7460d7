import type { FastifyInstance } from 'fastify';
import * as t from 'io-ts';
import { issueToken, requireClient } from '../auth.js';
import { IdParams, queryNumber, queryValues, read } from '../input.js';
import { Refusal } from '../refusals.js';
import type { SandboxState } from '../state.js';
import { LIFETIMES_MS } from '../tokens.js';
import { iso, viewSteps } from '../views.js';
import { isClosed } from '../words.js';
import { findOrRefuse } from './registrations.js';

/** Adds `POST /app-registrations/{id}/resend-link`, which issues a token for 30 min and keeps all validations. */
export const addResendLink = (app: FastifyInstance, state: SandboxState): void => {
  app.post('/app-registrations/:id/resend-link', async (request, reply) => {
    if (state.settings.resendLink === 'absent') return reply.callNotFound();
    await requireClient(state, request);
    const registration = findOrRefuse(state, read(IdParams, request.params).id);
    const { sendEmail = false } = read(t.partial({ sendEmail: t.boolean }), request.body);
    if (isClosed(registration.status)) throw new Refusal('cannot_resend_link_for_this_status');
    state.ledger.resendLinkMade(registration._id);
    const token = await issueToken(state, registration, 'resent');
    if (registration.status === 'EXPIRED') registration.status = 'ONGOING';
    const { _id: appRegistrationId, email, project, currentStep: step, status } = registration;
    const link = `https://access.verifik.co/sign-up/${project}?token=${token}`;
    const at = state.now();
    const emailSent = sendEmail && email !== undefined;
    if (emailSent) state.outbox.add({ to: email, kind: 'email', appRegistrationId, link, at });
    const times = { expiresAt: iso(at + LIFETIMES_MS.resent), issuedAt: iso(at) };
    return { data: { token, link, step, steps: viewSteps(state), appRegistrationId, status, ...times, emailSent } };
  });
};

const MAX_MONTHS = 120;

/** Adds `GET /auth/session`, which renews the client token. */
export const addSession = (app: FastifyInstance, state: SandboxState): void => {
  app.get('/auth/session', async (request) => {
    await requireClient(state, request);
    if (queryValues(request.query, 'origin')[0] !== 'refresh')
      throw new Refusal('MissingParameter', { detail: 'origin: expected refresh' });
    const months = queryNumber(request.query, 'expiresIn', 1, MAX_MONTHS);
    state.ledger.count('sessionsRefreshed');
    const session = {
      accessToken: await state.tokens.mint({ kind: 'client' }, LIFETIMES_MS.client * months),
      tokenType: 'bearer',
    };
    return state.settings.sessionAnswer === 'top' ? session : { data: session };
  });
};
