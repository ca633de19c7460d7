import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import * as E from 'fp-ts/lib/Either.js';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { send } from '../../activities/callbacks/send.js';
import { createVerifikClient } from '../../verifik/index.js';
import { proxyOf } from '../../verifik/proxy.js';
import { readConfig } from '../../worker/config.js';
import { fileWith } from '../cli/running.js';
import { CERTIFICATE, CERTIFICATE_KEY, type ConnectProxy, PROXY_PASSWORD, startConnectProxy } from './connect-proxy.js';
import { json, type ScriptedServer, startScriptedServer } from './scripted-server.js';

const ID = '65f0a1b2c3d4e5f601234567';
const ANSWER = { data: { _id: ID, status: 'STARTED' } };
const BUILT = fileURLToPath(new URL('../../dist/verifik/index.js', import.meta.url));
const AUTHORIZATION = `Basic ${Buffer.from(`worker:${PROXY_PASSWORD}`).toString('base64')}`;

let server: ScriptedServer;
let proxy: ConnectProxy;

beforeAll(async () => {
  server = await startScriptedServer();
  server.answer(json(ANSWER));
});

beforeEach(async () => {
  proxy = await startConnectProxy();
  vi.stubEnv('HTTP_PROXY', proxy.url);
  vi.stubEnv('HTTPS_PROXY', proxy.url);
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await proxy.close();
});

afterAll(() => server.close());

/** Returns the host and port under which only the proxy reaches a server. */
const nameOf = (url: string): string => `verifik.test:${new URL(url).port}`;

const read = async (baseUrl = `http://${nameOf(server.url)}`) => {
  const client = createVerifikClient({
    baseUrl,
    tokenSource: { read: async () => 'the-client-token' },
    connectTimeoutMs: 300,
  });
  onTestFinished(() => client.close());
  return client.getAppRegistration(ID)();
};

/** Reads a registration in a process of its own, which trusts the certificate, as Node reads its trust at the start. */
const readTrusting = async (baseUrl: string): Promise<unknown> => {
  const script = `
    const { createVerifikClient } = await import(${JSON.stringify(BUILT)});
    const tokenSource = { read: async () => 'the-client-token' };
    const client = createVerifikClient({ baseUrl: ${JSON.stringify(baseUrl)}, tokenSource });
    console.log(JSON.stringify(await client.getAppRegistration('${ID}')()));
    client.close();`;
  const env = { NODE_EXTRA_CA_CERTS: fileWith(CERTIFICATE) };
  const { stdout } = await execa(process.execPath, ['--input-type=module', '-e', script], { env });
  return JSON.parse(stdout);
};

const startTlsServer = async (): Promise<string> => {
  const secure = createServer({ cert: CERTIFICATE, key: CERTIFICATE_KEY }, (_request, response) =>
    json(ANSWER)(response),
  ).listen(0, '127.0.0.1');
  await once(secure, 'listening');
  onTestFinished(() => void secure.close());
  return `verifik.test:${(secure.address() as AddressInfo).port}`;
};

describe('a call to Verifik', () => {
  it('goes through the proxy of the environment with its credentials', async () => {
    expect(await read()).toMatchObject({ right: { appRegistrationId: ID } });
    expect(proxy.connects).toEqual([{ target: nameOf(server.url), authorization: AUTHORIZATION }]);
  });

  it('goes directly to the machine itself, and to the hosts of NO_PROXY', async () => {
    expect(await read(server.url)).toMatchObject({ right: { appRegistrationId: ID } });
    expect(proxy.connects).toEqual([]);
    const verifik = new URL('https://api.verifik.co');
    expect(proxyOf(verifik)).toMatchObject({ right: new URL(proxy.url) });
    vi.stubEnv('NO_PROXY', 'localhost,.verifik.co');
    expect(proxyOf(verifik)).toEqual(E.right(undefined));
  });

  it('is encrypted between the client and Verifik, whose certificate the client checks', async () => {
    const target = await startTlsServer();
    expect(await readTrusting(`https://${target}`)).toMatchObject({ right: { appRegistrationId: ID } });
    expect(proxy.connects).toEqual([{ target, authorization: AUTHORIZATION }]);
    expect(await read(`https://${target}`)).toMatchObject({
      left: { type: 'Transient', code: 'DEPTH_ZERO_SELF_SIGNED_CERT', effect: 'none' },
    });
  });

  it.each([
    [407, 'refuses it'],
    [502, 'cannot reach Verifik'],
    [0, 'does not answer'],
  ])('fails without an effect and without the password if the proxy (%i) %s', async (status, _why) => {
    proxy.status = status;
    const answer = await read();
    expect(answer).toMatchObject({ left: { type: 'Transient', code: 'ERR_PROXY_FAILED', effect: 'none' } });
    expect(JSON.stringify(answer)).not.toContain(PROXY_PASSWORD);
  });

  it.each(['nonsense', 'socks5://127.0.0.1:1080', `http://worker:${PROXY_PASSWORD}%@127.0.0.1:8080`])(
    'is not made with the wrong URL %s of a proxy, which the error does not repeat',
    async (url) => {
      vi.stubEnv('HTTP_PROXY', url.replace('nonsense', 'http://'));
      await expect(read()).rejects.toThrow(/^HTTP_PROXY or ALL_PROXY: expected the http or https URL of a proxy$/);
      const config = readConfig({ VERIFIK_CLIENT_TOKEN: 'the-client-token', VERIFIK_BASE_URL: 'http://verifik.test' });
      expect(config).toMatchObject({ left: [{ field: 'HTTP_PROXY or ALL_PROXY' }] });
    },
  );
});

it('a callback does not use the proxy, so that its address is still checked', async () => {
  const endpoint = { url: new URL('https://localhost:1/'), secrets: [], isAllowed: false, takesEvidence: false };
  const sent = await send(endpoint, { id: 'message', body: '{}' }, new AbortController().signal);
  expect(sent).toEqual({ kind: 'privateAddress' });
  expect(proxy.connects).toEqual([]);
});
