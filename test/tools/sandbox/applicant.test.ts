import { describe, expect, it } from 'vitest';
import {
  AttemptRefused,
  createApplicant,
  type Fault,
  inventPeople,
  type Route,
  type Sandbox,
  type StepDone,
} from '../../../tools/sandbox/index.js';
import { begin, look, register, somebody } from './vendor.js';

const goThrough = async (sandbox: Sandbox, route?: Route, person = somebody()) => {
  const { _id, token } = await register(sandbox, person);
  const steps: StepDone[] = [];
  for await (const step of createApplicant({ url: sandbox.url, token }).goThrough(route)) steps.push(step);
  return { _id, steps };
};

describe('an applicant', () => {
  it('goes all the way with nothing but the address and the token, telling each check', async () => {
    const sandbox = await begin();
    const { _id, steps } = await goThrough(sandbox);
    const registration = await look(sandbox, _id);
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

  it('does the checks that it is to do, and leaves comparing, steps and the end to others', async () => {
    const sandbox = await begin();
    const { _id, steps } = await goThrough(sandbox, {
      checks: ['document', 'biometric'],
      compare: false,
      steps: false,
      end: false,
    });
    expect(steps.map(({ check }) => check)).toEqual(['document', 'biometric']);
    expect(await look(sandbox, _id)).toMatchObject({
      status: 'new',
      emailValidation: null,
      compareFaceVerification: null,
    });
    expect((await sandbox.control.ledger()).calls).not.toHaveProperty('PUT /v2/app-registrations/:id/sync');
  });

  it('goes through alone where the sandbox is told so, to the end of the flow', async () => {
    const sandbox = await begin({ settings: { applicants: 'alone', mandatory: ['email', 'document'] } });
    const { _id } = await register(sandbox);
    await expect.poll(async () => (await look(sandbox, _id))['status']).toBe('completed');
    const { validationsCreated } = await sandbox.control.ledger();
    expect(validationsCreated).toEqual({ email: 1, phone: 0, document: 1, biometric: 0 });
  });

  it('has passed at once where the sandbox is told so, without a call', async () => {
    const sandbox = await begin({ settings: { applicants: 'atOnce', mandatory: ['email', 'document'] } });
    const { _id } = await register(sandbox);
    expect(await look(sandbox, _id)).toMatchObject({
      status: 'completed',
      emailValidation: { status: 'validated' },
      documentValidation: { status: 'completed' },
      biometricValidation: null,
    });
    const { calls, validationsCreated } = await sandbox.control.ledger();
    expect(validationsCreated).toEqual({ email: 1, phone: 0, document: 1, biometric: 0 });
    expect(Object.keys(calls)).not.toContain('PUT /v2/app-registrations/:id/sync');
  });

  it('without a phone is asked for no phone', async () => {
    const sandbox = await begin();
    const { token } = await register(sandbox, somebody(), { phone: undefined, countryCode: undefined });
    const applicant = createApplicant({ url: sandbox.url, token });
    const checks: string[] = [];
    for await (const { check } of applicant.goThrough()) checks.push(check);
    expect(checks).toEqual(['email', 'document', 'biometric']);
    expect(await applicant.finish()).toBe('COMPLETED');
  });

  it('does one check alone, and learns that an attempt was refused', async () => {
    const sandbox = await begin();
    const person = somebody('biometric-failed');
    const { token } = await register(sandbox, person);
    const applicant = createApplicant({ url: sandbox.url, token, project: sandbox.project, person });
    expect(await applicant.pass('biometric')).toMatchObject({ check: 'biometric', status: 'failed' });
    const wrong = applicant.validateEmail('not it');
    await expect(wrong).rejects.toBeInstanceOf(AttemptRefused);
    await expect(wrong).rejects.toMatchObject({ status: 403, said: expect.stringContaining('otp_does_not_match') });
  });

  it('gets through faults, and is charged for each check once', async () => {
    const faults: Fault[] = (['lostAnswer', 'cutBody', 'reset', 'nonJson'] as const).flatMap((kind) =>
      ['email', 'phone', 'document', 'biometric'].map((check) => ({
        match: `POST /v2/${check}-validations/app-registration`,
        kind,
        times: 1,
      })),
    );
    const sandbox = await begin({ faults });
    const { _id } = await goThrough(sandbox);
    expect(await look(sandbox, _id)).toMatchObject({ status: 'completed' });
    expect((await sandbox.control.ledger()).validationsByRegistration).toEqual({
      [_id]: { email: 1, phone: 1, document: 1, biometric: 1 },
    });
  });
});

describe('invented people', () => {
  it('are the same for the same seed, all different, and nobody real', () => {
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
