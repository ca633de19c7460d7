import * as t from 'io-ts';
import pMap from 'p-map';
import { describe, expect, it } from 'vitest';
import {
  ask,
  Data,
  decodeBody,
  detailOf,
  inventPerson,
  openSandbox,
  readRegistration,
  register,
  registrationOf,
  requestEmailCode,
} from './vendor.js';

const CREATE = 'POST /app-registrations';

describe('creating a registration', () => {
  it('the response of create is flat or nested, with ids like MongoDB’s', async () => {
    const sandbox = await openSandbox();
    const person = inventPerson();
    const flat = await ask(sandbox, sandbox.clientToken, CREATE, registrationOf(sandbox, person));
    expect(flat.body).toMatchObject({
      success: true,
      data: {
        _id: expect.stringMatching(/^[0-9a-f]{24}$/),
        ...person,
        status: 'new',
        language: 'en',
        emailValidation: null,
      },
    });
    await sandbox.control.settings({ createAnswer: 'nested', statusWords: 'upper' });
    const nested = await ask(sandbox, sandbox.clientToken, CREATE, registrationOf(sandbox, inventPerson(undefined, 1)));
    expect(nested.body).toMatchObject({
      data: {
        appRegistration: { status: 'STARTED', _id: expect.stringMatching(/^[0-9a-f]{24}$/) },
        informationValidation: { fullName: inventPerson(undefined, 1).fullName },
        token: expect.any(String),
      },
    });
  });

  it('ids are the same for the same seed and differ for another', async () => {
    const idWith = async (seed: number) => (await register(await openSandbox({ seed })))._id;
    expect(await idWith(3)).toBe(await idWith(3));
    expect(await idWith(3)).not.toBe(await idWith(4));
  });

  it.each([
    [{ email: undefined, phone: undefined }, 400, 'MISSING_CONTACT_INFO'],
    [{ countryCode: undefined }, 409, 'missing countryCode'],
    [{ countryCode: '57' }, 409, 'Invalid countryCode format'],
    [{ countryCode: '+5789' }, 409, 'Invalid countryCode format'],
    [{ email: 'no address' }, 409, 'Invalid email format'],
    [{ phone: '300-12' }, 409, 'phone: expected digits only'],
    [{ fullName: ' ' }, 409, 'fullName: expected a text'],
    [{ project: undefined }, 409, 'project: expected'],
    [{ projectFlow: 'another' }, 400, 'INVALID_PROJECT_FLOW'],
    [{ projectFlow: '__proto__' }, 400, 'INVALID_PROJECT_FLOW'],
    [{ project: 'another' }, 404, 'project_not_found'],
    [{ email: 'somebody@Refused.example' }, 412, 'email domain not allowed'],
  ])('create refuses %j with %i and names the reason', async (change, status, words) => {
    const sandbox = await openSandbox();
    const answer = await ask(sandbox, sandbox.clientToken, CREATE, registrationOf(sandbox, inventPerson(), change));
    expect(answer.status).toBe(status);
    expect(`${answer.text} ${detailOf(answer)}`).toContain(words);
    expect(await sandbox.control.ledger()).toMatchObject({ registrationsCreated: 0, credits: 0 });
  });

  it('create refuses invalid JSON in Verifik’s own envelope', async () => {
    const { url, clientToken } = await openSandbox();
    const headers = { authorization: `Bearer ${clientToken}`, 'content-type': 'application/json' };
    const answer = await fetch(`${url}/v2/app-registrations`, { method: 'POST', headers, body: '{' });
    expect(await answer.json()).toMatchObject({ code: 'MissingParameter' });
    expect(answer.headers.get('x-sandbox-detail')).toContain('body:');
  });

  it('create accepts first and last name, and no name if it is optional', async () => {
    const sandbox = await openSandbox();
    const names = { fullName: undefined, firstName: 'First', lastName: 'Last' };
    const named = await ask(sandbox, sandbox.clientToken, CREATE, registrationOf(sandbox, inventPerson(), names));
    expect(named.body).toMatchObject({ data: { fullName: 'First Last' } });
    await sandbox.control.settings({ fullName: 'optional' });
    const other = registrationOf(sandbox, inventPerson(undefined, 1), { fullName: undefined });
    expect((await ask(sandbox, sandbox.clientToken, CREATE, other)).status).toBe(200);
  });
});

describe('registering again', () => {
  it('recreate keeps the registration, issues a new token, and deletes only email and phone validations', async () => {
    const sandbox = await openSandbox();
    const person = inventPerson();
    const first = await register(sandbox, person);
    const { _id: validation, otp } = await requestEmailCode(sandbox, first.token, person);
    await ask(sandbox, first.token, 'POST /email-validations/validate', { email: person.email, otp });
    await ask(sandbox, first.token, 'POST /document-validations/app-registration', { image: 'AAAA' });
    expect(await readRegistration(sandbox, first._id)).toMatchObject({
      emailValidation: { _id: validation, status: 'validated' },
    });

    const second = await register(sandbox, person);
    expect(second._id).toBe(first._id);
    expect(await readRegistration(sandbox, first._id)).toMatchObject({
      emailValidation: null,
      documentValidation: { status: 'completed' },
    });
    expect((await ask(sandbox, first.token, 'POST /app-registrations/me', {})).status).toBe(401);
    expect((await ask(sandbox, second.token, 'POST /app-registrations/me', {})).status).toBe(200);
    expect(await sandbox.control.ledger()).toMatchObject({ registrationsCreated: 1, registrationsRecreated: 1 });
  });

  it('recreate changes the contact to the new one', async () => {
    const sandbox = await openSandbox();
    const person = inventPerson();
    const { _id } = await register(sandbox, person);
    const moved = { ...person, phone: '3009999999' };
    expect((await register(sandbox, moved))._id).toBe(_id);
    expect(await readRegistration(sandbox, _id)).toMatchObject({ phone: '3009999999' });
    // The previous number is free again.
    expect((await register(sandbox, { ...inventPerson(undefined, 1), phone: person.phone }))._id).not.toBe(_id);
  });

  it('resume refuses a known email or phone, regardless of case', async () => {
    const sandbox = await openSandbox({ settings: { reRegistration: 'resume' } });
    const person = inventPerson();
    await register(sandbox, person);
    const again = (change: object) =>
      ask(sandbox, sandbox.clientToken, CREATE, registrationOf(sandbox, person, change));
    expect(await again({ email: person.email.toUpperCase() })).toMatchObject({
      status: 409,
      body: { code: 'email_is_registered_already' },
    });
    expect(await again({ email: undefined })).toMatchObject({ body: { code: 'phone_is_registered_already' } });
  });
});

describe('reading registrations', () => {
  it('references are ids, populated on request, and ids under the setting ids', async () => {
    const sandbox = await openSandbox();
    const person = inventPerson();
    const { _id, token } = await register(sandbox, person);
    const { _id: validation } = await requestEmailCode(sandbox, token, person);
    const read = (query: string) => ask(sandbox, sandbox.clientToken, `GET /app-registrations/${_id}${query}`);
    expect((await read('')).body).toMatchObject({ data: { emailValidation: validation, phoneValidation: null } });
    expect((await read('?populates[]=emailValidation&populates[]=projectFlow')).body).toMatchObject({
      data: {
        emailValidation: { _id: validation, status: 'sent' },
        projectFlow: { steps: { document: 'mandatory' }, signUpForm: { phoneGateway: 'sms' } },
      },
    });
    await sandbox.control.settings({ references: 'ids' });
    expect((await read('?populates[]=emailValidation')).body).toMatchObject({ data: { emailValidation: validation } });
  });

  it('the list filters by status in either generation of words, project and flow, page by page', async () => {
    const sandbox = await openSandbox();
    const ids: string[] = [];
    for (let index = 0; index < 5; index += 1) ids.push((await register(sandbox, inventPerson(undefined, index)))._id);
    await sandbox.control.setStatus(ids[4] ?? '', 'FAILED');
    const list = async (query: string) =>
      decodeBody(
        t.type({ data: t.array(t.type({ _id: t.string })), total: t.number, pages: t.number, page: t.number }),
        await ask(sandbox, sandbox.clientToken, `GET /app-registrations?${query}`),
      );
    expect(await list('page=2&limit=2')).toMatchObject({
      total: 5,
      pages: 3,
      page: 2,
      data: [{ _id: ids[2] }, { _id: ids[3] }],
    });
    expect(await list('where_status=STARTED')).toMatchObject({ total: 4 });
    expect(await list('in_status[]=FAILED&in_status[]=EXPIRED')).toMatchObject({ total: 1, data: [{ _id: ids[4] }] });
    expect(await list(`where_project=${sandbox.project}&where_projectFlow=other`)).toMatchObject({ total: 0 });
  });

  it.each(['limit=101', 'limit=0', 'page=x', 'page=1.5'])('the list refuses %s', async (query) => {
    const sandbox = await openSandbox();
    const answer = await ask(sandbox, sandbox.clientToken, `GET /app-registrations?${query}`);
    expect(answer.status).toBe(409);
    expect(detailOf(answer)).toContain('expected a whole number');
  });

  it('a forgotten registration is unknown to all calls', async () => {
    const sandbox = await openSandbox();
    const { _id, token } = await register(sandbox);
    await sandbox.control.forget(_id);
    expect(await ask(sandbox, sandbox.clientToken, `GET /app-registrations/${_id}`)).toMatchObject({
      status: 404,
      body: { code: 'appRegistration_not_found' },
    });
    expect((await ask(sandbox, token, 'POST /app-registrations/me', {})).status).toBe(404);
    expect((await register(sandbox))._id).not.toBe(_id);
  });

  it('thousands of registrations have different ids and contacts', async () => {
    const sandbox = await openSandbox();
    const people = Array.from({ length: 2_000 }, (_, index) => ({
      ...inventPerson(),
      email: `a${index}@b.example.com`,
      phone: `${index}`,
    }));
    const ids = await pMap(people, async (person) => (await register(sandbox, person))._id, { concurrency: 100 });
    expect(new Set(ids).size).toBe(2_000);
    expect((await register(sandbox, people[1_500]))._id).toBe(ids[1_500]);
    expect(await sandbox.control.ledger()).toMatchObject({ registrationsCreated: 2_000, registrationsRecreated: 1 });
  });
});

describe('changing a registration', () => {
  it('an update links only own validations, and a new phone deletes the phone validation', async () => {
    const sandbox = await openSandbox();
    const person = inventPerson();
    const { _id, token } = await register(sandbox, person);
    const { _id: emailValidation } = await requestEmailCode(sandbox, token, person);
    const put = (body: object, by = token) => ask(sandbox, by, `PUT /app-registrations/${_id}`, body);
    expect(decodeBody(Data, await put({ emailValidation })).data).toMatchObject({ emailValidation });
    expect((await put({ emailValidation: 'f'.repeat(24) })).status).toBe(404);
    expect(
      decodeBody(Data, await put({ phone: '3110000000', replacePhone: true }, sandbox.clientToken)).data,
    ).toMatchObject({
      phone: '3110000000',
    });
    expect((await put({ phone: '31-1' })).status).toBe(409);

    const other = await register(sandbox, inventPerson(undefined, 1));
    expect((await put({}, other.token)).status).toBe(403);
    const { phone, countryCode } = inventPerson(undefined, 1);
    expect((await put({ phone, countryCode })).body).toMatchObject({ code: 'phone_is_registered_already' });
  });
});
