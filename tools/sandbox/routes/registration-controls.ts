import type { FastifyInstance, FastifyRequest } from 'fastify';
import * as t from 'io-ts';
import { oneOf } from '../decoding.js';
import { decodeControl, IdParams, InvalidControlInput, orThrow } from '../input.js';
import type { Registration } from '../model.js';
import { decodeOutcomes } from '../outcomes.js';
import type { SandboxState } from '../state.js';
import { viewRegistration } from '../views.js';
import { isPassed, isUnderReview } from '../words.js';

const find = (state: SandboxState, request: FastifyRequest): Registration => {
  const registration = state.registrations.get(decodeControl(IdParams, request.params).id);
  if (registration === undefined) throw new InvalidControlInput('id: no such registration');
  return registration;
};

/** Applies a reviewer's decision to the registration and its validations, and removes its forced outcomes. */
const resolve = (state: SandboxState, registration: Registration, decision: 'approve' | 'reject'): void => {
  const { document, biometric } = registration.validations;
  const approved = decision === 'approve';
  const isOpen = (word: string) => (approved ? !isPassed(word) : isUnderReview(word));
  if (document !== undefined && isOpen(document.status))
    document.status = state.word(approved ? 'documentPassed' : 'documentFailed');
  if (biometric !== undefined && isOpen(biometric.status))
    biometric.status = approved ? state.word('biometricPassed') : 'failed';
  if (approved && registration.compare !== undefined) registration.compare.passed = true;
  const { registration: _registration, compare: _compare, ...outcomes } = registration.outcomes;
  registration.outcomes = outcomes;
  registration.status = approved ? 'ONGOING' : 'FAILED';
  registration.updatedAt = state.now();
  state.webhooks.send(`app_registration_${registration.status.toLowerCase()}`, viewRegistration(state, registration));
};

export const addRegistrationControls = (app: FastifyInstance, state: SandboxState): void => {
  app.get('/registrations', async (request) => {
    const { email } = decodeControl(t.partial({ email: t.string }), request.query);
    const found = email === undefined ? [...state.registrations.all()] : state.registrations.withEmail(email);
    return found.map((registration) => viewRegistration(state, registration));
  });

  app.get('/registrations/statuses', async () =>
    [...state.registrations.all()].map(({ _id, email, status, validations }) => {
      const checks = Object.entries(validations).map(([kind, { status: word }]) => [kind, word]);
      return { _id, email: email ?? null, status, checks: Object.fromEntries(checks) };
    }),
  );

  app.put('/registrations/:id/outcomes', async (request) => {
    find(state, request).outcomes = orThrow(decodeOutcomes(request.body));
    return { done: true };
  });

  app.put('/registrations/:id/status', async (request) => {
    const registration = find(state, request);
    registration.status = decodeControl(t.type({ status: t.string }), request.body).status;
    return { done: true };
  });

  app.post('/registrations/:id/forget', async (request) => {
    state.forget(find(state, request));
    return { done: true };
  });

  app.post('/registrations/:id/resolve', async (request) => {
    const registration = find(state, request);
    resolve(
      state,
      registration,
      decodeControl(t.type({ decision: oneOf('approve', 'reject') }), request.body).decision,
    );
    return { done: true };
  });
};
