import type { FastifyReply, FastifyRequest } from 'fastify';
import type { OnboardingClient } from '../../client/index.js';
import { wireEvent } from '../../domain/changes.js';
import { SECOND_MS } from '../../shared/time.js';
import { callerOf } from '../callers/authentication.js';
import type { Api } from '../codecs.js';
import type { Feeds } from '../events/feeds.js';
import { streamOf } from '../events/stream.js';
import type { StreamPlaces } from '../events/stream-places.js';
import { EventsCodec, ReplayCodec, StreamCodec } from '../schemas/event.js';
import { AfterQuery, EventPath, LastEventHeaders, OnboardingPath } from '../schemas/ids.js';
import { named } from './named.js';

const tags = ['events'];

/** Reading what has happened, and having it sent again. */
export const addEvents = (app: Api, client: OnboardingClient): void => {
  app.get(
    '/v1/onboardings/:id/events',
    {
      config: { scope: 'read', problems: ['notFound'] },
      schema: {
        operationId: 'listEvents',
        summary: 'Read what has happened',
        tags,
        params: OnboardingPath,
        querystring: AfterQuery,
        response: { 200: EventsCodec },
      },
    },
    async (request) => {
      const { id, workflowId } = named(request, request.params.id);
      const { events, last } = await client.events(workflowId, request.query);
      return { events: events.map((event) => wireEvent(event, id)), last };
    },
  );

  app.post(
    '/v1/onboardings/:id/events/:sequence/replay',
    {
      config: { scope: 'start', problems: ['notFound', 'noSuchEvent', 'noCallbacks'] },
      schema: {
        operationId: 'replayEvent',
        summary: 'Have an event sent to your callback URL again',
        description: 'Under the same message id as before. Takes no body.',
        tags,
        params: EventPath,
        response: { 202: ReplayCodec },
      },
    },
    async (request, reply) => {
      const { id, workflowId } = named(request, request.params.id);
      const { sequence } = request.params;
      await client.replayEvent(workflowId, sequence);
      return reply.code(202).send({ id, sequence });
    },
  );
};

/** Longer than between two heartbeats: a reader who takes nothing for so long is gone. */
const SILENT_FOR_MS = 60 * SECOND_MS;

export interface EventStreams {
  readonly feeds: Feeds;
  readonly places: StreamPlaces;
  /** Whether the key that a request came with is still good for it. */
  readonly isGood: (request: FastifyRequest) => Promise<boolean>;
}

/** Gives the stream a place, and takes it back when the connection is closed. */
const openStream = async (
  { feeds, places, isGood }: EventStreams,
  request: FastifyRequest,
  reply: FastifyReply,
  { workflowId, id, known }: { readonly workflowId: string; readonly id: string; readonly known: number },
) => {
  const { signal, leave } = places.take(callerOf(request));
  reply.raw.once('close', leave);
  const following = await feeds.follow(workflowId).catch((error: unknown) => {
    leave();
    throw error;
  });
  reply.raw.once('close', following.leave);
  if (reply.raw.closed) following.leave();
  request.raw.socket.setTimeout(SILENT_FOR_MS);
  const after = await following.feed.placeAfter(known);
  return streamOf(following.feed, { id, after, mayRead: () => isGood(request), signal });
};

/** Following an onboarding as it goes. */
export const addEventStreams = (app: Api, streams: EventStreams): void => {
  app.get(
    '/v1/onboardings/:id/events/stream',
    {
      config: { scope: 'read', problems: ['notFound', 'tooManyStreams'], answers: 'text/event-stream' },
      schema: {
        operationId: 'streamEvents',
        summary: 'Follow what happens',
        description:
          'Server-sent events: `id` is the place of the event, `event` its type, `data` the event as elsewhere; and, without `id`, `event: status` with the onboarding as `GET /v1/onboardings/{id}` has it, at first and whenever it changes. Ends when the onboarding does.',
        tags,
        params: OnboardingPath,
        querystring: AfterQuery,
        headers: LastEventHeaders,
        response: { 200: StreamCodec },
      },
    },
    async (request, reply) => {
      const known = request.headers['last-event-id'] ?? request.query.after ?? 0;
      const stream = await openStream(streams, request, reply, { ...named(request, request.params.id), known });
      return reply.type('text/event-stream').header('x-accel-buffering', 'no').send(stream);
    },
  );
};
