import { rmSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SCOPES } from '../../gateway/auth/api-keys.js';
import { newKey, type RunningGateway, type RunOptions, runGateway } from './running.js';
import { openTemporal, type TemporalAlone } from './temporal.js';

let alone: TemporalAlone;
const opened: RunningGateway[] = [];

beforeAll(async () => {
  alone = await openTemporal();
});

afterAll(async () => {
  for (const gateway of opened) await gateway.close();
  await alone?.close();
});

const run = async (change: Partial<RunOptions> = {}) => {
  const gateway = await runGateway({ temporal: alone.temporal, ...change });
  opened.push(gateway);
  return gateway;
};

/** Every call with its scope. */
const CALLS = {
  'POST /v1/onboardings': 'start',
  'GET /v1/onboardings': 'read',
  'GET /v1/onboardings/x': 'read',
  'GET /v1/onboardings/x/applicant': 'personal-data',
  'GET /v1/onboardings/x/evidence': 'evidence',
  'GET /v1/onboardings/x/result': 'read',
  'POST /v1/onboardings/x/token': 'start',
  'POST /v1/onboardings/x/re-registration': 'start',
  'POST /v1/onboardings/x/review': 'review',
  'POST /v1/onboardings/x/review/again': 'review',
  'POST /v1/onboardings/x/review/claim': 'review',
  'POST /v1/onboardings/x/review/release': 'review',
  'GET /v1/funnel': 'read',
  'GET /v1/reviews': 'review',
  'POST /v1/onboardings/x/withdrawal': 'start',
  'DELETE /v1/onboardings/x': 'erase',
  'GET /v1/onboardings/x/events': 'read',
  'GET /v1/onboardings/x/events/stream': 'read',
  'POST /v1/onboardings/x/events/1/replay': 'start',
} as const;

const withoutId = ({ status, text }: { readonly status: number; readonly text: string }) =>
  `${status} ${text.replace(/"requestId":"[^"]*"/, '')}`;

const inMs = (ms: number) => new Date(Date.now() + ms).toISOString();

describe('the gateway', () => {
  it('rejects requests without a valid key, and does not say what is wrong with it', async () => {
    const gateway = await run();
    const expired = gateway.addKey('expired', { expiresAt: inMs(-1) });
    const keys = ['wrong', `${gateway.key}x`, gateway.key.slice(0, -1), gateway.key.toUpperCase(), expired];
    const schemes = [`Basic ${gateway.key}`, gateway.key, 'Bearer', `Bearer ${gateway.key} ${gateway.key}`];
    const answers = [];
    for (const call of [...Object.keys(CALLS), 'GET /', 'GET /nothing', 'PUT /v1/onboardings', 'GET /metrics']) {
      answers.push(await gateway.ask(call, { key: '' }));
      answers.push(await gateway.ask(call, { key: expired }));
    }
    for (const key of keys) answers.push(await gateway.ask('GET /v1/onboardings', { key }));
    for (const authorization of schemes)
      answers.push(await gateway.ask('GET /v1/onboardings', { key: '', headers: { authorization } }));
    expect(new Set(answers.map(withoutId)).size).toBe(1);
    for (const { status, headers } of answers) {
      expect(status).toBe(401);
      expect(headers.get('www-authenticate')).toBe('Bearer realm="gateway"');
    }
    expect(gateway.log()).toHaveLength(answers.length);
    for (const entry of gateway.log()) expect(entry).toMatchObject({ level: 'warn', problem: 'unauthenticated' });
  });

  it('requires the scope of each call before it reads the body', async () => {
    const gateway = await run();
    for (const [call, scope] of Object.entries(CALLS)) {
      const others = Object.keys(SCOPES).filter((one) => one !== scope);
      const key = gateway.addKey(`without-${scope}`, { scopes: others });
      const body = call.startsWith('GET') ? {} : { body: 'x'.repeat(1_000_000) };
      const answer = await gateway.ask(call, { key, ...body });
      expect([call, answer.status, answer.body]).toMatchObject([call, 403, { code: 'scope' }]);
      if ('body' in body) expect((await gateway.ask(call, { key: '', ...body })).status).toBe(401);
    }
  });

  it('has no evidence without keys that sign it, and says which setting has them', async () => {
    const gateway = await run();
    const { status, body } = await gateway.ask('GET /v1/onboardings/x/evidence');
    const detail = expect.stringContaining('ONBOARDING_EVIDENCE_KEYS_FILE');
    expect([status, body]).toMatchObject([501, { code: 'noEvidenceKeys', detail }]);
  });

  it('follows changes of the API keys file without a restart', async () => {
    const gateway = await run();
    const [next, narrow] = [newKey('next'), newKey('narrow', { scopes: ['start'] })];
    const statuses = async () => [
      (await gateway.ask('GET /v1/onboardings')).status,
      (await gateway.ask('GET /v1/onboardings', { key: next.key })).status,
      (await gateway.ask('GET /v1/onboardings', { key: narrow.key })).status,
    ];
    expect(await statuses()).toEqual([200, 401, 401]);
    gateway.writeKeys(next.entry, narrow.entry);
    expect(await statuses()).toEqual([401, 200, 403]);
    gateway.writeKeys({ ...next.entry, scopes: ['erase'] }, { ...narrow.entry, scopes: ['read'] });
    expect(await statuses()).toEqual([401, 403, 200]);
  });

  it('accepts a key until it expires', async () => {
    const gateway = await run();
    const key = gateway.addKey('short', { expiresAt: inMs(10_000) });
    const status = async () => (await gateway.ask('GET /v1/onboardings', { key })).status;
    expect(await status()).toBe(200);
    await expect.poll(status).toBe(401);
  });

  it.each([
    ['no JSON', (path: string) => writeFileSync(path, '[')],
    ['no list', (path: string) => writeFileSync(path, '{}')],
    ['wrong in one entry', (path: string) => writeFileSync(path, JSON.stringify([newKey('a').entry, { name: 'b' }]))],
    ['notFound', (path: string) => rmSync(path)],
  ])(
    'rejects all keys of a file that is %s, logs the reason, and reads the file again once it is fixed',
    async (_how, spoil) => {
      const gateway = await run();
      expect((await gateway.ask('GET /v1/onboardings')).status).toBe(200);
      spoil(gateway.keysFile);
      expect((await gateway.ask('GET /v1/onboardings')).status).toBe(401);
      expect(gateway.log()).toContainEqual(
        expect.objectContaining({ level: 'error', problem: expect.stringContaining('The file of API keys') }),
      );
      const { key, entry } = newKey('c');
      gateway.writeKeys(entry);
      expect((await gateway.ask('GET /v1/onboardings', { key })).status).toBe(200);
    },
  );

  it.each([
    [{ tenant: 'Shop' }, '0.tenant'],
    [{ tenant: 'a:b' }, '0.tenant'],
    [{ scopes: ['everything'] }, '0.scopes.0'],
    [{ expiresAt: 'tomorrow' }, '0.expiresAt'],
    [{ expiresAt: '2027-02-31' }, '0.expiresAt'],
    [{ requestsPerMinute: 0 }, '0.requestsPerMinute'],
    [{ callbacks: 'https://example.com' }, '0.callbacks'],
    [{ scope: ['read'] }, '0.scope'],
  ])('names the wrong field of an entry with %j', async (fields, named) => {
    const gateway = await run();
    gateway.writeKeys(newKey('a', fields).entry);
    expect((await gateway.ask('GET /v1/onboardings')).status).toBe(401);
    const entry = gateway.log().find(({ level }) => level === 'error');
    expect(entry?.['problem']).toContain(`${named}: expected`);
  });

  it('limits the rate of unauthenticated clients of an address, and still accepts valid keys from it', async () => {
    const gateway = await run({ unauthenticatedPerMinute: 3 });
    const statuses = [];
    for (let asked = 0; asked < 5; asked++)
      statuses.push((await gateway.ask('GET /v1/onboardings', { key: 'x' })).status);
    expect(statuses).toEqual([401, 401, 401, 429, 429]);
    expect((await gateway.ask('GET /v1/onboardings')).status).toBe(200);
  });

  it('serves the OpenAPI document and the health checks without a key, and their headers for HEAD', async () => {
    const gateway = await run();
    for (const path of ['/openapi.json', '/docs', '/docs/', '/healthz', '/readyz', '//healthz/']) {
      const [get, head] = [
        await gateway.ask(`GET ${path}`, { key: '' }),
        await gateway.ask(`HEAD ${path}`, { key: '' }),
      ];
      expect([path, get.status, head.status, head.text]).toEqual([path, 200, 200, '']);
      for (const name of ['content-type', 'content-length', 'cache-control'])
        expect([path, name, head.headers.get(name)]).toEqual([path, name, get.headers.get(name)]);
    }
  });

  it('accepts webhooks and calls at addresses that end with a slash', async () => {
    const gateway = await run({
      webhooks: {
        secrets: { nameOf: async (secret) => (secret === 'of-verifik' ? 'verifik' : undefined) },
        reports: { deliver: async () => 'delivered' },
        contactKeys: () => [],
      },
    });
    const body = { type: 'onboarding_app_registration_created' };
    for (const path of ['/webhooks/verifik/of-verifik/', '//webhooks/verifik/of-verifik'])
      expect([path, (await gateway.ask(`POST ${path}`, { key: '', body })).status]).toEqual([path, 200]);
    const headers = { 'x-webhook-secret': 'of-verifik' };
    expect((await gateway.ask('POST /webhooks/verifik/', { key: '', headers, body })).status).toBe(200);
    expect((await gateway.ask('GET //v1/onboardings/x/')).status).toBe(404);
  });
});
