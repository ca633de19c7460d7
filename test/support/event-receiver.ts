import { randomBytes } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import * as E from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';
import { Webhook } from 'standardwebhooks';
import { freePort } from '../../tools/servers/index.js';

const Event = t.type({
  type: t.string,
  timestamp: t.string,
  data: t.intersection([t.type({ id: t.string, sequence: t.number }), t.UnknownRecord]),
});

export interface ReceivedMessage {
  readonly messageId: string;
  readonly signatures: readonly string[];
  readonly event: t.TypeOf<typeof Event>;
}

export interface ReceiverAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The callback endpoint of a service. Responds with 204 to a valid signature by default, and with 401 otherwise. */
export interface EventReceiver {
  readonly url: string;
  readonly port: number;
  readonly secret: string;
  /** All callbacks with a valid signature, including those with an error response. */
  readonly seen: readonly ReceivedMessage[];
  /** The callbacks with a 2xx response. */
  readonly taken: readonly ReceivedMessage[];
  /** The number of requests without a valid signature. */
  readonly forged: () => number;
  /** Sets the next responses, in order; after them, 204 again. `hang` never responds. */
  answer(...next: readonly (ReceiverAnswer | 'hang')[]): void;
  goDown(): Promise<void>;
  comeUp(): Promise<void>;
  close(): Promise<void>;
}

export const newSecret = (): string => `whsec_${randomBytes(32).toString('base64')}`;

const header = ({ headers }: IncomingMessage, name: string): string => [headers[name] ?? ''].flat().join();

const verified = (request: IncomingMessage, body: string, webhook: Webhook): ReceivedMessage | undefined => {
  const messageId = header(request, 'webhook-id');
  const signature = header(request, 'webhook-signature');
  try {
    const event = Event.decode(
      webhook.verify(body, {
        'webhook-id': messageId,
        'webhook-timestamp': header(request, 'webhook-timestamp'),
        'webhook-signature': signature,
      }),
    );
    return E.isRight(event) ? { messageId, signatures: signature.split(' '), event: event.right } : undefined;
  } catch {
    return undefined;
  }
};

export const startEventReceiver = async (secret = newSecret()): Promise<EventReceiver> => {
  const webhook = new Webhook(secret);
  const seen: ReceivedMessage[] = [];
  const taken: ReceivedMessage[] = [];
  const next: (ReceiverAnswer | 'hang')[] = [];
  let forged = 0;
  const port = await freePort();
  let server: Server | undefined;
  const comeUp = () =>
    new Promise<void>((resolve) => {
      server = createServer(async (request, response) => {
        const message = verified(request, await text(request), webhook);
        if (message === undefined) {
          forged += 1;
          response.writeHead(401).end();
          return;
        }
        seen.push(message);
        const answer = next.shift() ?? { status: 204 };
        if (answer === 'hang') return;
        if (answer.status < 300) taken.push(message);
        response.writeHead(answer.status, answer.headers).end('seen');
      }).listen(port, '127.0.0.1', resolve);
    });
  const goDown = () =>
    new Promise<void>((resolve) => {
      server?.close(() => resolve());
      server?.closeAllConnections();
      server = undefined;
    });
  await comeUp();
  return {
    url: `http://127.0.0.1:${port}/events`,
    port,
    secret,
    seen,
    taken,
    forged: () => forged,
    answer: (...answers) => {
      next.push(...answers);
    },
    goDown,
    comeUp,
    close: async () => {
      if (server !== undefined) await goDown();
    },
  };
};

export interface EndpointsContent {
  readonly endpoints: Readonly<Record<string, { readonly url: string; readonly secrets: readonly string[] }>>;
  readonly allowedHosts?: readonly string[];
}

/** Writes or overwrites a callbacks file. */
export const writeEndpoints = (file: string, content: EndpointsContent): void =>
  writeFileSync(file, JSON.stringify(content), { mode: 0o600 });

/** Creates a callbacks file with the receiver as the endpoint `service`. */
export const newEndpointsFile = ({ url, secret }: Pick<EventReceiver, 'url' | 'secret'>): string => {
  const file = join(mkdtempSync(join(tmpdir(), 'onboarding-callbacks-')), 'callbacks.json');
  writeEndpoints(file, { endpoints: { service: { url, secrets: [secret] } }, allowedHosts: ['127.0.0.1'] });
  return file;
};
