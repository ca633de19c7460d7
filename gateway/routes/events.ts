import type { FastifyReply, FastifyRequest } from 'fastify';
import type { OnboardingClient } from '../../client/index.js';
import { wireEvent } from '../../domain/changes.js';
import { SECOND_MS } from '../../shared/time.js';
import { type Api, routesOf } from '../codecs.js';
import type { Feeds } from '../events/feeds.js';
import type { OpenStreams } from '../events/open-streams.js';
import { streamOf } from '../events/stream.js';
import { EventsCodec, ReplayCodec, StreamCodec } from '../schemas/event.js';
import { AfterQuery, EventPath, LastEventHeaders, OnboardingPath } from '../schemas/ids.js';
import { resolveOnboarding } from './resolve-onboarding.js';

const route = routesOf('events');

export const addEvents = (app: Api, client: OnboardingClient): void => {
  app.get(
    '/v1/onboardings/:id/events',
    route('read', ['notFound'], {
      operationId: 'listEvents',
      summary: 'List the events of an onboarding',
      params: OnboardingPath,
      querystring: AfterQuery,
      response: { 200: EventsCodec },
    }),
    async (request) => {
      const { id, workflowId } = resolveOnboarding(request, request.params.id);
      const { events, last } = await client.events(workflowId, request.query);
      return { events: events.map((event) => wireEvent(event, id)), last };
    },
  );

  app.post(
    '/v1/onboardings/:id/events/:sequence/replay',
    route('start', ['notFound', 'noSuchEvent', 'noCallbacks'], {
      operationId: 'replayEvent',
      summary: 'Send an event to your callback URL again',
      description: 'The callback has the same message id as before. The request has no body.',
      params: EventPath,
      response: { 202: ReplayCodec },
    }),
    async (request, reply) => {
      const { id, workflowId } = resolveOnboarding(request, request.params.id);
      const { sequence } = request.params;
      await client.replayEvent(workflowId, sequence);
      return reply.code(202).send({ id, sequence });
    },
  );
};

/** Longer than the heartbeat interval: a reader that reads nothing for this time is disconnected. */
const SOCKET_TIMEOUT_MS = 60 * SECOND_MS;

export interface EventStreams {
  readonly feeds: Feeds;
  readonly streams: OpenStreams;
  readonly isAuthorized: (request: FastifyRequest) => Promise<boolean>;
}

const openStream = async (
  { feeds, streams, isAuthorized }: EventStreams,
  request: FastifyRequest,
  reply: FastifyReply,
  { workflowId, id, known }: { readonly workflowId: string; readonly id: string; readonly known: number },
) => {
  const signal = streams.open(request, reply);
  const feed = await feeds.follow(workflowId, signal);
  request.raw.socket.setTimeout(SOCKET_TIMEOUT_MS);
  const after = await feed.resumeAfter(known);
  return streamOf(feed, { id, after, mayRead: () => isAuthorized(request), signal });
};

export const addEventStreams = (app: Api, streams: EventStreams): void => {
  app.get(
    '/v1/onboardings/:id/events/stream',
    route('read', ['notFound', 'tooManyStreams'], {
      operationId: 'streamEvents',
      summary: 'Stream the events of an onboarding',
      description:
        'Sends server-sent events: `id` is the sequence number of the event, `event` its type and `data` the event. Messages with `event: status`, without an `id`, have the same data as `GET /v1/onboardings/{id}`: the first at the start, then one after each change. The stream ends with the onboarding.',
      params: OnboardingPath,
      querystring: AfterQuery,
      headers: LastEventHeaders,
      response: { 200: StreamCodec },
      produces: ['text/event-stream'],
    }),
    async (request, reply) => {
      const known = request.headers['last-event-id'] ?? request.query.after ?? 0;
      const stream = await openStream(streams, request, reply, {
        ...resolveOnboarding(request, request.params.id),
        known,
      });
      return reply.type('text/event-stream').header('x-accel-buffering', 'no').send(stream);
    },
  );
};
