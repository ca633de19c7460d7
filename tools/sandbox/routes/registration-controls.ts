import type { FastifyInstance, FastifyRequest } from 'fastify';
import * as t from 'io-ts';
import { viewRegistration } from '../answers/views.js';
import { isPassed, isUnderReview } from '../answers/words.js';
import { Count, oneOf, StatusWord } from '../decoding.js';
import { decodeControl, IdParams, InvalidControlInput, orThrow } from '../input.js';
import type { Registration } from '../model.js';
import { recordOf } from '../records.js';
import { decodeOutcomes } from '../rules/outcomes.js';
import { announceStatus, moveTo, override } from '../rules/overrides.js';
import type { SandboxState } from '../state.js';

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
    state.setResult(document, state.word(approved ? 'documentPassed' : 'documentFailed'));
  if (biometric !== undefined && isOpen(biometric.status))
    state.setResult(biometric, approved ? state.word('biometricPassed') : 'failed');
  // Verifik's reviewers see the faces: an approved registration needs no comparison any more.
  if (approved && document !== undefined && biometric !== undefined)
    registration.compare = {
      _id: state.random.id(),
      score: 0.97,
      at: state.now(),
      ...registration.compare,
      passed: true,
    };
  const { registration: _registration, compare: _compare, ...outcomes } = registration.outcomes;
  registration.outcomes = outcomes;
  moveTo(state, registration, approved ? 'ONGOING' : 'FAILED');
  announceStatus(state, registration);
};

const OverrideBody = t.partial({ status: StatusWord, note: t.string });

const DAY_MS = 86_400_000;

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

  app.get('/registrations/records', async () =>
    [...state.registrations.all()].map((registration) => recordOf(state, registration)),
  );

  app.put('/registrations/:id/outcomes', async (request) => {
    find(state, request).outcomes = orThrow(decodeOutcomes(request.body));
    return { done: true };
  });

  app.put('/registrations/:id/status', async (request) => {
    const registration = find(state, request);
    moveTo(state, registration, decodeControl(t.type({ status: t.string }), request.body).status);
    return { done: true };
  });

  app.post('/registrations/:id/override', async (request) => {
    const registration = find(state, request);
    const { status, note } = decodeControl(OverrideBody, request.body);
    if (status === undefined) throw new InvalidControlInput('status: expected a status word');
    override(state, registration, { status, note, by: 'staff' });
    return { done: true };
  });

  app.post('/comparisons/delete', async (request) => {
    const { olderThanDays = 90 } = decodeControl(t.partial({ olderThanDays: Count }), request.body);
    state.registrations.deleteComparisons(state.now() - olderThanDays * DAY_MS);
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
