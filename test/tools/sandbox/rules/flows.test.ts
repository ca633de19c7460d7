import { describe, expect, it } from 'vitest';
import { createApplicant } from '../../../../tools/sandbox/index.js';
import {
  ask,
  emailRequest,
  IMAGE,
  inventPerson,
  openSandbox,
  readRegistration,
  register,
  requestEmailCode,
  sync,
} from '../vendor.js';

const person = inventPerson();

describe('a project flow', () => {
  it.each([
    [
      'v3',
      {
        signUpForm: { emailGateway: 'mailgun', phoneGateway: 'whatsapp' },
        steps: { document: 'mandatory', liveness: 'optional' },
        documents: { attemptLimit: 5 },
        liveness: { minScore: 0.7 },
      },
    ],
    [
      'v2',
      {
        onboardingSettings: {
          signUpForm: { phoneGateway: 'whatsapp' },
          steps: { liveness: 'optional' },
          document: { maxAttempts: 5 },
          liveness: { livenessMinScore: 0.7 },
        },
      },
    ],
    [
      'configuration',
      {
        configuration: { biometricVerification: { enabled: true, required: false } },
        steps: expect.arrayContaining([expect.objectContaining({ stepType: 'document', required: true })]),
      },
    ],
  ] as const)('a flow has the format %s, by its id and populated', async (flowShape, shown) => {
    const flow = { phoneGateway: 'whatsapp', liveness: 'optional', documentAttempts: 5, minScore: 0.7 } as const;
    const sandbox = await openSandbox({ settings: { flowShape, flow } });
    const { _id } = await register(sandbox);
    const read = (path: string) => ask(sandbox, sandbox.clientToken, `GET ${path}`);
    const { body } = await read(`/project-flows/${sandbox.projectFlow}`);
    expect(body).toMatchObject({ data: { status: 'active', target: 'personal', ...shown } });
    const registration = await read(`/app-registrations/${_id}?populates[]=projectFlow`);
    expect(registration.body).toMatchObject({ data: { projectFlow: shown } });
    expect((await read(`/project-flows/${'0'.repeat(24)}`)).body).toMatchObject({ code: 'projectFlow_not_found' });
  });

  it('a flow changes while the sandbox runs, and an unknown field is refused', async () => {
    const sandbox = await openSandbox();
    await sandbox.control.settings({ flow: { status: 'paused', version: 4 } });
    const { body } = await ask(sandbox, sandbox.clientToken, `GET /project-flows/${sandbox.projectFlow}`);
    expect(body).toMatchObject({ data: { status: 'paused', version: 4 } });
    const misspelt = { staus: 'paused' } as object;
    await expect(sandbox.control.settings({ flow: misspelt })).rejects.toThrow('flow: expected an object with some of');
  });

  it('a gateway none refuses validations, a step skip refuses images, and the end requires neither', async () => {
    const flow = { emailGateway: 'none', phoneGateway: 'none', document: 'skip', liveness: 'skip' } as const;
    const sandbox = await openSandbox({ settings: { flow } });
    const { _id, token } = await register(sandbox);
    const calls = [
      ['POST /email-validations', emailRequest(sandbox, person), 404, 'security_not_set'],
      ['POST /document-validations/app-registration', { image: IMAGE }, 404, 'document_settings_not_set'],
      ['POST /biometric-validations/app-registration', { image: IMAGE, os: 'IOS' }, 409, 'collection_not_set'],
    ] as const;
    for (const [call, body, status, code] of calls)
      expect(await ask(sandbox, token, call, body)).toMatchObject({ status, body: { code } });
    expect((await sync(sandbox, token, _id, { step: 'end', status: 'COMPLETED' })).body).toMatchObject({
      data: { status: 'COMPLETED' },
    });
    expect(await readRegistration(sandbox, _id)).toMatchObject({ emailValidation: null, documentValidation: null });
  });

  it('automatic applicants do only what the flow requires', async () => {
    const flow = { phoneGateway: 'none', liveness: 'optional' } as const;
    const sandbox = await openSandbox({ settings: { applicants: 'alone', flow } });
    const { _id } = await register(sandbox);
    await expect.poll(async () => (await readRegistration(sandbox, _id))['status']).toBe('completed');
    expect((await sandbox.control.ledger()).validationsCreated).toEqual({
      email: 1,
      phone: 0,
      document: 1,
      biometric: 0,
    });
  });

  it('the end of the sign-up form is refused until email and phone have passed', async () => {
    const sandbox = await openSandbox({ settings: { flow: { phoneGateway: 'none' } } });
    const { _id, token } = await register(sandbox);
    const step = { step: 'signUpForm', status: 'ONGOING' };
    expect(await sync(sandbox, token, _id, step)).toMatchObject({
      status: 409,
      body: { code: 'signUpForm_validation_not_passed' },
    });
    await createApplicant({ url: sandbox.url, token }).validateEmail();
    expect((await sync(sandbox, token, _id, step)).body).toMatchObject({ data: { status: 'ONGOING' } });
  });
});

describe('a changed contact', () => {
  it('the hosted page replaces email and phone, whose validations then show the new contact', async () => {
    const sandbox = await openSandbox();
    const { _id, token } = await register(sandbox, person);
    await createApplicant({ url: sandbox.url, token }).validateEmail();
    const put = (body: object) => ask(sandbox, token, `PUT /app-registrations/${_id}`, body);
    const email = 'new@applicants.example.com';
    expect((await put({ email, replaceEmail: true })).body).toMatchObject({ data: { email, emailValidation: null } });
    expect((await put({ email: '', phone: '', countryCode: '' })).body).toMatchObject({ data: { email } });
    const moved = { phone: '3110000000', countryCode: '+52', replacePhone: true };
    expect((await put(moved)).body).toMatchObject({ data: { phone: '3110000000', countryCode: '+52' } });
    await requestEmailCode(sandbox, token, { ...person, email });
    expect(await readRegistration(sandbox, _id)).toMatchObject({ email, emailValidation: { email, status: 'sent' } });
    const other = inventPerson(undefined, 1);
    await register(sandbox, other);
    expect((await put({ email: other.email, replaceEmail: true })).body).toMatchObject({
      code: 'email_is_registered_already',
    });
  });
});
