import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OnboardingRequestInput } from '../../client/index.js';
import { CHECK_NAMES } from '../../domain/checks.js';
import { type OnboardingWorld, openWorld } from '../support/onboarding-world.js';

let world: OnboardingWorld;

beforeAll(async () => {
  world = await openWorld();
});

afterAll(() => world.close());

type Settings = Parameters<OnboardingWorld['sandbox']['control']['settings']>[0];

/** Changes the flow at Verifik. Each flow has an id of its own, because workers keep flows for a minute. */
const useFlow = async (settings: Settings): Promise<Pick<OnboardingRequestInput, 'projectFlow'>> => {
  const projectFlow = randomUUID();
  await world.sandbox.control.settings({
    flow: {},
    flowShape: 'v3',
    projectFlows: { [projectFlow]: world.sandbox.project },
    ...settings,
  });
  return { projectFlow };
};

describe('an onboarding without checks of its own', () => {
  it.each(['v3', 'v2', 'configuration'] as const)(
    'is verified by the mandatory checks of its project flow (%s), and the decision has the policy',
    async (flowShape) => {
      const flow = { phoneGateway: 'none', liveness: 'optional', version: 3, documentAttempts: 5 } as const;
      const change = await useFlow({ flowShape, flow });
      const one = await world.begin(change);
      const limit = flowShape === 'configuration' ? 3 : 5;
      expect(await world.client.status(one.workflowId)).toMatchObject({
        pending: ['email', 'document'],
        checks: {
          phone: { status: 'notRequired' },
          document: { status: 'pending', attempts: { failed: 0, limit } },
          biometric: { status: 'notRequired' },
        },
      });
      await world.doAndReport(one, 'email', 'document');
      expect(await world.client.result(one.workflowId)).toMatchObject({
        outcome: 'verified',
        flowVersion: 3,
        policy: { required: ['email', 'document'], attemptLimits: { document: limit }, closing: 'api' },
      });
    },
  );

  it('is verified by the optional checks if none is mandatory', async () => {
    const flow = { emailGateway: 'none', phoneGateway: 'none', document: 'skip', liveness: 'optional' } as const;
    const { workflowId } = await world.begin(await useFlow({ flow }));
    expect(await world.client.status(workflowId)).toMatchObject({ pending: ['biometric'] });
  });

  it('requires every check that the contact allows if Verifik does not show the flow', async () => {
    const change = await useFlow({ flow: { phoneGateway: 'none' } });
    await world.sandbox.control.faults([
      { match: 'GET /v2/project-flows/:id', kind: 'status', status: 403, code: 'access_denied' },
    ]);
    const { workflowId } = await world.begin(change);
    await world.sandbox.control.faults([]);
    expect(await world.client.status(workflowId)).toMatchObject({ pending: CHECK_NAMES });
  });

  it('accepts a new contact without the phone that the flow does not verify', async () => {
    const one = await world.begin(await useFlow({ flow: { phoneGateway: 'none' } }));
    const { email } = world.somebody();
    const { generation } = await world.client.reRegister(one.workflowId, { contact: { email } });
    expect(generation).toBe(2);
  });
});

describe('an onboarding whose request names checks and limits', () => {
  it('has these, and not those of the flow', async () => {
    const flow = { document: 'optional', documentAttempts: 5, livenessAttempts: 4 } as const;
    const change = await useFlow({ flow });
    const policy: NonNullable<OnboardingRequestInput['policy']> = {
      required: ['document', 'biometric'],
      attemptLimits: { document: 1 },
    };
    const { workflowId } = await world.begin({ ...change, policy });
    expect(await world.client.status(workflowId)).toMatchObject({
      pending: ['document', 'biometric'],
      checks: { document: { attempts: { limit: 1 } }, biometric: { attempts: { limit: 4 } } },
    });
  });
});

describe('a start', () => {
  it.each([
    [{ status: 'paused' }, {}, { type: 'Misconfigured' }],
    [{ target: 'business' }, {}, { type: 'Misconfigured' }],
    [
      { phoneGateway: 'none' },
      { policy: { required: ['phone'] } },
      { type: 'InvalidRequest', fields: [expect.objectContaining({ field: 'policy.required' })] },
    ],
  ] as const)(
    'with the flow %j is refused in words, and nothing is created at Verifik: %j',
    async (flow, request, error) => {
      const change = await useFlow({ flow });
      const { registrationsCreated } = await world.sandbox.control.ledger();
      const policy = 'policy' in request ? { policy: { required: [...request.policy.required] } } : {};
      await expect(world.begin({ ...change, ...policy })).rejects.toMatchObject({ name: 'OnboardingError', ...error });
      expect((await world.sandbox.control.ledger()).registrationsCreated).toBe(registrationsCreated);
    },
  );
});
