import type { FastifyInstance } from 'fastify';
import * as t from 'io-ts';
import { asClient, mintFor } from '../auth.js';
import { IdParams, read } from '../input.js';
import { Refusal } from '../refusals.js';
import { LIFETIMES_MS } from '../tokens.js';
import { viewSteps } from '../views.js';
import { isOver } from '../words.js';
import type { World } from '../world.js';
import { findOrRefuse } from './registrations.js';

const iso = (at: number): string => new Date(at).toISOString();

/** `POST /app-registrations/{id}/resend-link`: a new token of 30 minutes, which keeps every completed validation. */
export const addResendLink = (app: FastifyInstance, world: World): void => {
  app.post('/app-registrations/:id/resend-link', async (request, reply) => {
    if (world.settings.resendLink === 'absent') return reply.callNotFound();
    await asClient(world, request);
    const registration = findOrRefuse(world, read(IdParams, request.params).id);
    const { sendEmail = false } = read(t.partial({ sendEmail: t.boolean }), request.body);
    if (isOver(registration.status)) throw new Refusal('cannot_resend_link_for_this_status');
    world.ledger.resendLinkMade(registration._id);
    const token = await mintFor(world, registration, 'resent');
    if (registration.status === 'EXPIRED') registration.status = 'ONGOING';
    const { _id: appRegistrationId, email, project, currentStep: step, status } = registration;
    const link = `https://access.verifik.co/sign-up/${project}?token=${token}`;
    const at = world.now();
    const emailSent = sendEmail && email !== undefined;
    if (emailSent) world.outbox.add({ to: email, kind: 'email', appRegistrationId, link, at });
    const times = { expiresAt: iso(at + LIFETIMES_MS.resent), issuedAt: iso(at) };
    return { data: { token, link, step, steps: viewSteps(world), appRegistrationId, status, ...times, emailSent } };
  });
};
