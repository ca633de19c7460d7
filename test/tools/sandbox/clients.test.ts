import * as t from 'io-ts';
import { describe, expect, it } from 'vitest';
import { createApplicant } from '../../../tools/sandbox/index.js';
import {
  ask,
  decodeBody,
  emailRequest,
  IMAGE,
  inventPerson,
  openSandbox,
  readRegistration,
  register,
  registrationOf,
  requestEmailCode,
  sync,
} from './vendor.js';

const person = inventPerson();
const CREATE = 'POST /app-registrations';

describe('requests of real clients', () => {
  it('the hosted form creates a registration without a token, with spaces and empty fields', async () => {
    const sandbox = await openSandbox({ settings: { fullName: 'optional' } });
    const { url, project, projectFlow } = sandbox;
    const body = {
      project,
      projectFlow,
      email: ` ${person.email} `,
      phone: '300 123 45 67',
      countryCode: '+57',
      fullName: '',
    };
    const answer = await fetch(`${url}/v2/app-registrations`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ ...body, firstName: 'Ana', lastName: null }),
    });
    expect(await answer.json()).toMatchObject({
      data: { email: person.email, phone: '3001234567', fullName: 'Ana', token: expect.any(String) },
    });
    const onlyEmail = { project, projectFlow, email: 'other@applicants.example.com', phone: '', countryCode: '' };
    expect((await ask(sandbox, sandbox.clientToken, CREATE, onlyEmail)).body).toMatchObject({ data: { phone: null } });
  });

  it('a code can be a number, an image bare base64 or a data URI, and a contact can contain spaces', async () => {
    const sandbox = await openSandbox();
    const { _id, token } = await register(sandbox);
    const { otp } = await requestEmailCode(sandbox, token, person);
    const validation = { email: ` ${person.email}`, otp: Number(otp) };
    expect((await ask(sandbox, token, 'PUT /email-validations', validation)).body).toMatchObject({
      data: { status: 'validated', showFaceLivenessRecommendation: false },
    });
    for (const image of [IMAGE, `data:image/png;base64,${IMAGE}`]) {
      const selfie = { image, os: 'DESKTOP', force: true };
      expect((await ask(sandbox, token, 'POST /biometric-validations/app-registration', selfie)).status).toBe(200);
    }
    const phone = { phone: `${person.phone.slice(0, 3)} ${person.phone.slice(3)}`, countryCode: person.countryCode };
    const request = { ...emailRequest(sandbox, person), ...phone };
    expect((await ask(sandbox, token, 'POST /phone-validations', request)).status).toBe(200);
    expect(await readRegistration(sandbox, _id)).toMatchObject({ phoneValidation: { phone: person.phone } });
  });

  it.each([
    ['ONGOING', 'COMPLETED'],
    ['COMPLETED_WITHOUT_KYC', 'COMPLETED_WITHOUT_KYC'],
  ])('the end can be reported with the status %s', async (requested, status) => {
    const sandbox = await openSandbox({ settings: { mandatory: [] } });
    const { _id, token } = await register(sandbox);
    expect((await sync(sandbox, token, _id, { step: 'end', status: requested })).body).toMatchObject({
      data: { status },
    });
  });

  it('the hosted page reads its project, its registration and the identity images', async () => {
    const sandbox = await openSandbox();
    const { _id, token } = await register(sandbox);
    const read = async (call: string) => (await ask(sandbox, token, call)).body;
    expect(await read('GET /app-registrations/me?populates[]=projectFlow')).toMatchObject({
      data: { _id, projectFlow: { steps: { document: 'mandatory' } } },
    });
    expect(await read(`GET /projects/kyc?id=${sandbox.project}`)).toMatchObject({
      data: { _id: sandbox.project, projectFlows: [{ _id: sandbox.projectFlow }] },
    });
    expect(await read('GET /projects/kyc?id=another')).toMatchObject({ code: 'project_not_found' });
    expect(await read('GET /identity-images')).toEqual({ data: [] });
    expect(await read(`GET /project-flows/${sandbox.projectFlow}`)).toMatchObject({ data: { type: 'onboarding' } });
  });

  it('the answer to a selfie contains the validation or its id', async () => {
    const sandbox = await openSandbox({ settings: { selfieAnswer: 'id' } });
    const { token } = await register(sandbox);
    const Selfie = t.type({ data: t.type({ biometricValidation: t.string }) });
    decodeBody(
      Selfie,
      await ask(sandbox, token, 'POST /biometric-validations/app-registration', { image: IMAGE, os: 'IOS' }),
    );
  });
});

describe('formats that differ between answers', () => {
  it('a phone can be a number, a country code can lack its plus, and the applicant copes', async () => {
    const sandbox = await openSandbox({ settings: { contactFormat: 'number' } });
    const { _id, token } = await register(sandbox);
    expect(await readRegistration(sandbox, _id)).toMatchObject({
      phone: Number(person.phone),
      countryCode: person.countryCode.replace('+', ''),
    });
    expect((await createApplicant({ url: sandbox.url, token }).validatePhone()).status).toBe('validated');
  });

  it('an absent contact can be an empty text', async () => {
    const sandbox = await openSandbox({ settings: { absentValues: 'empty' } });
    const { _id } = await register(sandbox, person, { phone: undefined, countryCode: undefined });
    expect(await readRegistration(sandbox, _id)).toMatchObject({ phone: '', countryCode: '' });
  });

  it('a known contact can be refused with the text that it must be unique', async () => {
    const sandbox = await openSandbox({ settings: { reRegistration: 'unique' } });
    await register(sandbox);
    const answer = await ask(sandbox, sandbox.clientToken, CREATE, registrationOf(sandbox, person));
    expect(answer).toMatchObject({ status: 409, text: expect.stringContaining('email, projectFlow must be unique') });
  });
});

describe('errors of Verifik and of a proxy before it', () => {
  it.each([
    [{ code: 'insufficient_credits' }, 402, { code: 'insufficient_credits' }],
    [{ code: 'plan_not_found' }, 404, { code: 'plan_not_found' }],
    [{ code: 'token_expired' }, 403, { code: 'token_expired' }],
    [{ code: 'PreconditionFailed', message: 'PreconditionFailed' }, 412, { message: 'PreconditionFailed' }],
    [{ code: 'Conflict', status: 409, message: 'email must be unique' }, 409, { message: 'email must be unique' }],
  ])('a fault responds with %j', async (fault, status, body) => {
    const sandbox = await openSandbox({ faults: [{ match: '*', kind: 'status', ...fault }] });
    expect(await ask(sandbox, sandbox.clientToken, 'GET /app-registrations')).toMatchObject({ status, body });
  });

  it.each([400, 403, 404])('a proxy responds with an HTML page and %i', async (status) => {
    const sandbox = await openSandbox({ faults: [{ match: '*', kind: 'proxyPage', status }] });
    const answer = await ask(sandbox, sandbox.clientToken, 'GET /app-registrations');
    expect(answer).toMatchObject({ status, text: expect.stringMatching(/^<html>/) });
    expect(answer.headers.get('content-type')).toContain('text/html');
  });
});
