import type { FastifyInstance, FastifyRequest } from 'fastify';
import * as E from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';
import { OnboardingError } from '../../client/index.js';
import type { ReportRouter } from '../../client/reports.js';
import type { Route } from '../../contract/report-routing.js';
import type { ContactKeys } from '../../shared/contact-keys.js';
import { documented, oneOf } from '../../shared/decoding.js';
import { readWebhook, type WebhookReading, type WebhookRoute } from '../../verifik/webhooks.js';
import { Problem } from '../problems.js';
import { type CountWebhook, WEBHOOK_RESULTS, type WebhookResult } from './metrics.js';
import type { WebhookSecrets } from './secrets.js';

export interface WebhookOptions {
  readonly secrets: WebhookSecrets;
  readonly reports: Pick<ReportRouter, 'deliver'>;
  /** The keyed hashes under which the onboardings were started. */
  readonly contactKeys: ContactKeys;
  readonly count: CountWebhook;
  /** Told of whoever comes without a good secret, and may refuse them in its own way. */
  readonly onStranger?: (request: FastifyRequest) => Promise<void>;
}

declare module 'fastify' {
  interface FastifyRequest {
    /** The name of the secret that a webhook came with. */
    webhookSecret: string;
  }
}

const SCHEMA = {
  summary: 'Take a webhook of Verifik',
  description:
    "For Verifik alone: with a webhook secret in the path or in the header `x-webhook-secret`. The body is one of Verifik's events.",
  tags: ['webhooks'],
  response: {
    200: documented(t.type({ result: oneOf(Object.keys(WEBHOOK_RESULTS)) }), {
      title: 'WebhookResult',
      description: 'What became of it.',
    }),
  },
};

const BODY_LIMIT_BYTES = 256 * 1024;
const RETRY_AFTER_S = 1;

const InPath = t.type({ secret: t.string });

const secretIn = ({ params, headers }: FastifyRequest): string | undefined => {
  if (InPath.is(params)) return params.secret;
  const header = headers['x-webhook-secret'];
  return typeof header === 'string' ? header : undefined;
};

/** No contact goes further than this but as its keyed hash. */
const hashed = (routes: readonly WebhookRoute[], contactKeys: ContactKeys): readonly Route[] =>
  routes.flatMap((route): readonly Route[] => {
    if (route.by !== 'contact') return [route];
    const { contact, ...rest } = route;
    return contactKeys(contact).map((contactKey) => ({ ...rest, contactKey }));
  });

const handOver = async (
  reading: WebhookReading,
  { reports, contactKeys }: WebhookOptions,
): Promise<Exclude<WebhookResult, 'malformed' | 'unavailable'>> =>
  reading.kind === 'report' ? reports.deliver(reading.report, hashed(reading.routes, contactKeys)) : reading.kind;

const isPassing = (error: unknown): boolean =>
  error instanceof OnboardingError && (error.type === 'TimedOut' || error.type === 'Unavailable');

const receive =
  (options: WebhookOptions) =>
  async ({ body, webhookSecret: secret }: FastifyRequest): Promise<{ readonly result: WebhookResult }> => {
    const read = readWebhook(body);
    if (E.isLeft(read)) {
      options.count({ event: 'unknown', result: 'malformed', secret });
      throw new Problem('malformed', { errors: read.left.map((error) => ({ ...error, in: 'body' })) });
    }
    const event = read.right.kind === 'unknown' ? 'unknown' : read.right.suffix;
    try {
      const result = await handOver(read.right, options);
      options.count({ event, result, secret });
      return { result };
    } catch (error) {
      if (!isPassing(error)) throw error;
      options.count({ event, result: 'unavailable', secret });
      throw new Problem('unavailable', { retryAfterS: RETRY_AFTER_S, cause: error });
    }
  };

/**
 * Takes Verifik's webhooks: `POST /webhooks/verifik/{secret}`, or without it in the path with the header `x-webhook-secret`. Each is
 * answered within a second: 200 with what became of it, or 503 to have it sent again.
 */
export const addWebhooks = (app: FastifyInstance, options: WebhookOptions): void => {
  app.register(async (routes) => {
    routes.removeAllContentTypeParsers();
    const parse = routes.getDefaultJsonParser('error', 'error');
    routes.addContentTypeParser('application/json', { parseAs: 'string' }, parse);
    routes.decorateRequest('webhookSecret', '');
    // Before the body is read: strangers are not listened to.
    routes.addHook('onRequest', async (request) => {
      const secret = secretIn(request);
      const name = secret === undefined ? undefined : await options.secrets.nameOf(secret);
      if (name !== undefined) {
        request.webhookSecret = name;
        return;
      }
      await options.onStranger?.(request);
      throw new Problem('unauthenticated');
    });
    const handler = receive(options);
    for (const url of ['/webhooks/verifik', '/webhooks/verifik/:secret'])
      routes.post(url, { bodyLimit: BODY_LIMIT_BYTES, schema: SCHEMA }, handler);
  });
};
