import { describe, expect, it } from 'vitest';
import {
  AttemptRefused,
  type CheckResult,
  createApplicant,
  type Fault,
  type HostedPageOptions,
  inventPeople,
  type Sandbox,
} from '../../../../tools/sandbox/index.js';
import { inventPerson, openSandbox, readRegistration, register, registerApplicant } from '../vendor.js';

const goThrough = async (sandbox: Sandbox, route?: HostedPageOptions, person = inventPerson()) => {
  const { _id, applicant } = await registerApplicant(sandbox, person);
  const steps: CheckResult[] = [];
  for await (const step of applicant.goThrough(route)) steps.push(step);
  return { _id, steps };
};

describe('an applicant', () => {
  it('an applicant passes all checks with only the URL and the token, and yields each result', async () => {
    const sandbox = await openSandbox();
    const { _id, steps } = await goThrough(sandbox);
    const registration = await readRegistration(sandbox, _id);
    expect(steps.map(({ check, status }) => [check, status])).toEqual([
      ['email', 'validated'],
      ['phone', 'validated'],
      ['document', 'completed'],
      ['biometric', 'validated'],
    ]);
    expect(registration).toMatchObject({ status: 'completed', compareFaceVerification: { result: { passed: true } } });
    for (const { check, validationId } of steps)
      expect(registration[`${check}Validation`]).toMatchObject({ _id: validationId });
  });

  it('an applicant does only the given checks, and skips the comparison, the steps and the end if asked', async () => {
    const sandbox = await openSandbox();
    const { _id, steps } = await goThrough(sandbox, {
      checks: ['document', 'biometric'],
      compare: false,
      steps: false,
      end: false,
    });
    expect(steps.map(({ check }) => check)).toEqual(['document', 'biometric']);
    expect(await readRegistration(sandbox, _id)).toMatchObject({
      status: 'new',
      emailValidation: null,
      compareFaceVerification: null,
    });
    expect((await sandbox.control.ledger()).calls).not.toHaveProperty('PUT /v2/app-registrations/:id/sync');
  });

  it('an applicant completes the mandatory checks automatically under the setting alone', async () => {
    const sandbox = await openSandbox({ settings: { applicants: 'alone', mandatory: ['email', 'document'] } });
    const { _id } = await register(sandbox);
    await expect.poll(async () => (await readRegistration(sandbox, _id))['status']).toBe('completed');
    const { validationsCreated } = await sandbox.control.ledger();
    expect(validationsCreated).toEqual({ email: 1, phone: 0, document: 1, biometric: 0 });
  });

  it('a registration passes at once without calls under the setting atOnce', async () => {
    const sandbox = await openSandbox({ settings: { applicants: 'atOnce', mandatory: ['email', 'document'] } });
    const { _id } = await register(sandbox);
    expect(await readRegistration(sandbox, _id)).toMatchObject({
      status: 'completed',
      emailValidation: { status: 'validated' },
      documentValidation: { status: 'completed' },
      biometricValidation: null,
    });
    const { calls, validationsCreated } = await sandbox.control.ledger();
    expect(validationsCreated).toEqual({ email: 1, phone: 0, document: 1, biometric: 0 });
    expect(Object.keys(calls)).not.toContain('PUT /v2/app-registrations/:id/sync');
  });

  it('an applicant without a phone does no phone check', async () => {
    const sandbox = await openSandbox();
    const withoutPhone = { phone: undefined, countryCode: undefined };
    const { applicant } = await registerApplicant(sandbox, inventPerson(), withoutPhone);
    const checks: string[] = [];
    for await (const { check } of applicant.goThrough()) checks.push(check);
    expect(checks).toEqual(['email', 'document', 'biometric']);
    expect(await applicant.finish()).toBe('COMPLETED');
  });

  it('an applicant can do a single check, and a refused attempt rejects with AttemptRefused', async () => {
    const sandbox = await openSandbox();
    const person = inventPerson('biometric-failed');
    const { token } = await register(sandbox, person);
    const applicant = createApplicant({ url: sandbox.url, token, project: sandbox.project, person });
    expect(await applicant.pass('biometric')).toMatchObject({ check: 'biometric', status: 'failed' });
    const wrong = applicant.validateEmail('not it');
    await expect(wrong).rejects.toBeInstanceOf(AttemptRefused);
    await expect(wrong).rejects.toMatchObject({ status: 403, body: expect.stringContaining('otp_does_not_match') });
  });

  it('an applicant passes despite faults, and each check is charged once', async () => {
    const faults: Fault[] = (['lostAnswer', 'cutBody', 'reset', 'nonJson'] as const).flatMap((kind) =>
      ['email', 'phone', 'document', 'biometric'].map((check) => ({
        match: `POST /v2/${check}-validations/app-registration`,
        kind,
        times: 1,
      })),
    );
    const sandbox = await openSandbox({ faults });
    const { _id } = await goThrough(sandbox);
    expect(await readRegistration(sandbox, _id)).toMatchObject({ status: 'completed' });
    expect((await sandbox.control.ledger()).validationsByRegistration).toEqual({
      [_id]: { email: 1, phone: 1, document: 1, biometric: 1 },
    });
  });
});

describe('invented people', () => {
  it('invented people are the same for the same seed, differ from each other, and use an example domain', () => {
    const people = inventPeople(1, 1_000);
    expect(inventPeople(1, 1_000)).toEqual(people);
    expect(inventPeople(2, 1)).not.toEqual(people.slice(0, 1));
    expect(new Set(people.map(({ email }) => email)).size).toBe(1_000);
    expect(new Set(people.map(({ phone }) => phone)).size).toBe(1_000);
    for (const { email, phone, countryCode, fullName } of people) {
      expect(email).toMatch(/^[a-z0-9.]+@applicants\.example\.com$/);
      expect(phone).toMatch(/^\d{10}$/);
      expect(countryCode).toMatch(/^\+\d{1,3}$/);
      expect(fullName).toMatch(/^\w+ \w+$/);
    }
  });
});
