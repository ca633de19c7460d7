import type { FastifyInstance } from 'fastify';
import * as t from 'io-ts';
import { Refusal } from '../answers/refusals.js';
import { iso } from '../answers/validation-views.js';
import { requirePanel } from '../auth.js';
import { IdParams, queryNumber, queryValues, read } from '../input.js';
import type { SandboxState } from '../state.js';
import type { WebhookEvent } from '../webhooks/webhook-log.js';

const viewEvent = ({ _id, appRegistration, webhook, response, at }: WebhookEvent) => ({
  _id,
  appRegistration,
  type: webhook.type,
  status: 'sent',
  body: webhook,
  response: response ?? null,
  createdAt: iso(at),
});

/** Adds the log of webhooks of Verifik's panel, and the call that sends one again. */
export const addWebhookEvents = (app: FastifyInstance, state: SandboxState): void => {
  app.get('/webhook-events', async (request) => {
    await requirePanel(state, request);
    const { query } = request;
    const [appRegistration] = queryValues(query, 'where_appRegistration');
    const [status = 'sent'] = queryValues(query, 'where_status');
    const [result] = queryValues(query, 'where_response.status');
    const page = queryNumber(query, 'page', 1);
    const limit = queryNumber(query, 'perPage', 10, 100);
    const matching = state.webhooks.log
      .all()
      .filter((event) => appRegistration === undefined || event.appRegistration === appRegistration)
      .filter((event) => status === 'sent' && (result === undefined || event.response?.status === result));
    const ordered = queryValues(query, 'sort')[0] === '-createdAt' ? matching.reverse() : matching;
    const data = ordered.slice((page - 1) * limit, page * limit).map(viewEvent);
    const total = ordered.length;
    return { data, total, limit, page, pages: Math.max(Math.ceil(total / limit), 1) };
  });

  app.put('/webhook-events/:id/resend', async (request) => {
    await requirePanel(state, request);
    const event = state.webhooks.log.find(read(IdParams, request.params).id);
    if (event === undefined) throw new Refusal('webhookEvent_not_found');
    const { allSameEvents = false } = read(t.partial({ allSameEvents: t.boolean }), request.body);
    const isSame = (other: WebhookEvent) =>
      other.webhook.type === event.webhook.type && other.appRegistration === event.appRegistration;
    const events = allSameEvents ? state.webhooks.log.all().filter(isSame) : [event];
    for (const one of events) state.webhooks.resend(one);
    return { data: events.map(viewEvent) };
  });
};
