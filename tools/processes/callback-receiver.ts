import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import * as E from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';
import { Webhook } from 'standardwebhooks';
import { defined } from '../../shared/defined.js';
import { freePort } from '../servers/index.js';

const Event = t.type({
  type: t.string,
  timestamp: t.string,
  data: t.intersection([
    t.type({ id: t.string, sequence: t.number }),
    t.partial({
      check: t.string,
      validUntil: t.number,
      evidence: t.string,
      /** The outcome of the onboarding, or the word of a reviewer's decision. */
      decision: t.union([t.type({ outcome: t.string, reason: t.string, sentence: t.string }), t.string]),
    }),
  ]),
});

/** A callback with a valid signature. */
export const Callback = t.intersection([
  t.type({ messageId: t.string, signatures: t.array(t.string), event: Event }),
  t.partial({ traceparent: t.string }),
]);
export type Callback = t.TypeOf<typeof Callback>;

export interface CallbackResponse {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface CallbackReceiverOptions {
  /** Default: a random one. */
  readonly secret?: string;
  /** Default: a free one. */
  readonly port?: number;
  /** Called with a callback before its response. The default response has status 204; `hang` never responds. */
  readonly respond?: (callback: Callback) => CallbackResponse | 'hang' | undefined;
  /** Called with the message id of a request with an invalid signature or body, before its response. */
  readonly onRefused?: (messageId: string) => void;
}

/** Receives the callbacks of a service on the loopback interface. */
export interface CallbackReceiver {
  readonly url: string;
  readonly port: number;
  readonly secret: string;
  /** All callbacks in the order of receipt, including repeated ones and those with an error response. */
  readonly seen: readonly Callback[];
  /** The callbacks with a 2xx response. */
  readonly taken: readonly Callback[];
  /** Stops listening, and closes all connections. */
  close(): Promise<void>;
  /** Listens on the same port again. */
  reopen(): Promise<void>;
}

export const newCallbackSecret = (): string => `whsec_${randomBytes(32).toString('base64')}`;

/** Verifies a request. Returns the status of the response if the signature (401) or the body (400) is invalid. */
const verified = async (request: IncomingMessage, webhook: Webhook): Promise<E.Either<number, Callback>> => {
  const body = await text(request);
  const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
  try {
    const event = Event.decode(webhook.verify(body, headers));
    if (E.isLeft(event)) return E.left(400);
    const { 'webhook-id': messageId = '', 'webhook-signature': signature = '', traceparent } = headers;
    return E.right({
      messageId,
      signatures: signature.split(' '),
      event: event.right,
      ...defined({ traceparent }),
    });
  } catch {
    return E.left(401);
  }
};

/** Starts a receiver of signed callbacks. Responds with 204 to a GET request. */
export const startCallbackReceiver = async (options: CallbackReceiverOptions = {}): Promise<CallbackReceiver> => {
  const { secret = newCallbackSecret(), port = await freePort(), respond, onRefused } = options;
  const webhook = new Webhook(secret);
  const seen: Callback[] = [];
  const taken: Callback[] = [];
  let server: Server | undefined;
  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const callback = await verified(request, webhook);
    if (E.isLeft(callback)) {
      onRefused?.(String(request.headers['webhook-id']));
      response.writeHead(callback.left).end();
      return;
    }
    seen.push(callback.right);
    const answer = respond?.(callback.right) ?? { status: 204 };
    if (answer === 'hang') return;
    if (answer.status < 300) taken.push(callback.right);
    response.writeHead(answer.status, answer.headers).end();
  };
  const reopen = async (): Promise<void> => {
    server = createServer((request, response) =>
      request.method === 'GET' ? response.writeHead(204).end() : handle(request, response),
    ).listen(port, '127.0.0.1');
    await once(server, 'listening');
  };
  await reopen();
  return {
    ...{ url: `http://127.0.0.1:${port}/callbacks`, port, secret, seen, taken, reopen },
    close: () =>
      new Promise<void>((resolve) => {
        if (server === undefined) return resolve();
        server.close(() => resolve());
        server.closeAllConnections();
        server = undefined;
      }),
  };
};

/** Removes repeated callbacks, because each is delivered at least once. */
export const withoutRepetitions = (callbacks: readonly Callback[]): readonly Callback[] => {
  const ids = new Set<string>();
  return callbacks.filter(({ messageId }) => !ids.has(messageId) && ids.add(messageId));
};

/** The content of the worker's callbacks file. */
export interface EndpointsContent {
  readonly endpoints: Readonly<
    Record<string, { readonly url: string; readonly secrets: readonly string[]; readonly evidence?: boolean }>
  >;
  readonly allowedHosts?: readonly string[];
}

/** Writes or overwrites a callbacks file. */
export const writeEndpoints = (file: string, content: EndpointsContent): void =>
  writeFileSync(file, JSON.stringify(content), { mode: 0o600 });

/** Writes a callbacks file with a receiver on the loopback interface as its only endpoint, by default `service`. */
export const writeEndpoint = (
  file: string,
  { url, secret }: Pick<CallbackReceiver, 'url' | 'secret'>,
  name = 'service',
): void => writeEndpoints(file, { endpoints: { [name]: { url, secrets: [secret] } }, allowedHosts: ['127.0.0.1'] });
