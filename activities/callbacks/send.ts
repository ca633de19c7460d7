import { createHash } from 'node:crypto';
import http from 'node:http';
import https from 'node:https';
import { context, propagation, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import fetch, { FetchError } from 'node-fetch';
import { Webhook } from 'standardwebhooks';
import { identityOf, type OnboardingEvent, wireEvent } from '../../domain/changes.js';
import { defined } from '../../shared/defined.js';
import { readRetryAfter } from '../../verifik/retry-after.js';
import type { CallbackEndpoint } from './endpoints.js';
import { isDeniedAddress, publicAgent } from './public-addresses.js';

/** The response body is ignored, and read only so that the connection closes cleanly. */
const MAX_RESPONSE_BYTES = 64 * 1024;

/** The message to a receiver. It is identical in all attempts, except for the time in the signature. */
export interface Message {
  /** Derived from the event, so that receivers recognise repetitions. */
  readonly id: string;
  readonly body: string;
}

/** The result of one request. */
export type Sent =
  | { readonly kind: 'answered'; readonly status: number; readonly retryAfterMs?: number }
  /** The host resolves to a private address and is not in `allowedHosts`. Nothing was sent. */
  | { readonly kind: 'privateAddress' }
  | { readonly kind: 'unreachable'; readonly code: string };

export const messageOf = (
  event: OnboardingEvent,
  onboardingRunId: string,
  callbacksId: string,
  evidence?: string,
): Message => {
  const digest = createHash('sha256').update(identityOf(event)).digest('hex').slice(0, 16);
  return {
    id: `${onboardingRunId}_${event.sequence}_${digest}`,
    body: JSON.stringify(wireEvent({ ...event, ...defined({ evidence }) }, callbacksId)),
  };
};

/** Returns the headers of the Standard Webhooks scheme. */
const signatureHeaders = (
  { id, body }: Message,
  secrets: readonly string[],
  at: Date,
): Readonly<Record<string, string>> => ({
  'webhook-id': id,
  'webhook-timestamp': String(Math.floor(at.getTime() / 1_000)),
  'webhook-signature': secrets.map((secret) => new Webhook(secret).sign(id, at, body)).join(' '),
});

const unfiltered = { 'http:': new http.Agent(), 'https:': new https.Agent() };

const agentFor = ({ isAllowed }: CallbackEndpoint, { protocol }: URL): http.Agent => {
  if (!isAllowed) return publicAgent;
  return protocol === 'http:' ? unfiltered['http:'] : unfiltered['https:'];
};

// The agent's errors have no code.
const isRejectedByAgent = ({ code, message }: FetchError): boolean =>
  code === undefined && / is not allowed\. Because,? /.test(message);

const failed = (error: unknown): Sent => {
  if (!(error instanceof FetchError)) throw error;
  return isRejectedByAgent(error)
    ? { kind: 'privateAddress' }
    : { kind: 'unreachable', code: error.code ?? error.type };
};

const post = async (endpoint: CallbackEndpoint, message: Message, signal: AbortSignal): Promise<Sent> => {
  // node-fetch 3 destroys the body of a request that is aborted already: an error event without a listener.
  signal.throwIfAborted();
  if (!endpoint.isAllowed && isDeniedAddress(endpoint.url.hostname)) return { kind: 'privateAddress' };
  const traceHeaders: Record<string, string> = {};
  propagation.inject(context.active(), traceHeaders);
  try {
    const response = await fetch(endpoint.url, {
      method: 'POST',
      body: message.body,
      headers: {
        'content-type': 'application/json',
        'user-agent': 'verifik-onboarding',
        ...traceHeaders,
        ...signatureHeaders(message, endpoint.secrets, new Date()),
      },
      redirect: 'manual',
      size: MAX_RESPONSE_BYTES,
      agent: (url) => agentFor(endpoint, url),
      signal,
    });
    // The status is decisive, even if reading the body fails.
    await response.text().catch(() => undefined);
    const retryAfterMs = readRetryAfter(response.headers.get('retry-after'), Date.now());
    return { kind: 'answered', status: response.status, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
  } catch (error) {
    return failed(error);
  }
};

const POST = { kind: SpanKind.CLIENT, attributes: { 'http.request.method': 'POST' } };

/**
 * Sends a message once, without following redirects. Throws the signal's error when it aborts. In a trace, the request
 * has a span, and the receiver gets its `traceparent`.
 */
export const send = (endpoint: CallbackEndpoint, message: Message, signal: AbortSignal): Promise<Sent> =>
  trace.getTracer('verifik-onboarding').startActiveSpan('POST callback', POST, async (span) => {
    try {
      const sent = await post(endpoint, message, signal);
      if (sent.kind === 'answered') span.setAttribute('http.response.status_code', sent.status);
      if (sent.kind !== 'answered' || sent.status >= 400) span.setStatus({ code: SpanStatusCode.ERROR });
      return sent;
    } catch (error) {
      span.setStatus({ code: SpanStatusCode.ERROR });
      throw error;
    } finally {
      span.end();
    }
  });
