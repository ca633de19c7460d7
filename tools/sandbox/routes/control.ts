import type { FastifyInstance } from 'fastify';
import * as t from 'io-ts';
import { expireCodes } from '../codes.js';
import { Count } from '../decoding.js';
import type { Faults } from '../faults.js';
import { changeSettings } from '../settings.js';
import { LIFETIMES_MS } from '../tokens.js';
import type { World } from '../world.js';
import { addPopulationControls } from './population.js';
import { BadControl, orBad, readOnly } from './reading.js';
import { addRegistrationControls } from './registration-controls.js';

const DONE = { done: true };

const OutboxQuery = t.partial({ to: t.string, email: t.string, phone: t.string, appRegistrationId: t.string });

const addReports = (app: FastifyInstance, world: World): void => {
  app.get('/ledger', async () => world.ledger.snapshot());
  app.get('/ledger/totals', async () => world.ledger.totals());
  app.get('/ledger/repeated', async (request) => {
    const most = Number(readOnly(t.partial({ moreThan: t.string }), request.query).moreThan ?? 1);
    if (!Count.is(most)) throw new BadControl('moreThan: expected a whole number from 0');
    return world.ledger.repeated(most);
  });
  app.delete('/ledger/busiest', async () => {
    world.ledger.traffic.resetBusiest();
    return DONE;
  });
  app.get('/requests', async () => world.ledger.requests);
  app.get('/outbox', async (request) => world.outbox.find(readOnly(OutboxQuery, request.query)));
};

const addFaultControls = (app: FastifyInstance, faults: Faults): void => {
  app.get('/faults', async () => ({ calls: [...faults.calls], on: faults.on }));
  app.put('/faults', async (request) => {
    faults.set(orBad(faults.read(request.body)));
    return DONE;
  });
  app.delete('/faults', async () => {
    faults.set([]);
    return DONE;
  });
};

/** What the sandbox can be told and asked besides Verifik's own API, under `/_sandbox`. */
export const addControl = (app: FastifyInstance, world: World, faults: Faults): void => {
  app.get('/settings', async () => world.settings);
  app.patch('/settings', async (request) => {
    world.settings = orBad(changeSettings(world.settings, request.body));
    return world.settings;
  });
  app.post('/clock', async (request) => {
    world.advance(readOnly(t.type({ advanceMs: Count }), request.body).advanceMs);
    expireCodes(world);
    return { now: world.now() };
  });
  app.post('/client-token', async (request) => {
    const { lifetimeMs = LIFETIMES_MS.client } = readOnly(t.partial({ lifetimeMs: Count }), request.body);
    return { token: await world.tokens.mint({ kind: 'client' }, lifetimeMs) };
  });
  app.post('/webhooks/flush', async () => {
    world.webhooks.flush();
    return DONE;
  });
  addFaultControls(app, faults);
  addReports(app, world);
  addRegistrationControls(app, world);
  addPopulationControls(app, world);
};
