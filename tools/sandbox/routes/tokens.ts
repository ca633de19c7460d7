import type { FastifyInstance } from 'fastify';
import * as t from 'io-ts';
import { viewSteps } from '../answers/flow-views.js';
import { Refusal } from '../answers/refusals.js';
import { signUpLink, viewNames } from '../answers/validation-views.js';
import { isClosed } from '../answers/words.js';
import { issueToken, requireClient, stepOf } from '../auth.js';
import { oneOf } from '../decoding.js';
import { IdParams, queryNumber, queryValues, read } from '../input.js';
import type { SandboxState } from '../state.js';
import { LIFETIMES_MS, withoutZone } from '../tokens.js';
import { findOrRefuse } from './registrations.js';

/** The panel sends a text. */
const SendEmail = t.union([t.boolean, oneOf('true', 'false')], 'a boolean');

/** Returns the address to send the link to, or null if the caller wants no email. */
const recipientOf = (sendEmail: t.TypeOf<typeof SendEmail> | undefined, email: string | undefined): string | null => {
  if (sendEmail !== true && sendEmail !== 'true') return null;
  if (email === undefined)
    throw new Refusal('MissingParameter', { detail: 'sendEmail: expected a registration with an email' });
  return email;
};

/** Adds `POST /app-registrations/{id}/resend-link`, which issues a token for 30 min and keeps all validations. */
export const addResendLink = (app: FastifyInstance, state: SandboxState): void => {
  app.post('/app-registrations/:id/resend-link', async (request, reply) => {
    if (state.settings.resendLink === 'absent') return reply.callNotFound();
    await requireClient(state, request);
    const registration = findOrRefuse(state, read(IdParams, request.params).id);
    const { sendEmail } = read(t.partial({ sendEmail: SendEmail }), request.body);
    if (isClosed(registration.status)) throw new Refusal('cannot_resend_link_for_this_status');
    const { _id: appRegistrationId, email, project } = registration;
    const recipient = recipientOf(sendEmail, email);
    state.ledger.resendLinkMade(appRegistrationId);
    const { token, accessType } = await issueToken(state, registration, 'resent');
    if (registration.status === 'EXPIRED') registration.status = 'ONGOING';
    const link = signUpLink(project, token);
    const at = state.now();
    if (recipient !== null) state.outbox.add({ to: recipient, kind: 'email', appRegistrationId, link, at });
    return {
      data: {
        token,
        link,
        ...viewNames(registration),
        email: email ?? null,
        step: stepOf(registration),
        steps: viewSteps(state),
        appRegistrationId,
        status: registration.status,
        expiresAt: withoutZone(at + LIFETIMES_MS.resent),
        accessType,
        issuedAt: Math.floor(at / 1_000),
        emailSent: recipient && { sent: true, email: recipient, mailgunId: `<${at}@sandbox.example>` },
      },
    };
  });
};

const MAX_MONTHS = 120;

/** Adds `GET /auth/session`, which renews the client token. */
export const addSession = (app: FastifyInstance, state: SandboxState): void => {
  app.get('/auth/session', async (request) => {
    const client = await requireClient(state, request);
    if (queryValues(request.query, 'origin')[0] !== 'refresh')
      throw new Refusal('MissingParameter', { detail: 'origin: expected refresh' });
    const months = queryNumber(request.query, 'expiresIn', 1, MAX_MONTHS);
    state.ledger.count('sessionsRefreshed');
    const session = {
      accessToken: await state.tokens.mint(client, LIFETIMES_MS.client * months),
      tokenType: 'bearer',
    };
    return state.settings.sessionAnswer === 'top' ? session : { data: session };
  });
};
