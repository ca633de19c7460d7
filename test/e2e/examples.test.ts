import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { workflowIdOfReference } from '../../contract/workflow-id.js';
import type { applyForAccount } from '../../examples/workflow/workflows.js';
import { createApplicant, inventPeople, type Person } from '../../tools/sandbox/index.js';
import { freePort } from '../../tools/servers/index.js';
import { installPythonClient } from '../support/python-client.js';
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

/** Passes all required checks on the applicant's device. */
const passChecks = async (token: string): Promise<void> => {
  const applicant = createApplicant({ url: servers.sandbox.url, token });
  for (const check of ['email', 'document', 'biometric'] as const) await applicant.pass(check);
};

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
  await passChecks(token);
  return path;
};

const flowOf = ({ project, projectFlow }: FrontServers['sandbox']) => ({ project, projectFlow });

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

  it('in Python: a program onboards a customer with a client generated from the OpenAPI document', async () => {
    const gateway = servers.gateway();
    const program = at('examples/python/onboard.py');
    const python = await installPythonClient(`${gateway.url}/openapi.json`, program);
    const env = { ...flow(), GATEWAY_URL: gateway.url, GATEWAY_API_KEY: gateway.keys.shop };
    const [person] = inventPeople(66, 1);
    if (person === undefined) throw new Error('expected one person');

    const rejected = await execa(python, [program, 'customer-66', 'nobody', person.fullName], { env, reject: false });
    expect(rejected.stderr).toBe('invalidRequest: contact.email: expected an email address of at most 254 characters');
    expect(rejected.exitCode).toBe(1);

    const child = execa(python, [program, 'customer-66', person.email, person.fullName], { env });
    const lines: unknown[] = [];
    for await (const line of child) {
      const printed: { token?: string } = JSON.parse(line);
      lines.push(printed);
      if (printed.token !== undefined) await passChecks(printed.token);
    }
    expect(lines).toEqual([
      { id: 'customer-66', token: expect.any(String) },
      {
        outcome: 'verified',
        reason: 'allChecksPassed',
        checks: { email: 'passed', document: 'passed', biometric: 'passed' },
      },
    ]);
  });

  it('in Temporal: a workflow of your own has a customer onboarded, gives the last word, and acts on the outcome', async () => {
    const { temporal, client, sandbox } = servers;
    const child = execa(process.execPath, [at('dist/examples/workflow/worker.js')], {
      env: {
        TEMPORAL_ADDRESS: servers.address,
        VERIFIK_BASE_URL: sandbox.url,
        VERIFIK_CLIENT_TOKEN: sandbox.clientToken,
        ONBOARDING_CONTACT_KEY: 'a-key-for-the-tests',
        ONBOARDING_ENCRYPTION_KEYS_FILE: servers.keysFile,
      },
      reject: false,
      stdio: 'ignore',
    });
    ended.push(async () => {
      child.kill('SIGTERM');
      expect((await child).exitCode).toBe(0);
    });
    const apply = (customer: string, { email, fullName }: Person, workflowId = `application-${customer}`) =>
      temporal.workflow.start<typeof applyForAccount>('applyForAccount', {
        workflowId,
        taskQueue: 'accounts',
        args: [
          {
            customer,
            request: { ...flowOf(sandbox), contact: { email }, fullName, policy: { approval: 'required' } },
          },
        ],
      });
    const [one, other, wrong] = inventPeople(63, 3);
    if (one === undefined || other === undefined || wrong === undefined) throw new Error('expected three people');

    const application = await apply('customer-63', one);
    const onboarding = workflowIdOfReference('customer-63');
    await expect.poll(() => client.status(onboarding).catch(() => undefined)).toMatchObject({ phase: 'validating' });
    const twice = await apply('customer-63', one, 'application-of-a-running-customer');
    await expect(twice.result()).rejects.toMatchObject({ cause: { message: 'Workflow execution already started' } });
    await passChecks((await client.registration(onboarding)).token);
    await expect
      .poll(() => client.status(onboarding))
      .toMatchObject({ review: { reasons: ['approvalRequired'] }, awaiting: { from: 'reviewer' } });
    await client.decideReview(onboarding, { decision: 'approve', reviewer: 'core-banking' });
    expect(await application.result()).toEqual({ account: 'account-1' });

    const declined = await apply('customer-64', other);
    const withdrawn = workflowIdOfReference('customer-64');
    await expect
      .poll(() =>
        client.withdraw(withdrawn).then(
          () => true,
          () => false,
        ),
      )
      .toBe(true);
    expect(await declined.result()).toEqual({ declined: expect.stringContaining('withdrawn') });

    const invalid = await apply('customer-65', { ...wrong, email: 'nobody' });
    await expect(invalid.result()).rejects.toMatchObject({
      cause: { message: expect.stringContaining('contact.email') },
    });
  });
});
