import { createServer } from 'node:net';
import { gzipSync } from 'node:zlib';
import * as E from 'fp-ts/lib/Either.js';
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import {
  createVerifikClient,
  type VerifikCall,
  type VerifikClient,
  type VerifikClientConfig,
  type VerifikError,
} from '../../verifik/index.js';
import { createTransport } from '../../verifik/transport.js';
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

const leftOf = (answer: E.Either<VerifikError, unknown>): VerifikError => {
  if (E.isRight(answer)) throw new Error('an error was expected');
  return answer.left;
};

const errorOf = async (config: Partial<VerifikClientConfig> = {}, signal?: AbortSignal) => {
  const answer = await clientWith(config).getAppRegistration(ID, signal === undefined ? {} : { signal })();
  return leftOf(answer);
};

describe('a deletion', () => {
  it('may have no answer, and an error page is no deletion', async () => {
    const remove = () => clientWith().deleteVendorRecord({ kind: 'person', id: ID })();
    server.answer((response) => response.writeHead(204).end());
    expect(E.isRight(await remove())).toBe(true);
    expect(server.received.at(-1)).toMatchObject({ method: 'DELETE', url: `/v2/face-recognition/persons/${ID}` });
    server.answer((response) => response.writeHead(200).end('<html>'));
    expect(leftOf(await remove())).toMatchObject({ type: 'UnexpectedVendorResponse', code: 'not_json' });
  });

  it('covers each record once, whether Verifik lists ids or objects', async () => {
    const failedDocumentValidations = ['d1', { _id: 'd2' }, { status: 'failed' }];
    const data = { _id: ID, status: 'X', documentValidation: { _id: 'd2' }, failedDocumentValidations, person: 'p' };
    server.answer(json({ data }));
    expect(await clientWith().getVendorRecords(ID)()).toMatchObject({
      right: [
        { kind: 'person', id: 'p' },
        { kind: 'document', id: 'd2' },
        { kind: 'document', id: 'd1' },
        { kind: 'registration', id: ID },
      ],
    });
  });
});

describe('a call', () => {
  it('a call sends the token, a request id and JSON on a kept-alive connection', async () => {
    const sockets = new Set<number | undefined>();
    server.answer((response, request) => {
      sockets.add(response.socket?.remotePort);
      json(request.method === 'POST' ? { data: { ...registration.data, token: 't' } } : registration)(response);
    });
    const client = clientWith();
    const request = { project: 'p', projectFlow: 'f', email: 'a@example.com', fullName: 'A B' };
    await client.createAppRegistration(request, { requestId: 'request-1' })();
    await client.getAppRegistration(ID)();
    const [create, read] = server.received.slice(-2);
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
    ['Wednesday, 21-Oct-26 07:28:09 GMT', 9_000],
    ['Wed Oct 21 07:28:09 2026', 9_000],
    ['soon', undefined],
    ['-5', undefined],
    ['1.5', undefined],
  ])('Retry-After: %s yields retryAfterMs %s', async (header, expected) => {
    server.answer(json({}, 429, { 'retry-after': header }));
    const error = await errorOf({ now: () => Date.parse('Wed, 21 Oct 2026 07:28:00 GMT') });
    expect(error).toMatchObject({ type: 'Transient', status: 429 });
    expect(error.type === 'Transient' && error.retryAfterMs).toBe(expected);
  });

  it('a call ends after its total timeout, also in the middle of a body', async () => {
    server.answer(() => undefined);
    expect(await errorOf({ totalTimeoutMs: 100 })).toMatchObject({
      type: 'Transient',
      code: 'timeout',
      effect: 'unknown',
    });
    server.answer((response) => void response.writeHead(200, { 'content-length': '100' }).write('{"da'));
    expect(await errorOf({ totalTimeoutMs: 100 })).toMatchObject({ type: 'Transient', code: 'timeout' });
  });

  it('a call ends when its caller cancels it', async () => {
    const cancel = new AbortController();
    server.answer(() => cancel.abort());
    expect(await errorOf({}, cancel.signal)).toMatchObject({ type: 'Cancelled' });
  });

  // node-fetch 3 destroys the body of a request that was cancelled before it, which nobody listens to: the process
  // ends.
  it('a call with a body that was cancelled before sends nothing', async () => {
    const requests = server.received.length;
    const uncaught = vi.fn();
    process.once('uncaughtException', uncaught);
    onTestFinished(() => void process.off('uncaughtException', uncaught));
    const transport = createTransport({ baseUrl: server.url });
    onTestFinished(transport.close);
    const call = {
      endpoint: 'createAppRegistration',
      requestId: 'request-1',
      method: 'POST',
      path: '/x',
      body: {},
      token: 't',
    } as const;
    expect(leftOf(await transport.send(call, AbortSignal.abort())())).toMatchObject({ type: 'Cancelled' });
    await new Promise(setImmediate);
    expect(uncaught).not.toHaveBeenCalled();
    expect(server.received.length).toBe(requests);
  });

  it('a reset or truncated response is transient, and a refused connection has no effect', async () => {
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

  it('a connection that is not established in time fails the call', async () => {
    // The port accepts connections but never completes the TLS handshake.
    const silent = createServer();
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const address = silent.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const error = await errorOf({
      baseUrl: `https://127.0.0.1:${port}`,
      connectTimeoutMs: 100,
      totalTimeoutMs: 10_000,
    });
    expect(error).toMatchObject({ type: 'Transient', code: 'ERR_CONNECT_TIMEOUT', effect: 'none' });
    silent.close();
  });

  it.each([
    ['HTML', (text: string) => `<html>${text}</html>`, 'not_json'],
    ['nothing', () => '', 'empty'],
    ['half of it', () => '{"data": {"_id"', 'not_json'],
  ])('a response of %s breaks the contract, and the error contains none of it', async (_what, body, code) => {
    server.answer((response) => void response.writeHead(200).end(body('secret.person@example.com')));
    const error = await errorOf();
    expect(error).toMatchObject({ type: 'UnexpectedVendorResponse', code, status: 200 });
    expect(JSON.stringify(error)).not.toContain('secret');
  });

  it('a response of the wrong shape breaks the contract, and the error names paths without values', async () => {
    server.answer(json({ data: { _id: 7, status: null, email: 'secret.person@example.com' } }));
    const error = await errorOf();
    expect(error).toMatchObject({
      type: 'UnexpectedVendorResponse',
      status: 200,
      paths: ['data._id (expected an id)', 'data.status (expected a text)'],
    });
    expect(JSON.stringify(error)).not.toContain('secret');
  });

  it('a call enforces the size limit and follows no redirect with the token', async () => {
    server.answer(json({ data: { _id: ID, status: 'STARTED', padding: 'x'.repeat(5_000) } }));
    expect(await errorOf({ maxResponseBytes: 1_000 })).toMatchObject({
      type: 'UnexpectedVendorResponse',
      code: 'body_over_1000_bytes',
    });
    const before = server.received.length;
    server.answer((response) => void response.writeHead(302, { location: `${server.url}/elsewhere` }).end());
    expect(await errorOf()).toMatchObject({ type: 'UnexpectedVendorResponse', code: 'redirect' });
    expect(server.received.length).toBe(before + 1);
  });

  it('an error response that is too large is classified by its status', async () => {
    server.answer(json({ padding: 'x'.repeat(5_000) }, 503, { 'retry-after': '2' }));
    expect(await errorOf({ maxResponseBytes: 1_000 })).toMatchObject({
      type: 'Transient',
      status: 503,
      retryAfterMs: 2_000,
    });
  });

  it('the size limit applies to the decompressed response', async () => {
    const packed = gzipSync(JSON.stringify({ data: { padding: 'x'.repeat(100_000) } }));
    expect(packed.length).toBeLessThan(1_000);
    server.answer((response) => void response.writeHead(200, { 'content-encoding': 'gzip' }).end(packed));
    expect(await errorOf({ maxResponseBytes: 1_000 })).toMatchObject({ code: 'body_over_1000_bytes' });
  });

  it('an error lists at most 20 mismatched paths', async () => {
    server.answer(json({ data: Array.from({ length: 1_000 }, () => 7) }));
    const listed = await clientWith().listAppRegistrations({ page: 1, limit: 100 })();
    if (E.isRight(listed) || listed.left.type !== 'UnexpectedVendorResponse')
      throw new Error('a broken contract was expected');
    expect(listed.left.paths).toHaveLength(21);
    expect(listed.left.paths.at(-1)).toBe('and 980 more');
    expect(listed.left.message.length).toBeLessThan(2_000);
  });

  it('a response cannot change prototypes', async () => {
    const body = `{"data":{"_id":"${ID}","status":"STARTED","__proto__":{"emailValidation":{"_id":"e","status":"validated"}}}}`;
    server.answer((response) => void response.writeHead(200).end(body));
    const read = await clientWith().getAppRegistration(ID)();
    expect(read).toEqual(E.right({ appRegistrationId: ID, status: 'inProgress', checks: {} }));
  });

  it('an invalid call is rejected before sending, and the error names the field', async () => {
    const before = server.received.length;
    const client = clientWith();
    const token = 'an-applicants-token';
    for (const id of ['', '..', '../me', 'a/b', 'a?b', 'x'.repeat(65)])
      for (const call of [
        client.getAppRegistration(id),
        client.syncAppRegistration(id, { token, step: 'end' }),
        client.resendLink(id, { sendEmail: false }),
      ]) {
        const { message, ...error } = leftOf(await call());
        expect(error).toMatchObject({ type: 'InvalidRequest', code: 'malformed_id' });
        expect(message).toMatch(/: appRegistrationId \(expected an id of 1 to 64 letters/);
      }
    for (const [call, code] of [
      [client.syncAppRegistration(ID, { token: 'two\nlines', step: 'end' }), 'malformed_token'],
      [client.syncAppRegistration(ID, { token: '', step: 'end' }), 'malformed_token'],
      [client.getAppRegistration(ID, { requestId: 'two\r\nlines' }), 'malformed_request_id'],
      [client.listAppRegistrations({ page: 0, limit: 10 }), 'malformed_page'],
      [client.listAppRegistrations({ page: 1, limit: 101 }), 'malformed_limit'],
    ] as const)
      expect(leftOf(await call())).toMatchObject({ type: 'InvalidRequest', code });
    expect(server.received.length).toBe(before);
  });

  it('a call and its error have the same request id', async () => {
    const [answered, unanswered] = [30_000, 2_000];
    for (const [how, totalTimeoutMs] of [
      [json({}, 500), answered],
      [json({ data: {} }), answered],
      [() => undefined, unanswered],
    ] as const) {
      server.answer(how);
      const { requestId } = await errorOf({ totalTimeoutMs });
      expect(server.received.at(-1)?.headers['x-request-id']).toBe(requestId);
    }
  });

  it('every call is reported with its result', async () => {
    const calls: VerifikCall[] = [];
    const client = clientWith({ onCall: (call) => void calls.push(call) });
    server.answer(json(registration));
    await client.getAppRegistration(ID)();
    server.answer(json({ message: 'appRegistration_not_found' }, 404));
    await client.getAppRegistration(ID)();
    server.answer(json({ data: {} }));
    await client.getAppRegistration(ID)();
    server.answer((response) => void response.socket?.resetAndDestroy());
    await client.getAppRegistration(ID)();
    expect(calls.map(({ endpoint, outcome, status }) => [endpoint, outcome, status])).toEqual([
      ['getAppRegistration', 'ok', 200],
      ['getAppRegistration', 'NotFound', 404],
      ['getAppRegistration', 'UnexpectedVendorResponse', 200],
      ['getAppRegistration', 'Transient', undefined],
    ]);
  });

  it('a call keeps its response when onCall throws', async () => {
    server.answer(json(registration));
    const onCall = () => {
      throw new Error('no such meter');
    };
    expect(E.isRight(await clientWith({ onCall }).getAppRegistration(ID)())).toBe(true);
  });
});

describe('the configuration', () => {
  it.each([
    ['baseUrl', { baseUrl: 'api.verifik.co' }],
    ['baseUrl', { baseUrl: 'ftp://api.verifik.co' }],
    ['baseUrl', { baseUrl: 'https://somebody:secret@api.verifik.co' }],
    ['connectTimeoutMs', { connectTimeoutMs: 0 }],
    ['totalTimeoutMs', { totalTimeoutMs: 2 ** 31 }],
    ['maxResponseBytes', { maxResponseBytes: Number.NaN }],
    ['userAgent', { userAgent: 'two\nlines' }],
  ])('a configuration with an invalid %s is rejected, naming the field and not its value: %j', (field, config) => {
    expect(() => clientWith(config)).toThrow(new RegExp(`^${field}: expected (?!.*secret)`));
  });

  it('the URL may end with a slash, and the user agent can be set', async () => {
    server.answer(json(registration));
    expect(
      E.isRight(await clientWith({ baseUrl: `${server.url}/`, userAgent: 'a-backend/1.0' }).getAppRegistration(ID)()),
    ).toBe(true);
    expect(server.received.at(-1)?.url).toMatch(/^\/v2\/app-registrations\//);
    expect(server.received.at(-1)?.headers['user-agent']).toBe('a-backend/1.0');
  });
});
