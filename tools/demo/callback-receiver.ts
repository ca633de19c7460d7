import Fastify from 'fastify';
import * as E from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';
import { Webhook } from 'standardwebhooks';
import { type Outcome, REASONS } from '../../domain/outcomes.js';

const OutcomeCodec: t.Type<Outcome, Outcome, unknown> = t.keyof({
  verified: null,
  rejected: null,
  expired: null,
  withdrawn: null,
});

const Decision = t.type({ outcome: OutcomeCodec, reason: t.keyof(REASONS), sentence: t.string });

const Received = t.type({
  type: t.string,
  timestamp: t.string,
  data: t.intersection([t.type({ id: t.string, sequence: t.number }), t.partial({ decision: Decision })]),
});

/** The body of a callback. */
export type ReceivedEvent = t.TypeOf<typeof Received>;

export interface CallbackReceiver {
  readonly url: string;
  /** Calls `onEvent` for each event of an onboarding, including those already received. */
  follow(id: string, onEvent: (event: ReceivedEvent) => void): void;
  close(): Promise<void>;
}

/** Receives callbacks on the loopback interface. Rejects those without a valid signature. */
export const startCallbackReceiver = async (secret: string, port = 0): Promise<CallbackReceiver> => {
  const received = new Map<string, Map<number, ReceivedEvent>>();
  const followers = new Map<string, (event: ReceivedEvent) => void>();
  const webhook = new Webhook(secret);
  const app = Fastify({ forceCloseConnections: true });
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, body, done) => done(null, body));
  app.post('/callbacks', async (request, reply) => {
    const headers = t.record(t.string, t.string).decode({
      'webhook-id': request.headers['webhook-id'],
      'webhook-timestamp': request.headers['webhook-timestamp'],
      'webhook-signature': request.headers['webhook-signature'],
    });
    if (E.isLeft(headers)) return reply.code(401).send();
    try {
      const event = Received.decode(webhook.verify(String(request.body), headers.right));
      if (E.isLeft(event)) return reply.code(400).send();
      const { id, sequence } = event.right.data;
      const known = received.get(id) ?? new Map<number, ReceivedEvent>();
      received.set(id, known);
      // Callbacks are delivered at least once.
      if (!known.has(sequence)) {
        known.set(sequence, event.right);
        followers.get(id)?.(event.right);
      }
      return reply.code(204).send();
    } catch {
      return reply.code(401).send();
    }
  });
  const url = await app.listen({ host: '127.0.0.1', port });
  return {
    url: `${url}/callbacks`,
    follow: (id, onEvent) => {
      followers.set(id, onEvent);
      for (const event of received.get(id)?.values() ?? []) onEvent(event);
    },
    close: () => app.close(),
  };
};
