import { once } from 'node:events';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { newKeysFile } from '../support/encryption-keys.js';
import { newKey } from './running.js';
import { openTemporal, type TemporalAlone } from './temporal.js';

const MAIN = fileURLToPath(new URL('../../dist/gateway/main.js', import.meta.url));

let alone: TemporalAlone;
const ending: (() => void)[] = [];

beforeAll(async () => {
  alone = await openTemporal();
});

afterEach(() => {
  for (const end of ending.splice(0)) end();
});

afterAll(() => alone?.close());

const start = (env: Record<string, string>) => {
  const gateway = execa('node', [MAIN], {
    env: {
      TEMPORAL_ADDRESS: alone.server.address,
      GATEWAY_ADDRESS: '127.0.0.1:0',
      GATEWAY_METRICS_ADDRESS: '127.0.0.1:0',
      ONBOARDING_CONTACT_KEY: 'a-key-for-the-tests',
      ONBOARDING_ENCRYPTION_KEYS_FILE: newKeysFile(),
      ...env,
    },
    reject: false,
  });
  ending.push(() => gateway.kill('SIGKILL'));
  return gateway;
};

const fileWith = (content: unknown): string => {
  const path = join(mkdtempSync(join(tmpdir(), 'gateway-')), 'file.json');
  writeFileSync(path, JSON.stringify(content));
  return path;
};

const ENTRY = newKey('shop').entry;

describe('the process of the gateway', () => {
  it.each([
    ['there are no API keys', {}, 'GATEWAY_KEYS_FILE'],
    ['the file of API keys is missing', { GATEWAY_KEYS_FILE: '/nowhere.json' }, 'The file of API keys'],
    ['the file of API keys is wrong', { GATEWAY_KEYS_FILE: fileWith([{ name: 'x', tenant: 'X' }]) }, '0.tenant'],
    [
      'an API key has no scope',
      { GATEWAY_KEYS_FILE: fileWith([{ ...ENTRY, scopes: [] }]) },
      '0.scopes: expected one or more',
    ],
    [
      'an API key is for no project',
      { GATEWAY_KEYS_FILE: fileWith([{ ...ENTRY, projects: [] }]) },
      '0.projects: expected one or more projects',
    ],
    [
      'the file of webhook secrets is wrong',
      { GATEWAY_KEYS_FILE: fileWith([ENTRY]), GATEWAY_WEBHOOK_SECRETS_FILE: fileWith({}) },
      'The file of webhook secrets',
    ],
    [
      'the encryption keys are missing',
      { GATEWAY_KEYS_FILE: fileWith([ENTRY]), ONBOARDING_ENCRYPTION_KEYS_FILE: '/nowhere.json' },
      'ONBOARDING_ENCRYPTION_KEYS_FILE',
    ],
  ])('does not start if %s, and says so', async (_what, env, words) => {
    const { exitCode, stderr } = await start(env);
    expect(stderr).toContain(words);
    expect(exitCode).toBe(78);
  });

  it.each(['SIGTERM', 'SIGINT'] as const)('completes requests in flight on %s, and stops', async (signal) => {
    const { key, entry } = newKey('shop');
    const gateway = start({ NODE_ENV: 'production', GATEWAY_KEYS_FILE: fileWith([entry]) });
    let said = '';
    gateway.stdout.on('data', (text: Buffer) => {
      said += text.toString();
    });
    await expect.poll(() => said).toContain('gateway started');
    const { url, metrics } = JSON.parse(said);
    expect((await fetch(`${url}/readyz`)).status).toBe(200);

    const asking = request(`${url}/v1/onboardings/x/re-registration`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    });
    const answered = once(asking, 'response');
    await new Promise((resolve) => asking.write('{', resolve));
    // A response on another connection shows that the gateway has received the headers.
    expect((await fetch(`${metrics}/metrics`)).status).toBe(200);
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    gateway.kill(signal);
    await expect.poll(() => said).toContain('gateway stopping');
    asking.end('}');
    const [response] = await answered;
    expect(response.resume().statusCode).toBe(404);
    expect(await gateway).toMatchObject({ exitCode: 0 });
    expect(said).toContain('gateway stopped');
  });
});
