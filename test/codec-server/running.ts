import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Payload } from '@temporalio/common';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { afterEach } from 'vitest';
import { EncryptionCodec, type KeyProvider, openKeyRing } from '../../codec/index.js';
import { anyOf } from '../../codec-server/auth/authentication.js';
import { jsonWebTokens } from '../../codec-server/auth/json-web-tokens.js';
import { openStaticTokens } from '../../codec-server/auth/static-tokens.js';
import { createMetrics, type Metrics } from '../../codec-server/metrics.js';
import { type CodecServerOptions, startCodecServer } from '../../codec-server/server.js';
import { writePayloads } from '../../codec-server/wire.js';
import { listenOptions } from '../../shared/http.js';
import { createLogger } from '../../shared/logging.js';

export const UI = 'https://temporal.example.com';
export const ISSUER = 'https://issuer.example.com';
export const AUDIENCE = 'codec-server';

const closing: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

export const newToken = (name: string, role: string) => {
  const token = randomBytes(24).toString('base64url');
  return { token, entry: { name, role, sha256: createHash('sha256').update(token).digest('hex') } };
};

export const writeTokens = (path: string, ...entries: readonly unknown[]): void =>
  writeFileSync(path, JSON.stringify(entries));

export const keysOf = (ids: readonly string[]): KeyProvider => ({
  read: async () => ({
    current: ids[0] ?? '',
    keys: new Map(ids.map((id) => [id, createHash('sha256').update(`the key ${id} of tests`).digest()])),
  }),
});

export const codecOf = async (keyId = '2026-11', namespace = 'default'): Promise<EncryptionCodec> =>
  new EncryptionCodec({ keys: await openKeyRing(keysOf([keyId])), namespace });

/** Starts an issuer of JSON web tokens, which publishes its keys over HTTP. */
const startIssuer = async () => {
  const { publicKey, privateKey } = await generateKeyPair('ES256');
  const keys = [{ ...(await exportJWK(publicKey)), kid: 'one', alg: 'ES256' }];
  const server = createServer((_request, response) => {
    response.setHeader('content-type', 'application/json').end(JSON.stringify({ keys }));
  });
  const { host, port } = listenOptions('127.0.0.1:0');
  await new Promise<void>((resolve) => server.listen(port, host, resolve));
  const stop = () => new Promise((resolve) => server.closeAllConnections() ?? server.close(resolve));
  closing.push(stop);
  const address = server.address();
  const jwksUrl = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/jwks`;
  const sign = (claims: Readonly<Record<string, unknown>>, signingKey = privateKey) =>
    new SignJWT({ iss: ISSUER, aud: AUDIENCE, sub: 'a-subject', exp: inFuture(), ...claims })
      .setProtectedHeader({ alg: 'ES256', kid: 'one' })
      .sign(signingKey);
  return { jwksUrl, sign, stop };
};

export const inFuture = (seconds = 60): number => Math.floor(Date.now() / 1000) + seconds;

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

export interface Running {
  readonly url: string;
  readonly operator: string;
  readonly masked: string;
  readonly tokensFile: string;
  readonly issuer: Awaited<ReturnType<typeof startIssuer>>;
  readonly metrics: Metrics;
  readonly log: () => readonly Record<string, unknown>[];
  readonly close: () => Promise<void>;
  decode(token: string, payloads: readonly Payload[], headers?: Record<string, string>): Promise<Answer>;
  ask(call: string, options?: { headers?: Record<string, string>; body?: string }): Promise<Answer>;
}

export const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

/** Starts a codec server with a token for each role and an issuer of JSON web tokens. It is closed after the test. */
export const run = async (change: Partial<CodecServerOptions> = {}): Promise<Running> => {
  const lines: string[] = [];
  const logger = createLogger('debug', { write: (line: string) => void lines.push(line) });
  const operator = newToken('operator', 'personal-data');
  const masked = newToken('support', 'masked');
  const tokensFile = join(mkdtempSync(join(tmpdir(), 'codec-server-')), 'tokens.json');
  writeTokens(tokensFile, operator.entry, masked.entry);
  const issuer = await startIssuer();
  const web = { jwksUrl: issuer.jwksUrl, issuer: ISSUER, audience: AUDIENCE, roleClaim: 'onboarding_role' };
  const metrics = createMetrics();
  const server = await startCodecServer({
    address: '127.0.0.1:0',
    origins: [UI],
    namespaces: ['default', 'other'],
    bodyLimitBytes: 4 * 1024 * 1024,
    keys: await openKeyRing(keysOf(['2026-11', '2026-10'])),
    credentials: anyOf([await openStaticTokens(tokensFile, logger), jsonWebTokens(web, logger)]),
    logger,
    metrics,
    ...change,
  });
  closing.push(() => server.close());
  const ask: Running['ask'] = async (call, { headers = {}, body } = {}) => {
    const [method = 'GET', path = ''] = call.split(' ');
    const sent =
      body === undefined ? { headers } : { headers: { 'content-type': 'application/json', ...headers }, body };
    const response = await fetch(`${server.url}${path}`, { method, redirect: 'manual', ...sent });
    return { status: response.status, headers: response.headers, text: await response.text() };
  };
  return {
    url: server.url,
    operator: operator.token,
    masked: masked.token,
    tokensFile,
    issuer,
    metrics,
    log: () => lines.map((line) => JSON.parse(line)),
    close: () => server.close(),
    ask,
    decode: (token, payloads, headers = {}) =>
      ask('POST /decode', {
        headers: { ...bearer(token), ...headers },
        body: JSON.stringify(writePayloads(payloads)),
      }),
  };
};
