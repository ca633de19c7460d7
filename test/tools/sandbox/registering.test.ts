import * as t from 'io-ts';
import { describe, expect, it } from 'vitest';
import {
  as,
  ask,
  begin,
  Data,
  detailOf,
  look,
  register,
  registrationOf,
  requestEmailCode,
  somebody,
} from './vendor.js';

const CREATE = 'POST /app-registrations';

describe('creating a registration', () => {
  it('answers flat as at first, or nested as later, with ids like Mongo’s', async () => {
    const sandbox = await begin();
    const person = somebody();
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
    const nested = await ask(sandbox, sandbox.clientToken, CREATE, registrationOf(sandbox, somebody(undefined, 1)));
    expect(nested.body).toMatchObject({
      data: {
        appRegistration: { status: 'STARTED', _id: expect.stringMatching(/^[0-9a-f]{24}$/) },
        informationValidation: { fullName: somebody(undefined, 1).fullName },
        token: expect.any(String),
      },
    });
  });

  it('gives the same ids for the same seed, and others for another', async () => {
    const idWith = async (seed: number) => (await register(await begin({ seed })))._id;
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
  ])('refuses %j with %i and says why', async (change, status, words) => {
    const sandbox = await begin();
    const answer = await ask(sandbox, sandbox.clientToken, CREATE, registrationOf(sandbox, somebody(), change));
    expect(answer.status).toBe(status);
    expect(`${answer.text} ${detailOf(answer)}`).toContain(words);
    expect(await sandbox.control.ledger()).toMatchObject({ registrationsCreated: 0, credits: 0 });
  });

  it('refuses what is no JSON in Verifik’s own envelope', async () => {
    const { url, clientToken } = await begin();
    const headers = { authorization: `Bearer ${clientToken}`, 'content-type': 'application/json' };
    const answer = await fetch(`${url}/v2/app-registrations`, { method: 'POST', headers, body: '{' });
    expect(await answer.json()).toMatchObject({ code: 'MissingParameter' });
    expect(answer.headers.get('x-sandbox-detail')).toContain('body:');
  });

  it('takes a first and a last name, and no name at all where it is optional', async () => {
    const sandbox = await begin();
    const names = { fullName: undefined, firstName: 'First', lastName: 'Last' };
    const named = await ask(sandbox, sandbox.clientToken, CREATE, registrationOf(sandbox, somebody(), names));
    expect(named.body).toMatchObject({ data: { fullName: 'First Last' } });
    await sandbox.control.settings({ fullName: 'optional' });
    const other = registrationOf(sandbox, somebody(undefined, 1), { fullName: undefined });
    expect((await ask(sandbox, sandbox.clientToken, CREATE, other)).status).toBe(200);
  });
});

describe('registering again', () => {
  it('under recreate gives the same registration, a new token, and deletes email and phone validations only', async () => {
    const sandbox = await begin();
    const person = somebody();
    const first = await register(sandbox, person);
    const { _id: validation, otp } = await requestEmailCode(sandbox, first.token, person);
    await ask(sandbox, first.token, 'POST /email-validations/validate', { email: person.email, otp });
    await ask(sandbox, first.token, 'POST /document-validations/app-registration', { image: 'AAAA' });
    expect(await look(sandbox, first._id)).toMatchObject({ emailValidation: { _id: validation, status: 'validated' } });

    const second = await register(sandbox, person);
    expect(second._id).toBe(first._id);
    expect(await look(sandbox, first._id)).toMatchObject({
      emailValidation: null,
      documentValidation: { status: 'completed' },
    });
    expect((await ask(sandbox, first.token, 'POST /app-registrations/me', {})).status).toBe(401);
    expect((await ask(sandbox, second.token, 'POST /app-registrations/me', {})).status).toBe(200);
    expect(await sandbox.control.ledger()).toMatchObject({ registrationsCreated: 1, registrationsRecreated: 1 });
  });

  it('under recreate takes the new contact over', async () => {
    const sandbox = await begin();
    const person = somebody();
    const { _id } = await register(sandbox, person);
    const moved = { ...person, phone: '3009999999' };
    expect((await register(sandbox, moved))._id).toBe(_id);
    expect(await look(sandbox, _id)).toMatchObject({ phone: '3009999999' });
    // The former number is free again.
    expect((await register(sandbox, { ...somebody(undefined, 1), phone: person.phone }))._id).not.toBe(_id);
  });

  it('under resume is refused by the way that is known, whatever its case', async () => {
    const sandbox = await begin({ settings: { reRegistration: 'resume' } });
    const person = somebody();
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
  it('gives references as ids, populated where asked, and as ids where populates are passed over', async () => {
    const sandbox = await begin();
    const person = somebody();
    const { _id, token } = await register(sandbox, person);
    const { _id: validation } = await requestEmailCode(sandbox, token, person);
    const read = (query: string) => ask(sandbox, sandbox.clientToken, `GET /app-registrations/${_id}${query}`);
    expect((await read('')).body).toMatchObject({ data: { emailValidation: validation, phoneValidation: null } });
    expect((await read('?populates[]=emailValidation&populates[]=projectFlow')).body).toMatchObject({
      data: {
        emailValidation: { _id: validation, status: 'sent' },
        projectFlow: { onboardingSettings: { steps: { document: 'mandatory' }, signUpForm: { phoneGateway: 'sms' } } },
      },
    });
    await sandbox.control.settings({ references: 'ids' });
    expect((await read('?populates[]=emailValidation')).body).toMatchObject({ data: { emailValidation: validation } });
  });

  it('lists by page, status in either generation of words, project and flow', async () => {
    const sandbox = await begin();
    const ids: string[] = [];
    for (let index = 0; index < 5; index += 1) ids.push((await register(sandbox, somebody(undefined, index)))._id);
    await sandbox.control.setStatus(ids[4] ?? '', 'FAILED');
    const list = async (query: string) =>
      as(
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

  it.each(['limit=101', 'limit=0', 'page=x', 'page=1.5'])('refuses the list with %s', async (query) => {
    const sandbox = await begin();
    const answer = await ask(sandbox, sandbox.clientToken, `GET /app-registrations?${query}`);
    expect(answer.status).toBe(409);
    expect(detailOf(answer)).toContain('expected a whole number');
  });

  it('knows nothing of what it was made to forget', async () => {
    const sandbox = await begin();
    const { _id, token } = await register(sandbox);
    await sandbox.control.forget(_id);
    expect(await ask(sandbox, sandbox.clientToken, `GET /app-registrations/${_id}`)).toMatchObject({
      status: 404,
      body: { code: 'appRegistration_not_found' },
    });
    expect((await ask(sandbox, token, 'POST /app-registrations/me', {})).status).toBe(404);
    expect((await register(sandbox))._id).not.toBe(_id);
  });

  it('tells thousands of applicants apart', async () => {
    const sandbox = await begin();
    const people = Array.from({ length: 2_000 }, (_, index) => ({
      ...somebody(),
      email: `a${index}@b.example.com`,
      phone: `${index}`,
    }));
    const ids = await Promise.all(people.map(async (person) => (await register(sandbox, person))._id));
    expect(new Set(ids).size).toBe(2_000);
    expect((await register(sandbox, people[1_500]))._id).toBe(ids[1_500]);
    expect(await sandbox.control.ledger()).toMatchObject({ registrationsCreated: 2_000, registrationsRecreated: 1 });
  });
});

describe('changing a registration', () => {
  it('links its own validations only, and replaces the phone, whose validation is then gone', async () => {
    const sandbox = await begin();
    const person = somebody();
    const { _id, token } = await register(sandbox, person);
    const { _id: emailValidation } = await requestEmailCode(sandbox, token, person);
    const put = (body: object, by = token) => ask(sandbox, by, `PUT /app-registrations/${_id}`, body);
    expect(as(Data, await put({ emailValidation })).data).toMatchObject({ emailValidation });
    expect((await put({ emailValidation: 'f'.repeat(24) })).status).toBe(404);
    expect(as(Data, await put({ phone: '3110000000', replacePhone: true }, sandbox.clientToken)).data).toMatchObject({
      phone: '3110000000',
    });
    expect((await put({ phone: '31-1' })).status).toBe(409);

    const other = await register(sandbox, somebody(undefined, 1));
    expect((await put({}, other.token)).status).toBe(403);
    const { phone, countryCode } = somebody(undefined, 1);
    expect((await put({ phone, countryCode })).body).toMatchObject({ code: 'phone_is_registered_already' });
  });
});
