import { mkdtempSync, writeFileSync } from 'node:fs';
import { request, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { describe, expect, it } from 'vitest';
import { CHANGES } from '../../../domain/changes.js';
import type { PlaygroundOptions, Sandbox } from '../../../tools/sandbox/index.js';
import { EVENTS } from '../../../tools/sandbox/playground/page/words.js';
import { openServer } from './http-server.js';
import { openSandbox } from './vendor.js';

const API_KEY = 'a-key-that-nobody-may-see';
const OPTIONS = {
  apiKey: API_KEY,
  workflowIdPrefix: 'onboarding-demo:',
  temporalUiUrl: 'http://127.0.0.1:8233',
  namespace: 'demo',
} as const;

const MAIN = fileURLToPath(new URL('../../../dist/tools/sandbox/main.js', import.meta.url));

const greet = (response: ServerResponse) =>
  response
    .writeHead(201, { 'content-type': 'application/json', location: '/v1/onboardings/c-1', 'x-secret': API_KEY })
    .end('{"id":"c-1"}');

const withGateway = async (
  answer: Parameters<typeof openServer>[0] = greet,
  change: Partial<PlaygroundOptions> = {},
) => {
  const gateway = await openServer(answer);
  const playground = { ...OPTIONS, gatewayUrl: gateway.url, ...change };
  return { gateway, sandbox: await openSandbox({ playground }) };
};

const JSON_TYPE = { 'content-type': 'application/json' };

/** Sends a request with any Host header, which `fetch` does not allow to set. */
const askAs = (sandbox: Sandbox, host: string, path: string): Promise<number | undefined> =>
  new Promise((resolve, reject) => {
    const call = request(`${sandbox.url}${path}`, { headers: { host } }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    call.on('error', reject).end();
  });

describe('the playground’s page', () => {
  it('the sandbox serves the page, its style, its icon and all imported scripts, with a policy against inline code', async () => {
    const sandbox = await openSandbox();
    const page = await fetch(sandbox.url);
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(page.headers.get('content-security-policy')).toMatch(/^default-src 'self'; (?!.*unsafe)/);
    expect(page.headers.get('x-content-type-options')).toBe('nosniff');
    expect(page.headers.get('referrer-policy')).toBe('no-referrer');
    const html = await page.text();
    expect(html).not.toMatch(/<style|<script(?! type="module" src=)| style=| on\w+=|https?:/);
    const pending = [...html.matchAll(/(?:src|href)="(\/playground\/[^"]+)"/g)].map(([, path = '']) => path);
    expect(pending).toEqual(['/playground/icon.svg', '/playground/style.css', '/playground/script/main.js']);
    const served = new Set<string>();
    for (let path = pending.pop(); path !== undefined; path = pending.pop()) {
      if (served.has(path)) continue;
      served.add(path);
      const file = await fetch(sandbox.url + path);
      expect([path, file.status]).toEqual([path, 200]);
      const imports = (await file.text()).matchAll(/from '\.\/([^']+)'/g);
      for (const [, name] of imports) pending.push(`/playground/script/${name}`);
    }
    expect(served.size).toBeGreaterThan(10);
  });

  it('/playground redirects to the page, and no other files are served', async () => {
    const sandbox = await openSandbox();
    const moved = await fetch(`${sandbox.url}/playground`, { redirect: 'manual' });
    expect([moved.status, moved.headers.get('location')]).toEqual([302, '/']);
    for (const path of ['../routes.js', '..%2froutes.js', 'none.js', 'main.js.map', '%2e%2e/guard.js'])
      expect((await fetch(`${sandbox.url}/playground/script/${path}`)).status).toBe(404);
  });

  it('the page has a sentence for every event of an onboarding', () => {
    expect(Object.keys(EVENTS).sort()).toEqual(Object.keys(CHANGES).sort());
  });

  it('the configuration contains the gateway but not its key, and different people each time', async () => {
    const gateway = await openServer(greet);
    const sandbox = await openSandbox();
    const config = async () => (await fetch(`${sandbox.url}/playground/config.json`)).text();
    const before: unknown = JSON.parse(await config());
    expect(before).toMatchObject({ gateway: false, project: sandbox.project, people: { length: 20 } });
    sandbox.connectPlayground({ ...OPTIONS, gatewayUrl: gateway.url });
    const text = await config();
    expect(JSON.parse(text)).toMatchObject({
      gateway: true,
      temporalUi: OPTIONS.temporalUiUrl,
      namespace: 'demo',
      workflowIdPrefix: 'onboarding-demo:',
      faultProfiles: { calm: [] },
    });
    expect(text).not.toContain(API_KEY);
    expect(text).not.toContain(gateway.url);
    expect(JSON.parse(await config())).not.toMatchObject(JSON.parse(text));
  });

  it.each([
    [{ gatewayUrl: 'nowhere' }, 'playground.gatewayUrl: expected an http or https URL'],
    [{ temporalUiUrl: 'javascript:alert(1)' }, 'playground.temporalUiUrl: expected an http or https URL'],
    [{ apiKey: 'two words' }, 'playground.apiKey: expected a key without spaces'],
  ])('connectPlayground rejects %j and names the field', async (change, said) => {
    const sandbox = await openSandbox();
    expect(() => sandbox.connectPlayground({ ...OPTIONS, gatewayUrl: 'http://127.0.0.1:1', ...change })).toThrow(said);
  });
});

describe('the playground of a standalone sandbox', () => {
  it('the playground uses the gateway and the key of the command line', async () => {
    const gateway = await openServer(greet);
    const keyFile = join(mkdtempSync(join(tmpdir(), 'playground-')), 'key');
    writeFileSync(keyFile, `${API_KEY}\n`);
    const running = execa('node', [MAIN, '--port', '0', '--gateway-url', gateway.url, '--gateway-key-file', keyFile]);
    let said = '';
    running.stdout.on('data', (text: Buffer) => {
      said += text.toString();
    });
    await expect.poll(() => said).toContain('Playground: ');
    const [, url = ''] = said.match(/Playground: (http\S+)\//) ?? [];
    await fetch(`${url}/playground/gateway/onboardings`);
    expect(gateway.arrived).toMatchObject([{ headers: { authorization: `Bearer ${API_KEY}` } }]);
    running.kill('SIGTERM');
    await running;
    expect(said).not.toContain(API_KEY);
  });

  it('the sandbox does not start with a gateway but no key', async () => {
    const { stderr, exitCode } = await execa('node', [MAIN, '--gateway-url', 'http://127.0.0.1:1'], { reject: false });
    expect(stderr).toContain('--gateway-url and --gateway-key-file: expected both or none');
    expect(exitCode).toBe(1);
  });
});

describe('the gateway proxy', () => {
  it('the proxy adds the key, does not return it, and forwards only allowed headers in both directions', async () => {
    const { gateway, sandbox } = await withGateway();
    const answer = await fetch(`${sandbox.url}/playground/gateway/onboardings?again=1`, {
      method: 'POST',
      headers: { ...JSON_TYPE, authorization: 'Bearer mine', cookie: 'a=b', 'idempotency-key': 'k-1' },
      body: '{"fullName":"The Applicant"}',
    });
    expect([answer.status, await answer.json()]).toEqual([201, { id: 'c-1' }]);
    expect(answer.headers.get('location')).toBe('/playground/gateway/onboardings/c-1');
    expect(gateway.arrived).toMatchObject([
      {
        call: 'POST /v1/onboardings?again=1',
        headers: { authorization: `Bearer ${API_KEY}`, 'idempotency-key': 'k-1', 'content-type': 'application/json' },
        body: '{"fullName":"The Applicant"}',
      },
    ]);
    expect(gateway.arrived[0]?.headers).not.toHaveProperty('cookie');
    expect(JSON.stringify([...answer.headers])).not.toContain(API_KEY);
  });

  it('the proxy reaches only the gateway’s API', async () => {
    const { gateway, sandbox } = await withGateway();
    for (const path of ['..%2fmetrics', '%2e%2e%2f%2e%2e/metrics', '..%5cmetrics', '/127.0.0.1:1/x'])
      await fetch(`${sandbox.url}/playground/gateway/${path}`);
    for (const { call } of gateway.arrived) expect(call).toMatch(/^GET \/v1\//);
  });

  it('the proxy streams events without delay, and disconnects from the gateway when the browser does', async () => {
    let gone = false;
    let more: () => void = () => undefined;
    const { gateway, sandbox } = await withGateway((response, asked) => {
      asked.socket.once('close', () => {
        gone = true;
      });
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write('id: 1\ndata: first\n\n');
      more = () => void response.write('id: 2\ndata: second\n\n');
    });
    const browser = new AbortController();
    const stream = await fetch(`${sandbox.url}/playground/gateway/onboardings/c-1/events/stream`, {
      headers: { accept: 'text/event-stream', 'last-event-id': '7' },
      signal: browser.signal,
    });
    expect(stream.headers.get('content-type')).toBe('text/event-stream');
    const reader = stream.body?.pipeThrough(new TextDecoderStream()).getReader();
    expect((await reader?.read())?.value).toContain('first');
    more();
    expect((await reader?.read())?.value).toContain('second');
    expect(gateway.arrived[0]?.headers['last-event-id']).toBe('7');
    browser.abort();
    await expect.poll(() => gone).toBe(true);
  });

  it('the proxy waits longer than the gateway waits for a worker', async () => {
    const { sandbox } = await withGateway((response) => {
      setTimeout(() => response.writeHead(504, { 'content-type': 'application/problem+json' }).end('{}'), 10_500);
    });
    const late = await fetch(`${sandbox.url}/playground/gateway/onboardings`, {
      method: 'POST',
      headers: JSON_TYPE,
      body: '{}',
    });
    expect([late.status, await late.json()]).toEqual([504, {}]);
  });

  it('the proxy forwards a 503 without retries, and reports a missing or unreachable gateway', async () => {
    const { gateway, sandbox } = await withGateway((response) => response.writeHead(503, { 'retry-after': '7' }).end());
    const busy = await fetch(`${sandbox.url}/playground/gateway/onboardings/c-1`);
    expect([busy.status, busy.headers.get('retry-after')]).toEqual([503, '7']);
    expect(gateway.arrived).toHaveLength(1);
    sandbox.connectPlayground({ ...OPTIONS, gatewayUrl: 'http://127.0.0.1:1' });
    const away = await fetch(`${sandbox.url}/playground/gateway/onboardings/c-1`);
    expect([away.status, await away.json()]).toMatchObject([502, { code: 'gatewayUnreachable' }]);
    const none = await fetch(`${(await openSandbox()).url}/playground/gateway/onboardings/c-1`);
    expect([none.status, await none.json()]).toMatchObject([503, { code: 'noGateway' }]);
  });
});

describe('pages of other sites', () => {
  it.each(['evil.example', 'evil.example:8080', '127.0.0.1.evil.example', 'localhost.evil.example', '10.0.0.1'])(
    'the playground and the controls refuse the host %s',
    async (host) => {
      const { gateway, sandbox } = await withGateway();
      for (const path of ['/', '/playground/config.json', '/playground/gateway/onboardings', '/_sandbox/outbox'])
        expect(await askAs(sandbox, host, path)).toBe(403);
      expect(gateway.arrived).toEqual([]);
    },
  );

  it.each(['127.0.0.1', 'localhost:8080', '[::1]:8080', 'LOCALHOST'])(
    'the host %s is accepted as loopback',
    async (host) => {
      expect(await askAs(await openSandbox(), host, '/')).toBe(200);
    },
  );

  it.each([
    ['the type of a form', { 'content-type': 'text/plain' }],
    ['a type that only mentions JSON', { 'content-type': 'text/plain; application/json' }],
    ['no type', {}],
    ['JSON from another site', { ...JSON_TYPE, 'sec-fetch-site': 'cross-site' }],
    ['the own header from another port', { 'x-playground': '1', 'sec-fetch-site': 'same-site' }],
  ])('a page of another site changes nothing with %s', async (_what, headers) => {
    const { gateway, sandbox } = await withGateway();
    const answer = await fetch(`${sandbox.url}/playground/gateway/onboardings`, { method: 'POST', headers });
    expect([answer.status, await answer.json()]).toMatchObject([403, { code: 'foreignRequest' }]);
    expect(gateway.arrived).toEqual([]);
  });

  it('a call without a body requires the header of the own page', async () => {
    const { gateway, sandbox } = await withGateway();
    const headers = { 'x-playground': '1', 'sec-fetch-site': 'same-origin' };
    await fetch(`${sandbox.url}/playground/gateway/onboardings/c-1`, { method: 'DELETE', headers });
    expect(gateway.arrived).toMatchObject([{ call: 'DELETE /v1/onboardings/c-1' }]);
  });
});
