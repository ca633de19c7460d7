import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, renameSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Client } from '@temporalio/client';
import * as E from 'fp-ts/lib/Either.js';
import type * as t from 'io-ts';
import { OnboardingClient } from '../../client/index.js';
import { type ApiKeys, openApiKeys, SCOPES } from '../../gateway/auth/api-keys.js';
import { createMetrics, type Metrics } from '../../gateway/metrics.js';
import { type GatewayOptions, startGateway } from '../../gateway/server.js';
import { decodeFields, describeFieldErrors } from '../../shared/decoding.js';
import { createLogger } from '../../shared/logging.js';

export const CONTACT_KEY = 'a-key-for-the-tests';

export const ALL_SCOPES = Object.keys(SCOPES);

export const newKey = (name: string, entry: Readonly<Record<string, unknown>> = {}) => {
  const key = randomBytes(24).toString('base64url');
  const sha256 = createHash('sha256').update(key).digest('hex');
  return { key, entry: { name, tenant: 'shop', scopes: ALL_SCOPES, ...entry, sha256 } };
};

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The parsed body; `undefined` if it is not JSON. */
  readonly body: unknown;
}

export interface Asking {
  /** The API key; empty for none. */
  readonly key?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

export interface RunningGateway {
  readonly url: string;
  /** A key of the tenant `shop` with every scope. */
  readonly key: string;
  readonly metrics: Metrics;
  readonly apiKeys: ApiKeys;
  readonly keysFile: string;
  writeKeys(...entries: readonly unknown[]): void;
  /** Adds a key to the keys file, and returns it. */
  addKey(name: string, entry?: Readonly<Record<string, unknown>>): string;
  log(): readonly Record<string, unknown>[];
  /** Calls `POST /v1/onboardings`, by default with the key of the tenant `shop`. */
  ask(call: string, asking?: Asking): Promise<Answer>;
  close(): Promise<void>;
}

/** True for a body that is sent as it is. */
const isRaw = (body: unknown): body is string | Uint8Array<ArrayBuffer> =>
  typeof body === 'string' || body instanceof Uint8Array;

const jsonIn = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

/** Decodes the body of a response, and throws an error that names the wrong fields. */
export const read = <A>(codec: t.Type<A, unknown, unknown>, { status, text, body }: Answer): A => {
  const decoded = decodeFields(codec)(body);
  if (E.isRight(decoded)) return decoded.right;
  throw new Error(`${status}: ${describeFieldErrors(decoded.left)} in ${text}`);
};

export interface RunOptions extends Partial<Omit<GatewayOptions, 'temporal' | 'apiKeys' | 'logger'>> {
  readonly temporal: Client;
}

export const runGateway = async ({ temporal, ...change }: RunOptions): Promise<RunningGateway> => {
  const lines: string[] = [];
  const logger = createLogger('debug', { write: (line: string) => void lines.push(line) });
  const keysFile = join(mkdtempSync(join(tmpdir(), 'gateway-')), 'api-keys.json');
  let entries: readonly unknown[] = [];
  const writeKeys = (...written: readonly unknown[]) => {
    entries = written;
    writeFileSync(`${keysFile}.new`, JSON.stringify(entries));
    renameSync(`${keysFile}.new`, keysFile);
  };
  const { key, entry } = newKey('shop');
  writeKeys(entry);
  const apiKeys = await openApiKeys(keysFile, logger);
  const metrics = createMetrics();
  const gateway = await startGateway({
    address: '127.0.0.1:0',
    client: new OnboardingClient(temporal, { contactKey: CONTACT_KEY }),
    temporal,
    apiKeys,
    logger,
    metrics,
    bodyLimitBytes: 64 * 1024,
    requestTimeoutMs: 10_000,
    drainMs: 5_000,
    requestsPerMinute: 100_000,
    unauthenticatedPerMinute: 100_000,
    streamsPerKey: 100,
    ...change,
  });
  return {
    url: gateway.url,
    key,
    metrics,
    apiKeys,
    keysFile,
    writeKeys,
    addKey: (name, fields) => {
      const added = newKey(name, fields);
      writeKeys(...entries, added.entry);
      return added.key;
    },
    log: () => lines.map((line) => JSON.parse(line)),
    ask: async (call, { key: given = key, headers = {}, body } = {}) => {
      const [method = 'GET', path = ''] = call.split(' ');
      const response = await fetch(`${gateway.url}${path}`, {
        method,
        headers: {
          ...(given === '' ? {} : { authorization: `Bearer ${given}` }),
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: isRaw(body) ? body : JSON.stringify(body) }),
      });
      const text = await response.text();
      return { status: response.status, headers: response.headers, text, body: jsonIn(text) };
    },
    close: () => gateway.close(),
  };
};
