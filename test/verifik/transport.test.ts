import { createServer } from 'node:net';
import * as E from 'fp-ts/lib/Either.js';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import {
  createVerifikClient,
  type VerifikCall,
  type VerifikClient,
  type VerifikClientConfig,
} from '../../verifik/index.js';
import { json, type ScriptedServer, startScriptedServer } from './scripted-server.js';

const ID = '65f0a1b2c3d4e5f601234567';
const registration = { data: { _id: ID, status: 'STARTED' } };

let server: ScriptedServer;
let clients: VerifikClient[] = [];

beforeAll(async () => {
  server = await startScriptedServer();
});

afterEach(() => {
  for (const client of clients) client.close();
  clients = [];
});

afterAll(() => server.close());

const clientWith = (config: Partial<VerifikClientConfig> = {}): VerifikClient => {
  const client = createVerifikClient({
    baseUrl: server.url,
    tokenSource: { read: async () => 'the-client-token' },
    ...config,
  });
  clients.push(client);
  return client;
};

const errorOf = async (config: Partial<VerifikClientConfig> = {}, signal?: AbortSignal) => {
  const answer = await clientWith(config).getAppRegistration(ID, signal === undefined ? {} : { signal })();
  if (E.isRight(answer)) throw new Error('an error was expected');
  return answer.left;
};

describe('a call', () => {
  it('carries the token, a request id and JSON, on a connection that is kept open', async () => {
    const sockets = new Set<number | undefined>();
    server.answer((response, heard) => {
      sockets.add(response.socket?.remotePort);
      json(heard.method === 'POST' ? { data: { ...registration.data, token: 't' } } : registration)(response);
    });
    const client = clientWith();
    const request = { project: 'p', projectFlow: 'f', email: 'a@example.com', fullName: 'A B' };
    await client.createAppRegistration(request, { requestId: 'request-1' })();
    await client.getAppRegistration(ID)();
    const [create, read] = server.heard.slice(-2);
    expect(create).toMatchObject({ method: 'POST', url: '/v2/app-registrations' });
    expect(JSON.parse(create?.body ?? '')).toEqual(request);
    expect(create?.headers).toMatchObject({
      authorization: 'Bearer the-client-token',
      'x-request-id': 'request-1',
      'content-type': 'application/json',
    });
    expect(decodeURIComponent(read?.url ?? '')).toContain('populates[]=emailValidation&populates[]=phoneValidation');
    expect(read?.headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
    expect(sockets.size).toBe(1);
  });

  it.each([
    ['3', 3_000],
    ['0', 0],
    ['999999999', 3_600_000],
    ['Wed, 21 Oct 2026 07:28:09 GMT', 9_000],
    ['Wed, 21 Oct 2020 07:28:00 GMT', 0],
    ['soon', undefined],
  ])('that is told Retry-After: %s waits %s ms', async (header, expected) => {
    server.answer(json({}, 429, { 'retry-after': header }));
    const error = await errorOf({ now: () => Date.parse('Wed, 21 Oct 2026 07:28:00 GMT') });
    expect(error).toMatchObject({ type: 'Transient', status: 429 });
    expect(error.type === 'Transient' && error.retryAfterMs).toBe(expected);
  });

  it('ends after its total timeout, also in the middle of a body', async () => {
    server.answer(() => undefined);
    expect(await errorOf({ totalTimeoutMs: 100 })).toMatchObject({
      type: 'Transient',
      code: 'timeout',
      effect: 'unknown',
    });
    server.answer((response) => void response.writeHead(200, { 'content-length': '100' }).write('{"da'));
    expect(await errorOf({ totalTimeoutMs: 100 })).toMatchObject({ type: 'Transient', code: 'timeout' });
  });

  it('ends when its caller cancels it', async () => {
    const cancel = new AbortController();
    server.answer(() => cancel.abort());
    expect(await errorOf({}, cancel.signal)).toMatchObject({ type: 'Cancelled' });
  });

  it('is transient when the answer is reset or cut short, and without effect when nothing listens', async () => {
    server.answer((response) => void response.socket?.resetAndDestroy());
    expect(await errorOf()).toMatchObject({ type: 'Transient', code: 'ECONNRESET', effect: 'unknown' });
    server.answer((response) => {
      response.writeHead(200, { 'content-length': '100' }).write('{"data":');
      setImmediate(() => response.socket?.destroy());
    });
    expect(await errorOf()).toMatchObject({ type: 'Transient', effect: 'unknown' });
    const free = createServer();
    await new Promise<void>((resolve) => free.listen(0, '127.0.0.1', resolve));
    const address = free.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    await new Promise((resolve) => free.close(resolve));
    expect(await errorOf({ baseUrl: `http://127.0.0.1:${port}` })).toMatchObject({
      code: 'ECONNREFUSED',
      effect: 'none',
    });
  });

  it('gives up on a connection that is not made in time', async () => {
    // A port that accepts and never speaks TLS: the connection is never secured.
    const mute = createServer();
    await new Promise<void>((resolve) => mute.listen(0, '127.0.0.1', resolve));
    const address = mute.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const error = await errorOf({
      baseUrl: `https://127.0.0.1:${port}`,
      connectTimeoutMs: 100,
      totalTimeoutMs: 10_000,
    });
    expect(error).toMatchObject({ type: 'Transient', code: 'ERR_CONNECT_TIMEOUT', effect: 'none' });
    mute.close();
  });

  it.each([
    ['HTML', (text: string) => `<html>${text}</html>`, 'not_json'],
    ['nothing', () => '', 'empty'],
    ['half of it', () => '{"data": {"_id"', 'not_json'],
  ])('is out of contract when the answer is %s, and says nothing of what was in it', async (_what, body, code) => {
    server.answer((response) => void response.writeHead(200).end(body('secret.person@example.com')));
    const error = await errorOf();
    expect(error).toMatchObject({ type: 'ContractBroken', code, status: 200 });
    expect(JSON.stringify(error)).not.toContain('secret');
  });

  it('is out of contract when the shape is wrong, and names the paths but no values', async () => {
    server.answer(json({ data: { _id: 7, status: null, email: 'secret.person@example.com' } }));
    const error = await errorOf();
    expect(error).toMatchObject({
      type: 'ContractBroken',
      paths: ['data._id (expected string)', 'data.status (expected string)'],
    });
    expect(JSON.stringify(error)).not.toContain('secret');
  });

  it('does not read more than its limit, and follows no redirect with the token', async () => {
    server.answer(json({ data: { _id: ID, status: 'STARTED', padding: 'x'.repeat(5_000) } }));
    expect(await errorOf({ maxResponseBytes: 1_000 })).toMatchObject({
      type: 'ContractBroken',
      code: 'body_over_1000_bytes',
    });
    const before = server.heard.length;
    server.answer((response) => void response.writeHead(302, { location: `${server.url}/elsewhere` }).end());
    expect(await errorOf()).toMatchObject({ type: 'ContractBroken', code: 'redirect' });
    expect(server.heard.length).toBe(before + 1);
  });

  it('with something that is no id is refused before anything is sent', async () => {
    const before = server.heard.length;
    for (const id of ['', '../me', 'a/b', 'x'.repeat(65)])
      expect(await clientWith().getAppRegistration(id)()).toMatchObject({
        left: { type: 'InvalidRequest', code: 'malformed_id' },
      });
    expect(server.heard.length).toBe(before);
  });

  it('is counted with what became of it', async () => {
    const calls: VerifikCall[] = [];
    const client = clientWith({ onCall: (call) => void calls.push(call) });
    server.answer(json(registration));
    await client.getAppRegistration(ID)();
    server.answer(json({ message: 'appRegistration_not_found' }, 404));
    await client.getAppRegistration(ID)();
    expect(calls.map(({ endpoint, outcome }) => [endpoint, outcome])).toEqual([
      ['getAppRegistration', 'ok'],
      ['getAppRegistration', 'Gone'],
    ]);
  });
});
