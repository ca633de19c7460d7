import type { FastifyInstance, FastifyRequest } from 'fastify';
import * as E from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';
import { type Faults, readFaults } from '../faults.js';
import { several } from '../input.js';
import type { Registration } from '../model.js';
import { OutcomesCodec } from '../outcomes.js';
import { changeSettings, problems } from '../settings.js';
import { LIFETIMES_MS } from '../tokens.js';
import { viewRegistration } from '../views.js';
import type { World } from '../world.js';

class BadControl extends Error {
  readonly statusCode = 400;
}

const orBad = <A>(read: E.Either<string, A>): A => {
  if (E.isLeft(read)) throw new BadControl(read.left);
  return read.right;
};

const read = <A>(codec: t.Decoder<unknown, A>, input: unknown): A => orBad(E.mapLeft(problems)(codec.decode(input)));

const find = (world: World, request: FastifyRequest): Registration => {
  const { id } = read(t.type({ id: t.string }), request.params);
  const registration = world.registrations.get(id);
  if (registration === undefined) throw new BadControl('id: no such registration');
  return registration;
};

const addRegistrationControls = (app: FastifyInstance, world: World): void => {
  app.get('/_sandbox/registrations', async (request) => {
    const [email] = several(request.query, 'email');
    return [...world.registrations.values()]
      .filter((registration) => email === undefined || registration.email === email)
      .map((registration) => viewRegistration(world, registration));
  });

  app.put('/_sandbox/registrations/:id/outcomes', async (request) => {
    find(world, request).outcomes = { ...read(OutcomesCodec, request.body) };
    return { done: true };
  });

  app.put('/_sandbox/registrations/:id/status', async (request) => {
    find(world, request).status = read(t.type({ status: t.string }), request.body).status;
    return { done: true };
  });

  app.post('/_sandbox/registrations/:id/forget', async (request) => {
    world.forget(find(world, request));
    return { done: true };
  });

  // People at the vendor decide what was left to them: a later sync then moves the registration on.
  app.post('/_sandbox/registrations/:id/resolve', async (request) => {
    const registration = find(world, request);
    const { decision } = read(t.type({ decision: t.keyof({ approve: null, reject: null }) }), request.body);
    const { document } = registration.validations;
    if (document !== undefined) document.status = decision === 'approve' ? 'VALIDATED' : 'FAILED';
    registration.status = decision === 'approve' ? 'ONGOING' : 'FAILED';
    return { done: true };
  });
};

/** What the sandbox can be told and asked besides Verifik's own API, under `/_sandbox`. */
export const addControl = (app: FastifyInstance, world: World, faults: Faults): void => {
  app.get('/_sandbox/settings', async () => world.settings);
  app.patch('/_sandbox/settings', async (request) => {
    world.settings = orBad(changeSettings(world.settings, request.body));
    return world.settings;
  });

  app.put('/_sandbox/faults', async (request) => {
    faults.set(orBad(readFaults(request.body)));
    return { done: true };
  });
  app.delete('/_sandbox/faults', async () => {
    faults.set([]);
    return { done: true };
  });

  app.get('/_sandbox/ledger', async () => world.ledger.snapshot());
  app.get('/_sandbox/requests', async () => world.ledger.requests);
  app.get('/_sandbox/outbox', async (request) => {
    const [to] = several(request.query, 'to');
    const [appRegistrationId] = several(request.query, 'appRegistrationId');
    return world.outbox.filter(
      (message) =>
        (to === undefined || message.to === to) &&
        (appRegistrationId === undefined || message.appRegistrationId === appRegistrationId),
    );
  });

  app.post('/_sandbox/clock', async (request) => {
    world.advance(read(t.type({ advanceMs: t.number }), request.body).advanceMs);
    return { now: world.now() };
  });
  app.post('/_sandbox/client-token', async (request) => {
    const { lifetimeMs = LIFETIMES_MS.client } = read(t.partial({ lifetimeMs: t.number }), request.body ?? {});
    return { token: await world.tokens.mint({ kind: 'client' }, lifetimeMs) };
  });
  app.post('/_sandbox/webhooks/flush', async () => {
    world.webhooks.flush();
    return { done: true };
  });

  addRegistrationControls(app, world);
};
