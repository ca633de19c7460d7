import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { noPoliciesFile } from '../../activities/policies-file.js';
import { registrationCreation } from '../../activities/vendor/create-app-registration.js';
import type { CreateAppRegistrationInput, RegistrationOutcome } from '../../contract/activities.js';
import { type Fault, inventPeople, type Sandbox, startSandbox } from '../../tools/sandbox/index.js';
import { createVerifikClient, type VerifikClient } from '../../verifik/index.js';
import { onlyAccount } from '../support/activities.js';
import { IMMEDIATE } from '../support/immediate.js';

const CREATE = 'POST /v2/app-registrations';
const READ = 'GET /v2/project-flows/:id';

let sandbox: Sandbox;
let verifik: VerifikClient;
const people = inventPeople(18, 50).values();

beforeAll(async () => {
  sandbox = await startSandbox({ settings: IMMEDIATE });
  verifik = createVerifikClient({ baseUrl: sandbox.url, tokenSource: { read: async () => sandbox.clientToken } });
});

afterEach(async () => {
  await sandbox.control.faults([]);
  await sandbox.control.settings({ flow: {}, flowShape: 'v3' });
});

afterAll(async () => {
  verifik.close();
  await sandbox.close();
});

const inputFor = (change: Partial<CreateAppRegistrationInput> = {}): CreateAppRegistrationInput => {
  const person = people.next().value;
  if (person === undefined) throw new Error('no applicant is left');
  const { fullName, ...contact } = person;
  const { project, projectFlow } = sandbox;
  return { project, projectFlow, contact, fullName, why: 'start', ...change };
};

/** A worker's activity, with a cache of its own. */
const worker = () => {
  const create = registrationCreation(onlyAccount(verifik), noPoliciesFile);
  return (change?: Partial<CreateAppRegistrationInput>): Promise<RegistrationOutcome> =>
    new MockActivityEnvironment({}, { logger: new DefaultLogger('ERROR') }).run(() => create(inputFor(change)));
};

const callsDuring = async <A>(act: () => Promise<A>) => {
  const before = (await sandbox.control.ledger()).calls;
  const result = await act();
  const after = (await sandbox.control.ledger()).calls;
  const calls = (call: string) => (after[call] ?? 0) - (before[call] ?? 0);
  return { result, reads: calls(READ), creates: calls(CREATE) };
};

describe('a new registration', () => {
  it.each(['v3', 'v2', 'configuration'] as const)(
    'comes with the rules of its project flow of the shape %s',
    async (flowShape) => {
      const flow = { version: 4, phoneGateway: 'none', liveness: 'optional' } as const;
      await sandbox.control.settings({ flowShape, flow });
      expect(await worker()()).toMatchObject({
        type: 'Registered',
        flow: {
          version: 4,
          checks: { email: 'mandatory', phone: 'none', document: 'mandatory', biometric: 'optional' },
          attemptLimits: flowShape === 'configuration' ? {} : { document: 3, biometric: 3 },
        },
      });
    },
  );

  it('reads the flow once for all that start at the same time or within a minute', async () => {
    const create = worker();
    const { reads, creates } = await callsDuring(async () => {
      await Promise.all([create(), create(), create()]);
      await create();
    });
    expect([reads, creates]).toEqual([1, 4]);
  });

  it('reads no flow to replace a registration', async () => {
    const create = worker();
    const { result, reads } = await callsDuring(() => create({ why: 'requested' }));
    expect(reads).toBe(0);
    expect(result).not.toHaveProperty('flow');
  });

  const hidden: readonly Omit<Fault, 'match' | 'kind'>[] = [
    { status: 404, code: 'http_error', message: 'Cannot GET /v2/project-flows' },
    { status: 403, code: 'access_denied' },
  ];
  it.each(hidden)('has no flow if Verifik does not show it: %j', async (fault) => {
    await sandbox.control.faults([{ match: READ, kind: 'status', ...fault }]);
    const create = worker();
    const { result, reads } = await callsDuring(async () => [await create(), await create()]);
    expect(reads).toBe(1);
    for (const one of result) {
      expect(one.type).toBe('Registered');
      expect(one).not.toHaveProperty('flow');
    }
  });
});

describe('before anything is created, a start', () => {
  it.each([
    [
      { status: 'draft' },
      {},
      { type: 'Misconfigured', message: 'the project flow is draft at Verifik; activate it there' },
    ],
    [{ status: 'paused' }, {}, { type: 'Misconfigured' }],
    [{ target: 'business' }, {}, { type: 'Misconfigured' }],
    [
      { phoneGateway: 'none' },
      { required: ['email', 'phone'] },
      {
        type: 'InvalidRequest',
        message:
          'policy.required: expected only checks of the project flow (email, document, biometric), which does not have: phone',
        details: [expect.objectContaining({ field: 'policy.required' })],
      },
    ],
  ] as const)('with the flow %j and %j is refused', async (flow, change, failure) => {
    await sandbox.control.settings({ flow });
    const create = worker();
    const { result, creates } = await callsDuring(() => create(change).catch((error: unknown) => error));
    expect(result).toMatchObject({ ...failure, nonRetryable: true });
    expect(creates).toBe(0);
  });

  it('fails for a while if Verifik is down, and is refused no longer than the flow is paused', async () => {
    const create = worker();
    await sandbox.control.faults([{ match: READ, kind: 'status', status: 503, times: 1 }]);
    await expect(create()).rejects.toMatchObject({ type: 'Transient', nonRetryable: false });
    await sandbox.control.settings({ flow: { status: 'paused' } });
    await expect(create()).rejects.toMatchObject({ type: 'Misconfigured' });
    await sandbox.control.settings({ flow: {} });
    expect(await create()).toMatchObject({ type: 'Registered' });
  });

  it('is refused no longer than the flow lacks a required check, although the worker keeps the flow for a minute', async () => {
    await sandbox.control.settings({ flow: { phoneGateway: 'none' } });
    const create = worker();
    await create({ required: ['email'] });
    await sandbox.control.settings({ flow: {} });
    expect(await create({ required: ['email', 'phone'] })).toMatchObject({ type: 'Registered' });
  });

  it('is refused if Verifik does not know the flow', async () => {
    await expect(worker()({ projectFlow: '0'.repeat(24) })).rejects.toMatchObject({ type: 'Misconfigured' });
  });
});
