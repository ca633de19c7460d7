import type { FastifyInstance, FastifyRequest } from 'fastify';
import * as E from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';
import type { Logger } from 'pino';
import { OnboardingError } from '../../client/index.js';
import type { ReportResult, ReportRouter } from '../../client/reports.js';
import type { Route } from '../../contract/report-routing.js';
import type { ContactKeys } from '../../shared/contact-keys.js';
import { closed, documented, oneOf } from '../../shared/decoding.js';
import { openHashedSecrets, Sha256 } from '../../shared/hashed-secrets.js';
import { acceptJson } from '../../shared/json-body.js';
import { Name } from '../../shared/settings.js';
import { readWebhook, type WebhookReading, type WebhookRoute } from '../../verifik/webhooks.js';
import type { Metrics } from '../metrics.js';
import { Problem } from '../problems.js';
import { SETTINGS } from '../settings.js';

/** The results of webhooks. docs/webhooks.md has the same table. */
export const WEBHOOK_RESULTS = {
  delivered: 'The onboarding has received the report.',
  pending:
    'The onboarding does not exist yet, or has received the maximum number of signals for the moment: Temporal keeps the report.',
  repeated: 'The report equals the last one about the same validation or registration, which was delivered or kept.',
  ended: 'The onboarding has ended.',
  nothing: 'The event does not concern an onboarding.',
  unknown: 'The type of the event is unknown.',
  malformed: 'The webhook is malformed and was rejected (400).',
  unavailable: 'Temporal did not answer in time: Verifik sends the webhook again (503).',
} as const satisfies Record<ReportResult, string> & Record<string, string>;

export type WebhookResult = keyof typeof WEBHOOK_RESULTS;

const SecretEntry = closed(t.type({ name: Name, sha256: Sha256 }));

/**
 * Opens the file of secrets, a list of `{name, sha256}`. During a rotation it has two. The file is checked for changes
 * on each webhook.
 *
 * @throws JsonFileError if the file is wrong at the start.
 */
export const openWebhookSecrets = async (path: string, logger: Logger) => {
  const { entriesOf } = await openHashedSecrets({
    path,
    env: SETTINGS.webhookSecretsFile.env,
    entry: SecretEntry,
    what: 'webhook secrets',
    logger,
  });
  return { nameOf: async (secret: string) => (await entriesOf(secret))[0]?.name };
};

export interface WebhookOptions {
  readonly secrets: Awaited<ReturnType<typeof openWebhookSecrets>>;
  readonly reports: Pick<ReportRouter, 'deliver'>;
  /** Makes the contact keys under which onboardings are found. */
  readonly contactKeys: ContactKeys;
  readonly metrics: Pick<Metrics, 'webhooks'>;
  /** Called for a request without a valid secret. Can throw a problem of its own, such as an exceeded rate limit. */
  readonly onUnauthenticated?: (request: FastifyRequest) => Promise<void>;
}

declare module 'fastify' {
  interface FastifyRequest {
    webhookSecret: string;
  }
}

const SCHEMA = {
  summary: 'Receive a webhook of Verifik',
  description:
    "Called by Verifik, with a webhook secret in the path or in the header `x-webhook-secret`. The body is one of Verifik's events.",
  tags: ['webhooks'],
  response: {
    200: documented(t.type({ result: oneOf(Object.keys(WEBHOOK_RESULTS)) }), {
      title: 'WebhookResult',
      description: 'The result of the webhook.',
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

/** Replaces contacts by contact keys, so that they are not stored. */
const withContactKeys = (routes: readonly WebhookRoute[], contactKeys: ContactKeys): readonly Route[] =>
  routes.flatMap((route): readonly Route[] => {
    if (route.by !== 'contact') return [route];
    const { contact, ...rest } = route;
    return contactKeys(contact).map((contactKey) => ({ ...rest, contactKey }));
  });

const deliver = async (
  reading: WebhookReading,
  { reports, contactKeys }: WebhookOptions,
): Promise<Exclude<WebhookResult, 'malformed' | 'unavailable'>> =>
  reading.kind === 'report'
    ? reports.deliver(reading.report, withContactKeys(reading.routes, contactKeys))
    : reading.kind;

const isTemporary = (error: unknown): boolean =>
  error instanceof OnboardingError && (error.type === 'TimedOut' || error.type === 'Unavailable');

const receive =
  (options: WebhookOptions) =>
  async ({ body, webhookSecret: secret }: FastifyRequest): Promise<{ readonly result: WebhookResult }> => {
    const count = (event: string, result: WebhookResult) => options.metrics.webhooks.inc({ event, result, secret });
    const read = readWebhook(body);
    if (E.isLeft(read)) {
      count('unknown', 'malformed');
      throw new Problem('malformed', { errors: read.left.map((error) => ({ ...error, in: 'body' })) });
    }
    const event = read.right.kind === 'unknown' ? 'unknown' : read.right.suffix;
    try {
      const result = await deliver(read.right, options);
      count(event, result);
      return { result };
    } catch (error) {
      if (!isTemporary(error)) throw error;
      count(event, 'unavailable');
      throw new Problem('unavailable', { retryAfterS: RETRY_AFTER_S, cause: error });
    }
  };

/**
 * Receives Verifik's webhooks at `/webhooks/verifik/{secret}`, or at `/webhooks/verifik` with the header
 * `x-webhook-secret`. Answers within a second, with 200 and the result, or with 503 so that Verifik sends the webhook
 * again.
 */
export const addWebhooks = (app: FastifyInstance, options: WebhookOptions): void => {
  app.register(async (routes) => {
    acceptJson(routes);
    routes.decorateRequest('webhookSecret', '');
    // Authenticates before the body is read.
    routes.addHook('onRequest', async (request) => {
      const secret = secretIn(request);
      const name = secret === undefined ? undefined : await options.secrets.nameOf(secret);
      if (name !== undefined) {
        request.webhookSecret = name;
        return;
      }
      await options.onUnauthenticated?.(request);
      throw new Problem('unauthenticated');
    });
    const handler = receive(options);
    const post = (url: string, operationId: string) =>
      routes.post(url, { bodyLimit: BODY_LIMIT_BYTES, schema: { operationId, ...SCHEMA } }, handler);
    post('/webhooks/verifik', 'receiveWebhook');
    post('/webhooks/verifik/:secret', 'receiveWebhookAtSecretPath');
  });
};
