import * as t from 'io-ts';
import { describe, expect, it } from 'vitest';
import { DRIFT_WORDS, type PopulationOptions, type Sandbox } from '../../../../tools/sandbox/index.js';
import {
  ask,
  Data,
  decodeBody,
  inventPerson,
  openSandbox,
  readRegistration,
  register,
  registrationOf,
} from '../vendor.js';

const DAY_MS = 86_400_000;

const Listed = t.type({
  _id: t.string,
  email: t.string,
  phone: t.string,
  countryCode: t.string,
  fullName: t.string,
  status: t.string,
  createdAt: t.string,
});
const Page = t.type({ data: t.array(Listed), total: t.number, pages: t.number });

const page = async (sandbox: Sandbox, query: string) =>
  decodeBody(Page, await ask(sandbox, sandbox.clientToken, `GET /app-registrations?${query}`));

const listAll = async (sandbox: Sandbox, query = '') => {
  const listed: t.TypeOf<typeof Listed>[] = [];
  for (let at = 1; ; at += 1) {
    const { data, pages } = await page(sandbox, `${query}&limit=100&page=${at}`);
    listed.push(...data);
    if (at >= pages) return listed;
  }
};

const populated = async (options: PopulationOptions, settings = {}) => {
  const sandbox = await openSandbox({ settings });
  const made = await sandbox.control.population(options);
  return { sandbox, made, ids: await sandbox.control.ids() };
};

const idOf = (ids: readonly string[], index: number): string => ids.at(index) ?? '';

const PASSED = { status: expect.stringMatching(/^(validated|completed)$/) };

describe('a population', () => {
  it('a population of 20,000 is created at once, verified, findable by contact, and not charged', async () => {
    const sandbox = await openSandbox();
    expect(await sandbox.control.population({ count: 20_000 })).toMatchObject({ count: 20_000 });
    const ids = await sandbox.control.ids();
    expect(new Set(ids).size).toBe(20_000);
    for (const index of [0, 9_999, 19_999])
      expect(await readRegistration(sandbox, idOf(ids, index))).toMatchObject({
        _id: expect.stringMatching(/^[0-9a-f]{24}$/),
        status: 'COMPLETED',
        email: expect.stringMatching(/^[a-z.0-9]+@applicants\.example\.com$/),
        phone: expect.stringMatching(/^\d{10}$/),
        countryCode: expect.stringMatching(/^\+\d{1,3}$/),
        fullName: expect.stringMatching(/^\w+ \w+$/),
        emailValidation: PASSED,
        phoneValidation: PASSED,
        documentValidation: PASSED,
        biometricValidation: PASSED,
        compareFaceVerification: { result: { passed: true } },
      });
    expect(await sandbox.control.ledger()).toMatchObject({ registrationsCreated: 0, credits: 0 });
  });

  it('the list contains populations and single registrations in the order of their creation', async () => {
    const sandbox = await openSandbox();
    const before = await register(sandbox, inventPerson());
    await sandbox.control.population({ count: 2_345, ageDays: [1, 10] });
    const after = await register(sandbox, inventPerson(undefined, 1));
    const ids = await sandbox.control.ids();
    const listed = await listAll(sandbox);
    expect(listed.map(({ _id }) => _id)).toEqual(ids);
    expect([ids[0], ids.at(-1)]).toEqual([before._id, after._id]);
    const times = listed.slice(1, -1).map(({ createdAt }) => Date.parse(createdAt));
    expect(times).toEqual(times.toSorted((one, other) => one - other));
    expect(Date.now() - (times[0] ?? 0)).toBeGreaterThanOrEqual(10 * DAY_MS);
    expect(Date.now() - (times.at(-1) ?? 0)).toBeGreaterThanOrEqual(DAY_MS);
    expect(Date.now() - (times.at(-1) ?? 0)).toBeLessThan(1.1 * DAY_MS);
    for (const contact of ['email', 'phone'] as const)
      expect(new Set(listed.map((one) => one[contact])).size).toBe(ids.length);
  });

  it('drifted members have failed, have expired, have an unknown status, or are forgotten', async () => {
    const { sandbox, made, ids } = await populated({
      count: 3_000,
      drift: { failed: 3, expired: 2, unknownWord: 1, forgotten: 4 },
    });
    const { failed, expired, unknownWord, forgotten } = made.drifted;
    expect([failed, expired, unknownWord, forgotten].map(({ length }) => length)).toEqual([3, 2, 1, 4]);
    expect(ids).toHaveLength(3_000);
    const listed = await listAll(sandbox);
    expect(listed.map(({ _id }) => _id)).toEqual(ids.filter((id) => !forgotten.includes(id)));
    const others = listed.filter(({ status }) => status !== 'COMPLETED').map(({ _id, status }) => [_id, status]);
    expect(Object.fromEntries(others)).toEqual(
      Object.fromEntries([
        ...failed.map((id) => [id, DRIFT_WORDS.failed]),
        ...expired.map((id) => [id, DRIFT_WORDS.expired]),
        ...unknownWord.map((id) => [id, DRIFT_WORDS.unknownWord]),
      ]),
    );
    for (const id of forgotten) {
      expect(ids).toContain(id);
      expect((await ask(sandbox, sandbox.clientToken, `GET /app-registrations/${id}`)).status).toBe(404);
    }
    // Each kind is spread over the whole population.
    expect(failed.map((id) => Math.floor(ids.indexOf(id) / 1_000))).toEqual([0, 1, 2]);
    expect((await page(sandbox, 'in_status[]=FAILED&in_status[]=EXPIRED')).total).toBe(5);
    expect((await page(sandbox, 'where_status=completed')).total).toBe(2_990);
  });

  it('a population has the given status, ages and validations', async () => {
    const checks = ['email', 'document'] as const;
    const { sandbox, ids } = await populated(
      { count: 3, status: 'NEEDS_MANUAL_VERIFICATION', ageDays: [0, 0], checks },
      { statusWords: 'upper' },
    );
    const registration = await readRegistration(sandbox, idOf(ids, 1));
    expect(registration).toMatchObject({
      status: 'NEEDS_MANUAL_VERIFICATION',
      emailValidation: { status: 'validated' },
      phoneValidation: null,
      documentValidation: { status: 'VALIDATED' },
      biometricValidation: null,
      compareFaceVerification: null,
    });
    const { createdAt, updatedAt } = decodeBody(t.type({ createdAt: t.string, updatedAt: t.string }), {
      status: 200,
      headers: new Headers(),
      text: '',
      body: registration,
    });
    expect(Date.now() - Date.parse(createdAt)).toBeLessThan(60_000);
    expect(updatedAt).toBe(createdAt);
  });

  it('a population is the same for the same seed, and shares no member with another population or seed', async () => {
    const peopleWith = async (seed: number) => {
      const sandbox = await openSandbox();
      await sandbox.control.population({ count: 50, seed, ageDays: [3, 3] });
      await sandbox.control.population({ count: 50, seed, ageDays: [3, 3] });
      return (await listAll(sandbox)).map(({ _id, email, phone }) => [_id, email, phone].join());
    };
    const people = await peopleWith(7);
    expect(await peopleWith(7)).toEqual(people);
    expect(new Set([...people, ...(await peopleWith(8))]).size).toBe(200);
    const ids = people.map((person) => person.split(',')[0]);
    expect(new Set(ids).size).toBe(100);
  });

  it.each([
    [{}, 'count: expected a whole number from 1 to 10000000'],
    [{ count: 0 }, 'count: expected a whole number'],
    [{ count: 1, ageDays: [2, 1] }, 'ageDays: expected the minimum and the maximum days'],
    [{ count: 1, checks: ['mood'] }, 'checks.0: expected email or phone or document or biometric'],
    [{ count: 1, status: ' ' }, 'status: expected a status word'],
    [{ count: 1, moods: 2 }, 'moods: no such field'],
    [{ count: 1, drift: { faild: 1 } }, 'drift.faild: no such field'],
    [{ count: 1, drift: { failed: -1 } }, 'drift.failed: expected a whole number from 0'],
    [{ count: 1, drift: { failed: 1, expired: 1 } }, 'drift: expected at most count registrations in all'],
    [{ count: 1, projectFlow: 'another' }, 'projectFlow: expected one of'],
  ])('a population with %j is refused and nothing is added', async (body, words) => {
    const sandbox = await openSandbox();
    const answer = await fetch(`${sandbox.url}/_sandbox/population`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ message: expect.stringContaining(words) });
    expect(await sandbox.control.ids()).toEqual([]);
  });
});

describe('a member of a population', () => {
  it('registering a member again recreates it, by email or phone, and keeps document and selfie', async () => {
    const { sandbox, ids } = await populated({ count: 2_000 });
    const id = idOf(ids, 1_234);
    const { data } = await page(sandbox, 'page=1235&limit=1');
    const { email = '', phone = '', countryCode = '' } = data[0] ?? {};
    const before = await readRegistration(sandbox, id);
    const { _id, token } = await register(sandbox, {
      ...inventPerson(),
      email: email.toUpperCase(),
      phone,
      countryCode,
    });
    expect(_id).toBe(id);
    expect(await readRegistration(sandbox, id)).toMatchObject({
      status: 'new',
      emailValidation: null,
      phoneValidation: null,
      documentValidation: before['documentValidation'],
      biometricValidation: before['biometricValidation'],
    });
    expect((await ask(sandbox, token, 'POST /app-registrations/me', {})).status).toBe(200);
    const byPhone = { ...inventPerson(undefined, 1), phone, countryCode };
    expect((await register(sandbox, byPhone))._id).toBe(id);
    expect((await page(sandbox, 'where_status=new')).data.map((one) => one._id)).toEqual([id]);
    // The previous address is free again.
    expect((await register(sandbox, { ...inventPerson(undefined, 2), email }))._id).not.toBe(id);
  });

  it('a verified member is refused under resume, and gets no link', async () => {
    const { sandbox, ids } = await populated({ count: 10 }, { reRegistration: 'resume' });
    const { data } = await page(sandbox, 'limit=1');
    const { email, phone, countryCode } = data[0] ?? inventPerson();
    const again = registrationOf(sandbox, { ...inventPerson(), email, phone, countryCode });
    expect(await ask(sandbox, sandbox.clientToken, 'POST /app-registrations', again)).toMatchObject({
      status: 409,
      body: { code: 'email_is_registered_already' },
    });
    const resend = await ask(sandbox, sandbox.clientToken, `POST /app-registrations/${ids[0]}/resend-link`, {});
    expect(resend).toMatchObject({ status: 409, body: { code: 'cannot_resend_link_for_this_status' } });
    expect(await readRegistration(sandbox, idOf(ids, 0))).toMatchObject({ status: 'COMPLETED' });
  });

  it('the controls find a member by id and email, and can forget it', async () => {
    const { sandbox, ids } = await populated({ count: 1_100 });
    const id = idOf(ids, 1_050);
    await sandbox.control.setStatus(id, 'EXPIRED');
    expect(await readRegistration(sandbox, id)).toMatchObject({ status: 'EXPIRED' });
    const { data } = await page(sandbox, 'page=3&limit=1');
    const email = data[0]?.email ?? '';
    const named = await fetch(`${sandbox.url}/_sandbox/registrations?email=${email}`);
    expect(await named.json()).toMatchObject([{ _id: ids[2] }]);
    await sandbox.control.forget(idOf(ids, 2));
    expect(await (await fetch(`${sandbox.url}/_sandbox/registrations?email=${email}`)).json()).toEqual([]);
    expect((await ask(sandbox, sandbox.clientToken, `GET /app-registrations/${ids[2]}`)).status).toBe(404);
    expect((await page(sandbox, '')).total).toBe(1_099);
    expect(await sandbox.control.ids()).toEqual(ids);
    expect((await register(sandbox, { ...inventPerson(), email }))._id).not.toBe(ids[2]);
  });

  it('the document validation of a member can be read by its id', async () => {
    const { sandbox, ids } = await populated({ count: 5 });
    const { documentValidation } = decodeBody(
      t.type({ data: t.type({ documentValidation: t.string }) }),
      await ask(sandbox, sandbox.clientToken, `GET /app-registrations/${ids[3]}`),
    ).data;
    const read = await ask(sandbox, sandbox.clientToken, `GET /document-validations/${documentValidation}`);
    expect(decodeBody(Data, read).data).toMatchObject({
      _id: documentValidation,
      appRegistration: ids[3],
      status: 'completed',
    });
  });
});

describe('the list of many', () => {
  const flows = { flowA: 'projectA', flowB: 'projectA', flowC: 'projectB' };

  it('the list filters by project and flow', async () => {
    const sandbox = await openSandbox({ settings: { projectFlows: flows } });
    for (const projectFlow of ['flowA', 'flowB', 'flowC', 'flowA'])
      await sandbox.control.population({ count: 1_500, projectFlow });
    const ids = await sandbox.control.ids();
    expect((await page(sandbox, '')).total).toBe(6_000);
    expect((await page(sandbox, 'where_project=projectA')).total).toBe(4_500);
    expect((await page(sandbox, 'where_project=projectB&where_projectFlow=flowA')).total).toBe(0);
    const inFlow = await listAll(sandbox, 'where_projectFlow=flowA');
    expect(inFlow.map(({ _id }) => _id)).toEqual([...ids.slice(0, 1_500), ...ids.slice(4_500)]);
  });

  it('the list of a million registrations returns any page as fast as the first', async () => {
    const sandbox = await openSandbox();
    await sandbox.control.population({ count: 1_000_000, drift: { forgotten: 500 } });
    const quickest = async (query: string) => {
      let best = Number.POSITIVE_INFINITY;
      for (let tried = 0; tried < 12; tried += 1) {
        const begun = performance.now();
        expect((await page(sandbox, query)).data).toHaveLength(100);
        best = Math.min(best, performance.now() - begun);
      }
      return best;
    };
    // Iterating over all of them would take hundreds of milliseconds.
    expect(await quickest('limit=100&page=9995')).toBeLessThan(100);
    expect(await quickest('limit=100&page=5000&where_status=COMPLETED')).toBeLessThan(100);
  });
});
