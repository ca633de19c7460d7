import type { FastifyInstance } from 'fastify';
import * as t from 'io-ts';
import { Count } from '../decoding.js';
import type { Faults } from '../faults/faults.js';
import { decodeControl, InvalidControlInput, orThrow } from '../input.js';
import { expireCodes } from '../rules/codes.js';
import { changeSettings } from '../settings.js';
import type { SandboxState } from '../state.js';
import { LIFETIMES_MS } from '../tokens.js';
import { addPopulationControls } from './population.js';
import { addRegistrationControls } from './registration-controls.js';

const DONE = { done: true };

const OutboxQuery = t.partial({ to: t.string, email: t.string, phone: t.string, appRegistrationId: t.string });

const addReports = (app: FastifyInstance, state: SandboxState): void => {
  app.get('/ledger', async () => state.ledger.snapshot());
  app.get('/ledger/totals', async () => state.ledger.totals());
  app.get('/ledger/repeated', async (request) => {
    const threshold = Number(decodeControl(t.partial({ moreThan: t.string }), request.query).moreThan ?? 1);
    if (!Count.is(threshold)) throw new InvalidControlInput('moreThan: expected a whole number from 0');
    return state.ledger.repeated(threshold);
  });
  app.delete('/ledger/busiest', async () => {
    state.ledger.traffic.resetBusiest();
    return DONE;
  });
  app.get('/requests', async () => state.ledger.requests);
  app.get('/outbox', async (request) => state.outbox.find(decodeControl(OutboxQuery, request.query)));
};

const addFaultControls = (app: FastifyInstance, faults: Faults): void => {
  app.get('/faults', async () => ({ calls: [...faults.calls], on: faults.on }));
  app.put('/faults', async (request) => {
    faults.set(orThrow(faults.read(request.body)));
    return DONE;
  });
  app.delete('/faults', async () => {
    faults.set([]);
    return DONE;
  });
};

export const addControl = (app: FastifyInstance, state: SandboxState, faults: Faults): void => {
  app.get('/settings', async () => state.settings);
  app.patch('/settings', async (request) => {
    state.settings = orThrow(changeSettings(state.settings, request.body));
    return state.settings;
  });
  app.post('/clock', async (request) => {
    state.advance(decodeControl(t.type({ advanceMs: Count }), request.body).advanceMs);
    expireCodes(state);
    return { now: state.now() };
  });
  app.post('/client-token', async (request) => {
    const { lifetimeMs = LIFETIMES_MS.client } = decodeControl(t.partial({ lifetimeMs: Count }), request.body);
    return { token: await state.tokens.mint({ kind: 'client' }, lifetimeMs) };
  });
  app.post('/webhooks/flush', async () => {
    state.webhooks.flush();
    return DONE;
  });
  addFaultControls(app, faults);
  addReports(app, state);
  addRegistrationControls(app, state);
  addPopulationControls(app, state);
};
