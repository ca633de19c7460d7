import { createHash } from 'node:crypto';
import http from 'node:http';
import https from 'node:https';
import fetch, { FetchError } from 'node-fetch';
import { RequestFilteringHttpsAgent } from 'request-filtering-agent';
import { Webhook } from 'standardwebhooks';
import { identityOf, type OnboardingEvent, wireEvent } from '../../domain/changes.js';
import { readRetryAfter } from '../../verifik/retry-after.js';
import type { CallbackEndpoint } from './endpoints.js';

/** What a receiver says to a message is of no interest, and read only so that the connection ends well. */
const MAX_ANSWER_BYTES = 64 * 1024;

/** A message as receivers get it: the same whenever it is sent, but for the moment of sending in its signature. */
export interface Message {
  /** The same for the same event: what receivers know a repetition by. */
  readonly id: string;
  readonly body: string;
}

/** What sending came to. */
export type Sent =
  | { readonly kind: 'answered'; readonly status: number; readonly retryAfterMs?: number }
  /** The host's address lies in a private network, and the host is not allowed by name. Nothing was sent. */
  | { readonly kind: 'privateAddress' }
  | { readonly kind: 'unreachable'; readonly code: string };

/** The message that an event is sent as. */
export const messageOf = (event: OnboardingEvent, onboardingRunId: string, callbacksId: string): Message => {
  const digest = createHash('sha256').update(identityOf(event)).digest('hex').slice(0, 16);
  return {
    id: `${onboardingRunId}_${event.sequence}_${digest}`,
    body: JSON.stringify(wireEvent(event, callbacksId)),
  };
};

/** The headers of the Standard Webhooks scheme. */
const signed = ({ id, body }: Message, secrets: readonly string[], at: Date): Readonly<Record<string, string>> => ({
  'webhook-id': id,
  'webhook-timestamp': String(Math.floor(at.getTime() / 1_000)),
  'webhook-signature': secrets.map((secret) => new Webhook(secret).sign(id, at, body)).join(' '),
});

// The address is looked at when the connection is made: what a name resolves to may be another address each time.
const filtered = new RequestFilteringHttpsAgent({
  // Holds an IPv4 address, of whatever kind (RFC 4291, section 2.5.5.1); the filter takes it for a public one.
  denyIPAddressList: ['::/96'],
});
const unfiltered = { 'http:': new http.Agent(), 'https:': new https.Agent() };

const agentFor = ({ isAllowed }: CallbackEndpoint, { protocol }: URL): http.Agent => {
  if (!isAllowed) return filtered;
  return protocol === 'http:' ? unfiltered['http:'] : unfiltered['https:'];
};

// The filter's errors have no code.
const isFilters = ({ code, message }: FetchError): boolean =>
  code === undefined && / is not allowed\. Because,? /.test(message);

const failed = (error: unknown): Sent => {
  if (!(error instanceof FetchError)) throw error;
  return isFilters(error) ? { kind: 'privateAddress' } : { kind: 'unreachable', code: error.code ?? error.type };
};

/** Sends a message once. Redirects are not followed: they are an answer like others. Throws the signal's error when it aborts. */
export const send = async (endpoint: CallbackEndpoint, message: Message, signal: AbortSignal): Promise<Sent> => {
  try {
    const response = await fetch(endpoint.url, {
      method: 'POST',
      body: message.body,
      headers: {
        'content-type': 'application/json',
        'user-agent': 'verifik-onboarding',
        ...signed(message, endpoint.secrets, new Date()),
      },
      redirect: 'manual',
      size: MAX_ANSWER_BYTES,
      agent: (url) => agentFor(endpoint, url),
      signal,
    });
    // The answer stands, whatever becomes of the rest of it.
    await response.text().catch(() => undefined);
    const retryAfterMs = readRetryAfter(response.headers.get('retry-after'), Date.now());
    return { kind: 'answered', status: response.status, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
  } catch (error) {
    return failed(error);
  }
};
