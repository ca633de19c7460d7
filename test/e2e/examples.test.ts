import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApplicant, inventPeople } from '../../tools/sandbox/index.js';
import { freePort } from '../../tools/servers/index.js';
import { type FrontServers, openFrontServers } from './front-servers.js';

const at = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));

let servers: FrontServers;
const ended: (() => Promise<void>)[] = [];

beforeAll(async () => {
  servers = await openFrontServers({ settings: { mandatory: ['email', 'document', 'biometric'] } });
});

afterAll(async () => {
  try {
    for (const end of ended) await end();
  } finally {
    await servers?.close();
  }
});

/** Starts an example, and returns its address when it listens. */
const run = async (command: string, args: readonly string[], env: Record<string, string>): Promise<string> => {
  const child = execa(command, args, { env, reject: false, stderr: 'inherit' });
  ended.push(async () => {
    child.kill('SIGTERM');
    const { exitCode } = await child;
    expect(exitCode).toBe(0);
  });
  return new Promise((resolve, reject) => {
    child.stdout.on('data', (chunk: Buffer) => {
      const [, url] = chunk.toString().match(/listening on (http:\/\/127\.0\.0\.1:\d+)/) ?? [];
      if (url !== undefined) resolve(url);
    });
    child.then(() => reject(new Error('the example exited before it listened')), reject);
  });
};

const onboardingAt = (backend: string, customer: string) => `${backend}/customers/${customer}/onboarding`;

/** Starts an onboarding at the backend, and passes all required checks on the applicant's device. */
const onboard = async (backend: string, seed: number): Promise<string> => {
  const [person] = inventPeople(seed, 1);
  if (person === undefined) throw new Error('expected one person');
  const { email, fullName } = person;
  const path = onboardingAt(backend, `customer-${seed}`);
  const started = await fetch(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email, fullName }),
  });
  const { token }: { token: string } = JSON.parse(await started.text());
  const applicant = createApplicant({ url: servers.sandbox.url, token });
  for (const check of ['email', 'document', 'biometric'] as const) await applicant.pass(check);
  return path;
};

const flow = () => ({ VERIFIK_PROJECT: servers.sandbox.project, VERIFIK_PROJECT_FLOW: servers.sandbox.projectFlow });

describe('the examples', () => {
  it('in TypeScript: the backend onboards a customer with the client', async () => {
    const backend = await run(process.execPath, [at('dist/examples/typescript/backend.js')], {
      ...flow(),
      PORT: String(await freePort()),
      TEMPORAL_ADDRESS: servers.address,
      ONBOARDING_CONTACT_KEY: 'a-key-for-the-tests',
      ONBOARDING_ENCRYPTION_KEYS_FILE: servers.keysFile,
    });
    const path = await onboard(backend, 61);
    await expect.poll(async () => (await fetch(path)).json()).toMatchObject({ outcome: 'verified', pending: [] });
    expect((await fetch(onboardingAt(backend, 'customer-unknown'))).status).toBe(404);
  });

  it('in Python: the backend onboards a customer over HTTP, and accepts only signed callbacks', async () => {
    // The example listens at the callback URL that the worker knows.
    await servers.service.close();
    const backend = await run('python3', [at('examples/python/backend.py')], {
      ...flow(),
      PORT: new URL(servers.service.url).port,
      GATEWAY_URL: servers.gateway().url,
      GATEWAY_API_KEY: servers.gateway().keys.shop,
      CALLBACK_SECRET: servers.service.secret,
    });
    const path = await onboard(backend, 62);
    await expect
      .poll(async () => (await fetch(path)).json())
      .toEqual({
        outcome: 'verified',
        events: [
          'onboarding.registered',
          'onboarding.check.passed',
          'onboarding.check.passed',
          'onboarding.check.passed',
          'onboarding.ended',
        ],
      });
    const forged = await fetch(`${backend}/callbacks`, {
      method: 'POST',
      headers: {
        'webhook-id': 'x',
        'webhook-timestamp': String(Math.floor(Date.now() / 1000)),
        'webhook-signature': 'v1,x',
      },
      body: '{"type": "onboarding.ended"}',
    });
    expect(forged.status).toBe(401);
  });
});
