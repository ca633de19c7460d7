import type { FastifyInstance, FastifyRequest } from 'fastify';
import * as t from 'io-ts';
import { oneOf } from '../decoding.js';
import { IdParams } from '../input.js';
import type { Registration } from '../model.js';
import { readOutcomes } from '../outcomes.js';
import { viewRegistration } from '../views.js';
import { isPassed, isUnderReview } from '../words.js';
import type { World } from '../world.js';
import { BadControl, orBad, readOnly } from './reading.js';

const find = (world: World, request: FastifyRequest): Registration => {
  const registration = world.registrations.get(readOnly(IdParams, request.params).id);
  if (registration === undefined) throw new BadControl('id: no such registration');
  return registration;
};

/** People have looked: what they approve has passed, what they reject has failed, and nothing is forced any more. */
const resolve = (world: World, registration: Registration, decision: 'approve' | 'reject'): void => {
  const { document, biometric } = registration.validations;
  const approved = decision === 'approve';
  const isOpen = (word: string) => (approved ? !isPassed(word) : isUnderReview(word));
  if (document !== undefined && isOpen(document.status))
    document.status = world.word(approved ? 'documentPassed' : 'documentFailed');
  if (biometric !== undefined && isOpen(biometric.status))
    biometric.status = approved ? world.word('biometricPassed') : 'failed';
  if (approved && registration.compare !== undefined) registration.compare.passed = true;
  const { registration: _registration, compare: _compare, ...outcomes } = registration.outcomes;
  registration.outcomes = outcomes;
  registration.status = approved ? 'ONGOING' : 'FAILED';
  registration.updatedAt = world.now();
  world.webhooks.send(`app_registration_${registration.status.toLowerCase()}`, viewRegistration(world, registration));
};

/** What can be done to a registration from outside. */
export const addRegistrationControls = (app: FastifyInstance, world: World): void => {
  app.get('/registrations', async (request) => {
    const { email } = readOnly(t.partial({ email: t.string }), request.query);
    const found = email === undefined ? [...world.registrations.all()] : world.registrations.withEmail(email);
    return found.map((registration) => viewRegistration(world, registration));
  });

  app.get('/registrations/standings', async () =>
    [...world.registrations.all()].map(({ _id, email, status, validations }) => {
      const checks = Object.entries(validations).map(([kind, { status: word }]) => [kind, word]);
      return { _id, email: email ?? null, status, checks: Object.fromEntries(checks) };
    }),
  );

  app.put('/registrations/:id/outcomes', async (request) => {
    find(world, request).outcomes = orBad(readOutcomes(request.body));
    return { done: true };
  });

  app.put('/registrations/:id/status', async (request) => {
    const registration = find(world, request);
    registration.status = readOnly(t.type({ status: t.string }), request.body).status;
    return { done: true };
  });

  app.post('/registrations/:id/forget', async (request) => {
    world.forget(find(world, request));
    return { done: true };
  });

  app.post('/registrations/:id/resolve', async (request) => {
    const registration = find(world, request);
    resolve(world, registration, readOnly(t.type({ decision: oneOf('approve', 'reject') }), request.body).decision);
    return { done: true };
  });
};
