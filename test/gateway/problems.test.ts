import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CLIENT_ERRORS, OnboardingError, type OnboardingErrorType } from '../../client/index.js';
import { toProblem } from '../../gateway/error-mapping.js';
import { PROBLEMS, problemDetails } from '../../gateway/problems.js';
import { type RunningGateway, runGateway } from './running.js';
import { openTemporal, type TemporalAlone } from './temporal.js';

let alone: TemporalAlone;
let gateway: RunningGateway;

beforeAll(async () => {
  alone = await openTemporal();
  gateway = await runGateway({ temporal: alone.temporal });
});

afterAll(async () => {
  await gateway?.close();
  await alone?.close();
});

const SECRET = 'secret.person@example.com';

const GOOD = {
  project: 'p',
  projectFlow: 'f',
  contact: { email: 'applicant@example.com' },
  fullName: 'The Applicant',
};

const PHONE = { phone: '3001234567', countryCode: '+57' };

const START = 'POST /v1/onboardings';
const AGAIN = 'POST /v1/onboardings/x/re-registration';
const REVIEW = 'POST /v1/onboardings/x/review';

const LONG = 'x'.repeat(300);

describe('the gateway, for wrong requests,', () => {
  it.each([
    [START, null, ['body (root)']],
    [START, [], ['body (root)']],
    [START, '"text"', ['body (root)']],
    [START, {}, ['body project', 'body projectFlow', 'body contact', 'body fullName']],
    [START, { ...GOOD, project: SECRET }, ['body project']],
    [START, { ...GOOD, contact: { email: 'secret person' } }, ['body contact.email']],
    [START, { ...GOOD, contact: {} }, ['body contact']],
    [START, { ...GOOD, contact: { phone: '3001234567' } }, ['body contact.countryCode']],
    [START, { ...GOOD, contact: { countryCode: '+57' } }, ['body contact.phone']],
    [
      START,
      { ...GOOD, contact: { phone: '+573001234567', countryCode: '57' } },
      ['body contact.phone', 'body contact.countryCode'],
    ],
    [START, { ...GOOD, contact: { ...GOOD.contact, name: SECRET } }, ['body contact.name']],
    [START, { ...GOOD, fullName: '   ' }, ['body fullName']],
    [START, { ...GOOD, language: 'english' }, ['body language']],
    [START, { ...GOOD, reference: SECRET }, ['body reference']],
    [START, { ...GOOD, reference: LONG }, ['body reference']],
    [START, { ...GOOD, reference: '..' }, ['body reference']],
    [START, { ...GOOD, contact: PHONE, reference: '3001234567' }, ['body reference']],
    [START, { ...GOOD, restart: 'yes' }, ['body restart']],
    [START, { ...GOOD, fullName: 'A secret\u001b[31m' }, ['body fullName']],
    [START, { ...GOOD, tenant: 'other' }, ['body tenant']],
    [START, { ...GOOD, policy: { required: ['email', 'selfie'] } }, ['body policy.required.1']],
    [START, { ...GOOD, policy: { required: ['phone'] } }, ['body contact.phone']],
    [START, { ...GOOD, policy: { required: [] } }, ['body policy.required']],
    [START, { ...GOOD, policy: { reconcile: { firstMs: 60_000, maxMs: 30_000 } } }, ['body policy.reconcile.maxMs']],
    [START, { ...GOOD, policy: { deadlineMs: 1 } }, ['body policy.deadlineMs']],
    [AGAIN, undefined, ['body (root)']],
    [AGAIN, { contact: { phone: '3001234567' } }, ['body contact.countryCode']],
    [AGAIN, { reason: '' }, ['body reason']],
    [REVIEW, {}, ['body decision', 'body reviewer']],
    [REVIEW, { decision: 'approve', reviewer: 'r\n# r', note: '\u202e' }, ['body reviewer', 'body note']],
    [REVIEW, { decision: 'maybe', reviewer: 'reviewer-7', check: 'selfie' }, ['body decision', 'body check']],
    [`${REVIEW}/again`, { reviewer: 'reviewer-7', checks: ['email'] }, ['body checks', 'body reason']],
    [`${REVIEW}/claim`, { forMs: 1 }, ['body reviewer', 'body forMs']],
    [`${REVIEW}/claim`, { reviewer: 'jane.doe@bank.example' }, ['body reviewer']],
    [`${REVIEW}/release`, { reviewer: 'reviewer-7', until: 1 }, ['body until']],
    ['GET /v1/reviews?reason=secret&limit=x&overdue=1', undefined, ['query reason', 'query overdue', 'query limit']],
    ['GET /v1/reviews?claimedBy=reviewer-7&unclaimed=true', undefined, ['query unclaimed']],
    ['GET /v1/funnel?from=2&to=2', undefined, ['query to']],
    ['GET /v1/funnel?from=yesterday&outcome=verified', undefined, ['query from', 'query outcome']],
    ['GET /v1/reviews?cursor=x', undefined, ['query cursor']],
    ['GET /v1/onboardings?limit=0&pending=selfie&page=2', undefined, ['query pending', 'query limit', 'query page']],
    ['GET /v1/onboardings?limit=1&limit=2', undefined, ['query limit']],
    ['GET /v1/onboardings?cursor=x', undefined, ['query cursor']],
    // As long as a valid cursor in characters, but not in bytes.
    [`GET /v1/onboardings?cursor=${encodeURIComponent('é'.repeat(43))}`, undefined, ['query cursor']],
    ['GET /v1/onboardings/x/events?after=-1', undefined, ['query after']],
    ['GET /v1/onboardings/secret%20person', undefined, ['path id']],
    ['GET /v1/onboardings/%2e%2e%2fx', undefined, ['path id']],
    ['POST /v1/onboardings/x/events/first/replay', undefined, ['path sequence']],
  ])('names the wrong field of %s with %j', async (call, body, named) => {
    const answer = await gateway.ask(call, { ...(body === undefined ? {} : { body: body === null ? 'null' : body }) });
    expect([answer.status, answer.headers.get('content-type')]).toEqual([422, 'application/problem+json']);
    expect(answer.body).toMatchObject({ code: 'invalidRequest', status: 422 });
    const { errors = [], detail }: { errors?: readonly { in: string; field: string }[]; detail?: string } = Object(
      answer.body,
    );
    expect(errors.map((error) => `${error.in} ${error.field}`)).toEqual(named);
    for (const { field } of errors) expect(detail).toContain(`${field}: expected `);
    for (const secret of ['secret', 'x'.repeat(50)]) expect(answer.text).not.toContain(secret);
    expect(JSON.stringify(gateway.log())).not.toContain('secret');
  });

  it.each([
    [START, 'idempotency-key', ' '],
    [START, 'idempotency-key', LONG],
    [AGAIN, 'idempotency-key', 'secret person'],
    ['GET /v1/onboardings/x/events/stream', 'last-event-id', 'secret'],
  ])('names the wrong header of %s with %s: %s', async (call, name, value) => {
    const body = call.startsWith('GET') ? {} : { body: call === START ? GOOD : {} };
    const answer = await gateway.ask(call, { ...body, headers: { [name]: value } });
    expect([answer.status, answer.body]).toMatchObject([422, { errors: [{ field: name, in: 'header' }] }]);
  });

  it('reports the first 20 of many errors', async () => {
    const answer = await gateway.ask(START, { body: { ...GOOD, policy: { required: Array(5_000).fill('selfie') } } });
    expect(Object(answer.body).errors).toHaveLength(20);
  });

  it.each([
    ['{', 400, 'malformed'],
    [`{"fullName": "${SECRET}`, 400, 'malformed'],
    ['{"__proto__": {"project": "p"}}', 400, 'malformed'],
    ['{"constructor": {"prototype": {}}}', 400, 'malformed'],
    [`{"contact":${'['.repeat(30_000)}${']'.repeat(30_000)}}`, 422, 'invalidRequest'],
    ['x'.repeat(70_000), 413, 'tooLarge'],
  ])('rejects a body that is not JSON or too large: %.40s', async (body, status, code) => {
    const answer = await gateway.ask(START, { body });
    expect([answer.status, answer.body]).toMatchObject([status, { code }]);
    if (code === 'malformed') expect(answer.body).toMatchObject({ errors: [{ in: 'body', expected: 'JSON' }] });
    expect(answer.text).not.toContain(SECRET);
  });

  it('accepts only JSON that is not compressed', async () => {
    const compressed = await gateway.ask(AGAIN, { body: GOOD, headers: { 'content-encoding': 'gzip' } });
    expect([compressed.status, compressed.body]).toMatchObject([415, { code: 'unsupportedMediaType' }]);
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'application/jsonx', 'multipart/form-data'])
      for (const call of [START, AGAIN, 'POST /v1/onboardings/x/token']) {
        const answer = await gateway.ask(call, { body: GOOD, headers: { 'content-type': type } });
        expect([answer.status, answer.body]).toMatchObject([415, { code: 'unsupportedMediaType' }]);
      }
    const charset = { 'content-type': 'application/json; charset=utf-8' };
    expect((await gateway.ask(AGAIN, { body: {}, headers: charset })).status).toBe(404);
  });

  it.each([
    ['latin1', Buffer.from(JSON.stringify({ reason: 'ñandú' }), 'latin1')],
    ['a character that is cut off', Buffer.from(JSON.stringify({ reason: 'ñ' })).subarray(0, 12)],
    ['UTF-16', Buffer.from(`\ufeff${JSON.stringify({ reason: 'x' })}`, 'utf16le')],
  ])('rejects a body that is not UTF-8: %s', async (_what, body) => {
    const answer = await gateway.ask(AGAIN, { body: new Uint8Array(body) });
    const errors = [{ field: '(root)', in: 'body', expected: 'UTF-8' }];
    expect([answer.status, answer.body]).toMatchObject([400, { code: 'malformed', errors }]);
  });

  it('reads a body in UTF-8 with a byte order mark, and rejects other character sets by their name', async () => {
    const body = new TextEncoder().encode(`\ufeff${JSON.stringify({ reason: 'ñandú' })}`);
    const statusOf = async (type: string) => {
      const headers = { 'content-type': `application/json${type}` };
      return (await gateway.ask(AGAIN, { body, headers })).status;
    };
    for (const type of ['', ';charset=UTF-8', '; charset="utf8"'])
      expect([type, await statusOf(type)]).toEqual([type, 404]);
    for (const type of ['; charset=iso-8859-1', ';x=y; charset="UTF-16"'])
      expect([type, await statusOf(type)]).toEqual([type, 415]);
  });

  it.each([
    ['GET /v1/onboardings?project=%FF', 'query'],
    ['GET /v1/onboardings?project=%C3', 'query'],
    ['GET /v1/onboardings?project=%zz', 'query'],
    ['GET /v1/onboardings/%C3%28', 'path'],
  ])('rejects a URL that is not percent-encoded UTF-8: %s', async (call, place) => {
    const answer = await gateway.ask(call);
    expect([answer.status, answer.body]).toMatchObject([400, { code: 'malformed', errors: [{ in: place }] }]);
  });

  it('rejects half of a character, which cannot be stored', async () => {
    for (const [call, field, body] of [
      [START, 'fullName', `{"project":"p","projectFlow":"f","contact":{"email":"a@b.cc"},"fullName":"A \\ud83d"}`],
      [START, 'contact.email', `{"project":"p","projectFlow":"f","contact":{"email":"\\ud83d@b.cc"},"fullName":"A"}`],
    ] as const)
      expect((await gateway.ask(call, { body })).body).toMatchObject({ code: 'invalidRequest', errors: [{ field }] });
  });

  it('accepts an empty body with the content type of JSON', async () => {
    const headers = { 'content-type': 'application/json' };
    expect((await gateway.ask('POST /v1/onboardings/x/token', { headers })).status).toBe(404);
  });

  it('answers 404 at other paths, and lists the methods of a path', async () => {
    for (const path of ['/', '/v1', '/v2/onboardings', '/v1/onboardings/x/y', `/${LONG}`])
      expect([path, (await gateway.ask(`GET ${path}`)).body]).toMatchObject([path, { code: 'notFound' }]);
    for (const [call, allow] of [
      ['PUT /v1/onboardings', 'POST, GET'],
      ['HEAD /v1/onboardings/x', 'GET, DELETE'],
      ['PATCH /v1/onboardings/x', 'GET, DELETE'],
      ['GET /v1/onboardings/x/token', 'POST'],
    ] as const) {
      const answer = await gateway.ask(call);
      expect([call, answer.status, answer.headers.get('allow')]).toEqual([call, 405, allow]);
    }
  });

  it.each([
    ['a malformed URL', `GET /%zz${SECRET} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`, 'malformed'],
    ['data that is not HTTP', `${SECRET}\r\n\r\n`, 'malformed'],
    ['an unknown HTTP version', `GET /?${SECRET} HTTP/9.9\r\n\r\n`, 'malformed'],
    ['HTTP/2', `PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n${SECRET}`, 'malformed'],
    ['an unknown method', `TELEPORT /?${SECRET} HTTP/1.1\r\nHost: x\r\n\r\n`, 'malformed'],
    ['a proxy request', `CONNECT ${SECRET}:443 HTTP/1.1\r\nHost: x\r\n\r\n`, 'malformed'],
    ['a request without a host', `GET /?${SECRET} HTTP/1.1\r\n\r\n`, 'malformed'],
    [
      'two content lengths',
      `POST /?${SECRET} HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}`,
      'malformed',
    ],
    [
      'a content length with chunked encoding',
      `POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
      'malformed',
    ],
    [
      'an unmet expectation',
      `POST /?${SECRET} HTTP/1.1\r\nHost: x\r\nExpect: ${SECRET}\r\nContent-Length: 2\r\n\r\n{}`,
      'expectation',
    ],
    ['too large headers', `GET / HTTP/1.1\r\nHost: x\r\nX: ${SECRET.repeat(1_000)}\r\n\r\n`, 'headersTooLarge'],
  ] as const)('rejects %s with problem details that repeat nothing of it', async (_what, words, code) => {
    const { port, hostname } = new URL(gateway.url);
    const socket = connect(Number(port), hostname);
    socket.write(words);
    const answer = await text(socket);
    const [head = '', body = ''] = answer.split('\r\n\r\n');
    const { status, title, requestId, ...details } = JSON.parse(body);
    expect(details).toMatchObject({ type: `urn:verifik-onboarding:problem:${code}`, code });
    expect(head).toMatch(new RegExp(`^HTTP/1\\.1 ${PROBLEMS[code].status} ${title}`));
    for (const line of [
      'content-type: application/problem+json',
      'connection: close',
      'cache-control: no-store',
      `x-request-id: ${requestId}`,
    ])
      expect(head.toLowerCase().split('\r\n')).toContain(line);
    expect(gateway.log()).toContainEqual(expect.objectContaining({ requestId, status, problem: code, level: 'warn' }));
    expect(answer + JSON.stringify(gateway.log())).not.toContain(SECRET);
  });

  it('supports `Expect: 100-continue`, and ignores `Upgrade`', async () => {
    const { port, hostname } = new URL(gateway.url);
    for (const header of ['Connection: close\r\nExpect: 100-continue', 'Connection: close, Upgrade\r\nUpgrade: h2c']) {
      const socket = connect(Number(port), hostname);
      const head = `POST /v1/onboardings/x/token HTTP/1.1\r\nHost: x\r\n${header}\r\nAuthorization: Bearer ${gateway.key}`;
      socket.write(`${head}\r\nContent-Type: application/json\r\nContent-Length: 0\r\n\r\n`);
      expect(await text(socket)).toContain('"code":"notFound"');
    }
  });

  it('adds a request id to every response: the one of the request if it is well-formed', async () => {
    const idOf = async (given: string) =>
      (await gateway.ask('GET /v1/onboardings/x', { headers: { 'x-request-id': given } })).headers.get('x-request-id');
    expect(await idOf('request-17')).toBe('request-17');
    expect(await idOf(SECRET)).toMatch(/^[0-9a-f-]{36}$/);
    const { headers, body } = await gateway.ask('GET /v1/onboardings/x');
    expect(Object(body).requestId).toBe(headers.get('x-request-id'));
    expect([headers.get('cache-control'), headers.get('x-content-type-options')]).toEqual(['no-store', 'nosniff']);
  });
});

describe('problems', () => {
  it('exist for every error of the client, and do not repeat its message', () => {
    const isType = (type: string): type is OnboardingErrorType => type in CLIENT_ERRORS;
    for (const type of Object.keys(CLIENT_ERRORS).filter(isType)) {
      const problem = toProblem(new OnboardingError(type, SECRET));
      const details = problemDetails(problem, 'id');
      expect(JSON.stringify(details)).not.toContain(SECRET);
      expect(details.status).toBe(PROBLEMS[details.code].status);
      if (details.status === 503 || details.status === 504) expect(problem.options.retryAfterS).toBeGreaterThan(0);
    }
  });
});
