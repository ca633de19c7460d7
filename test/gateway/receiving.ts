import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Fastify from 'fastify';
import type { ReportRouter } from '../../client/reports.js';
import { addAudit } from '../../gateway/audit.js';
import { addCodecs, type CodecTypeProvider } from '../../gateway/codecs.js';
import { addErrorHandler } from '../../gateway/error-handler.js';
import { createMetrics } from '../../gateway/metrics.js';
import { addWebhooks, openWebhookSecrets } from '../../gateway/webhooks/index.js';
import { contactKeysWith } from '../../shared/contact-keys.js';
import { createLogger } from '../../shared/logging.js';

export interface Answered {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Readonly<Record<string, unknown>>;
  readonly ms: number;
}

/** The webhook routes of the gateway, over HTTP. */
export interface Receiving {
  readonly url: string;
  readonly secret: string;
  readonly webhookUrl: string;
  writeSecrets(entries: unknown): void;
  send(suffix: string, object: unknown): Promise<Answered>;
  post(
    path: string,
    body: string | Uint8Array<ArrayBuffer>,
    headers?: Readonly<Record<string, string>>,
  ): Promise<Answered>;
  log(): string;
  metrics(): Promise<string>;
  close(): Promise<void>;
}

export const sha256 = (secret: string): string => createHash('sha256').update(secret).digest('hex');

const parse = (text: string): Readonly<Record<string, unknown>> => {
  try {
    return Object(JSON.parse(text));
  } catch {
    return {};
  }
};

/** Starts the webhook routes, which pass their reports to the router. */
export const startReceiving = async (reports: Pick<ReportRouter, 'deliver'>): Promise<Receiving> => {
  const secret = randomBytes(24).toString('base64url');
  const file = join(mkdtempSync(join(tmpdir(), 'webhook-secrets-')), 'secrets.json');
  const writeSecrets = (entries: unknown) => writeFileSync(file, JSON.stringify(entries));
  writeSecrets([{ name: 'verifik', sha256: sha256(secret) }]);
  const lines: string[] = [];
  const logger = createLogger('info', { write: (line) => void lines.push(line) });
  const metrics = createMetrics();
  const app = Fastify({ logger: false, forceCloseConnections: true }).withTypeProvider<CodecTypeProvider>();
  addCodecs(app);
  addAudit(app, logger, metrics);
  addErrorHandler(app, logger);
  addWebhooks(app, {
    secrets: await openWebhookSecrets(file, logger),
    reports,
    contactKeys: contactKeysWith('a-key-for-the-tests'),
    metrics,
  });
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  const post: Receiving['post'] = async (path, body, headers = { 'content-type': 'application/json' }) => {
    const began = performance.now();
    const response = await fetch(`${url}${path}`, { method: 'POST', headers, body });
    const text = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      body: parse(text),
      ms: performance.now() - began,
    };
  };
  return {
    url,
    secret,
    webhookUrl: `${url}/webhooks/verifik/${secret}`,
    writeSecrets,
    send: (suffix, object) =>
      post(`/webhooks/verifik/${secret}`, JSON.stringify({ type: `onboarding_${suffix}`, object })),
    post,
    log: () => lines.join(''),
    metrics: () => metrics.registry.metrics(),
    close: () => app.close(),
  };
};
