import { writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { noPoliciesFile, openPoliciesFile, type PoliciesFile } from '../../activities/policies-file.js';
import {
  type ChosenPolicy,
  chooseName,
  findPolicy,
  requiredBy,
  resolvePolicy,
} from '../../activities/vendor/named-policies.js';
import type { Contact } from '../../domain/contact.js';
import { flowProblem, type ProjectFlow } from '../../domain/project-flow.js';
import { mockActivity } from '../support/activities.js';
import { newPoliciesFile } from '../support/policies-file.js';

const IDS = Array.from({ length: 200 }, (_, n) => `onboarding-customer-${n}`);

const chosenOf = (share: number, canary = 'second'): readonly string[] =>
  IDS.map((id) => chooseName('first', { version: '1', policy: {}, canary: { policy: canary, share } }, id));

const countOf = (names: readonly string[], name: string): number => names.filter((one) => one === name).length;

describe('a canary', () => {
  it('gets none of the onboardings with the share 0, all with 1, and about half with 0.5', () => {
    expect(countOf(chosenOf(0), 'second')).toBe(0);
    expect(countOf(chosenOf(1), 'second')).toBe(200);
    expect(countOf(chosenOf(0.5), 'second')).toBeGreaterThan(80);
    expect(countOf(chosenOf(0.5), 'second')).toBeLessThan(120);
  });

  it('keeps its onboardings when it is repeated and when its share grows, and another one gets others', () => {
    const [tenth, half] = [chosenOf(0.1), chosenOf(0.5)];
    expect(chosenOf(0.1)).toEqual(tenth);
    expect(tenth.every((name, n) => name === 'first' || half[n] === 'second')).toBe(true);
    expect(chosenOf(0.5, 'third').map((name) => name !== 'first')).not.toEqual(half.map((name) => name !== 'first'));
  });
});

const EMAIL = { email: 'someone@example.com' };

const FLOW: ProjectFlow = {
  status: 'active',
  target: 'personal',
  checks: { email: 'mandatory', phone: 'none', document: 'mandatory', biometric: 'optional' },
  attemptLimits: { document: 5 },
};

const POLICIES = {
  lax: { version: '3', policy: { required: ['email'], attemptLimits: { email: 1 } } },
  open: { version: '4', policy: {} },
  phone: { version: '5', policy: { required: ['phone', 'document'] } },
};

const open = () => openPoliciesFile(newPoliciesFile(POLICIES));

const find = (file: PoliciesFile, name: string, contact: Contact = EMAIL): Promise<ChosenPolicy> =>
  mockActivity().run(() => findPolicy(file, name, contact));

describe('a named policy', () => {
  it('is completed by the defaults and the project flow, and its hash is that of the result', async () => {
    const file = await open();
    const lax = resolvePolicy(await find(file, 'lax'), FLOW, EMAIL);
    expect(lax).toMatchObject({
      policyName: 'lax',
      policyRevision: '3',
      policy: { required: ['email'], attemptLimits: { email: 1, document: 5, biometric: 3 }, closing: 'api' },
    });
    const chosen = await find(file, 'open');
    const [withFlow, withoutFlow] = [FLOW, undefined].map((flow) => resolvePolicy(chosen, flow, EMAIL));
    expect([withFlow?.policy.required, withoutFlow?.policy.required]).toEqual([
      ['email', 'document'],
      ['email', 'document', 'biometric'],
    ]);
    const hashes = [lax, withFlow, withoutFlow].map((one) => one?.policyHash);
    expect(new Set(hashes).size).toBe(3);
    expect(resolvePolicy(await find(file, 'lax'), FLOW, EMAIL).policyHash).toBe(hashes[0]);
    expect(hashes[0]).toMatch(/^[\da-f]{64}$/);
  });

  it('that requires a check that the contact or the flow does not have is refused, with its name and the check', async () => {
    const file = await open();
    await expect(find(file, 'phone')).rejects.toMatchObject({
      type: 'InvalidRequest',
      nonRetryable: true,
      message: 'policyName: expected a policy whose checks the contact allows: phone requires contact.phone',
    });
    const { email } = EMAIL;
    const contact = { email, phone: '3001234567', countryCode: '+57' };
    const chosen = await find(file, 'phone', contact);
    expect(flowProblem(FLOW, requiredBy(chosen, contact))).toMatchObject({
      field: 'policyName',
      expected: expect.stringMatching(/^a policy with only checks of the project flow .*: phone$/),
    });
  });

  it('that is unknown, or on a worker without a file, is refused', async () => {
    const file = await open();
    const refused = (expected: string) => ({
      type: 'InvalidRequest',
      nonRetryable: true,
      details: [{ field: 'policyName', expected }],
    });
    await expect(find(file, 'unknown')).rejects.toMatchObject(refused("the name of a policy in the workers' file"));
    await expect(find(noPoliciesFile, 'lax')).rejects.toMatchObject(
      refused('nothing, as this worker has no file of policies (ONBOARDING_POLICIES_FILE)'),
    );
  });

  it('waits while the file is wrong, and an operator can correct it', async () => {
    const path = newPoliciesFile(POLICIES);
    const file = await openPoliciesFile(path);
    writeFileSync(path, '{"policies": {"lax": {}}}');
    await expect(find(file, 'lax')).rejects.toMatchObject({
      nonRetryable: false,
      message: expect.stringMatching(
        /^The file of policies is wrong\. ONBOARDING_POLICIES_FILE \(.*\): policies\.lax\.version: expected a name/,
      ),
    });
    writeFileSync(path, JSON.stringify({ policies: POLICIES }));
    expect(await find(file, 'lax')).toMatchObject({ policyRevision: '3' });
  });
});
