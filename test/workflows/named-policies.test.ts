import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import { afterEach, describe, expect, it } from 'vitest';
import type { PoliciesFile } from '../../activities/policies-file.js';
import type { OnboardingRequestInput } from '../../client/index.js';
import { reportsSignal } from '../../contract/messages.js';
import { SEARCH_ATTRIBUTES } from '../../contract/search-attributes.js';
import type { NamedPolicies, PolicyEntry } from '../../domain/policy/named.js';
import { DAY_MS, HOUR_MS } from '../../shared/time.js';
import { openWorld } from '../support/onboarding-world.js';
import { opened } from '../support/opened.js';

const QUICK: PolicyEntry = {
  version: '7',
  policy: { required: ['email'], deadlineMs: DAY_MS, verifiedForMs: HOUR_MS },
};
const STRICT: PolicyEntry = { version: '8', policy: { required: ['email', 'phone'] } };
const FILE: NamedPolicies = new Map([
  ['quick', QUICK],
  ['strict', STRICT],
  ['canaried', { ...QUICK, canary: { policy: 'strict', share: 1 } }],
]);

let policies = FILE;
afterEach(() => {
  policies = FILE;
});

const file: PoliciesFile = { current: async () => policies };
const world = opened(() => openWorld({}, { policies: file }));

const handleOf = ({ workflowId }: { readonly workflowId: string }) => world.env.client.workflow.getHandle(workflowId);
const hashOf = (policy: object): string =>
  createHash('sha256')
    .update(canonicalize(policy) ?? '')
    .digest('hex');

const QUICKLY = { policyName: 'quick', policyRevision: '7', policyHash: expect.stringMatching(/^[\da-f]{64}$/) };

describe('an onboarding whose request names a policy', () => {
  it('is decided by it, and the decision has its name, version and hash', async () => {
    const one = await world.begin({ policyName: 'quick' });
    const { startedAt, deadline, pending } = await world.client.status(one.workflowId);
    expect({ pending, ms: deadline - startedAt }).toEqual({ pending: ['email'], ms: DAY_MS });
    await world.doAndReport(one, 'email');
    const decision = await world.client.result(one.workflowId);
    expect(decision).toMatchObject({ outcome: 'verified', ...QUICKLY, policy: { required: ['email'] } });
    expect(decision.policyHash).toBe(hashOf(decision.policy));
    expect(decision.validUntil).toBe(decision.decidedAt + HOUR_MS);
  });

  it('gets the canary in its place, and the decision and the list have the name of the canary', async () => {
    const one = await world.begin({ policyName: 'canaried' });
    const { typedSearchAttributes } = await handleOf(one).describe();
    expect(typedSearchAttributes.get(SEARCH_ATTRIBUTES.policy)).toBe('strict');
    await world.doAndReport(one, 'email', 'phone');
    expect(await world.client.result(one.workflowId)).toMatchObject({
      outcome: 'verified',
      policyName: 'strict',
      policyRevision: '8',
    });
  });

  it('that is unknown fails as an invalid request, and Verifik is asked nothing', async () => {
    const before = (await world.sandbox.control.ledger()).calls;
    await expect(world.begin({ policyName: 'unknown' })).rejects.toMatchObject({
      type: 'InvalidRequest',
      fields: [{ field: 'policyName', expected: "the name of a policy in the workers' file" }],
    });
    expect((await world.sandbox.control.ledger()).calls).toEqual(before);
  });

  it('is not the same request as one that names another policy', async () => {
    const { person } = await world.begin({ policyName: 'quick' }, undefined, { reference: 'named' });
    const other = world.request(person, { policyName: 'strict' });
    await expect(world.client.start(other, { reference: 'named', rejectIfDifferent: true })).rejects.toMatchObject({
      type: 'RequestMismatch',
      fields: [{ field: 'policyName', expected: 'the same as in the first request' }],
    });
  });

  it('has as many events at its start as one that has its own policy', async () => {
    const typesAtStart = async (change: Partial<OnboardingRequestInput>) => {
      const { events } = await handleOf(await world.begin(change)).fetchHistory();
      return events?.map(({ eventType }) => eventType);
    };
    expect(await typesAtStart({ policyName: 'quick' })).toEqual(
      await typesAtStart({ policy: { required: ['email'] } }),
    );
  });

  // Keep last: once a workflow that continued as new ends, the time-skipping server can skip the ten years of its
  // timeout.
  it('keeps it when the file changes, the applicant registers again and the run continues as new', async () => {
    const one = await world.begin({ policyName: 'quick' });
    policies = new Map([['quick', { ...STRICT, version: '9' }]]);
    const { token } = await world.client.reRegister(one.workflowId, {});
    const runId = async () => (await handleOf(one).describe()).runId;
    const first = await runId();
    await handleOf(one).signal(reportsSignal.name, Array(1_000).fill(null));
    await expect.poll(runId).not.toBe(first);
    const { typedSearchAttributes } = await handleOf(one).describe();
    expect(typedSearchAttributes.get(SEARCH_ATTRIBUTES.policy)).toBe('quick');
    await world.doAndReport({ ...one, applicant: world.applicantWith(one.person, token) }, 'email');
    expect(await world.client.result(one.workflowId)).toMatchObject({ outcome: 'verified', ...QUICKLY });
  });
});
