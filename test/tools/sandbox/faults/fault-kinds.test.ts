import { describe, expect, it } from 'vitest';
import { FAULT_PROFILES, type Fault, type Sandbox, startSandbox } from '../../../../tools/sandbox/index.js';
import { ask, inventPerson, openSandbox, register, registrationOf } from '../vendor.js';

const CREATE = 'POST /v2/app-registrations';

const create = (sandbox: Sandbox, index = 0, headers = {}) =>
  ask(
    sandbox,
    sandbox.clientToken,
    'POST /app-registrations',
    registrationOf(sandbox, inventPerson(undefined, index)),
    headers,
  );

const withFault = (fault: Omit<Fault, 'match'>): Promise<Sandbox> =>
  openSandbox({ faults: [{ match: CREATE, times: 1, ...fault }] });

const created = async (sandbox: Sandbox) => (await sandbox.control.ledger()).registrationsCreated;

describe('a fault', () => {
  it.each(['lostAnswer', 'cutBody'] as const)('%s takes effect and then breaks the connection', async (kind) => {
    const sandbox = await withFault({ kind });
    await expect(create(sandbox)).rejects.toThrow();
    expect(await created(sandbox)).toBe(1);
    expect((await create(sandbox)).status).toBe(200);
    expect(await created(sandbox)).toBe(1);
  });

  it('reset breaks the connection before the call takes effect', async () => {
    const sandbox = await withFault({ kind: 'reset' });
    await expect(create(sandbox)).rejects.toThrow();
    expect(await created(sandbox)).toBe(0);
  });

  it.each([
    ['hang', 0],
    ['heldAnswer', 1],
  ] as const)('%s never responds, and creates %i registrations', async (kind, count) => {
    const sandbox = await withFault({ kind });
    const controller = new AbortController();
    const call = fetch(`${sandbox.url}${CREATE.slice(5)}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${sandbox.clientToken}`, 'content-type': 'application/json' },
      body: JSON.stringify(registrationOf(sandbox, inventPerson())),
      signal: controller.signal,
    });
    const unanswered = expect(call).rejects.toThrow(/aborted/i);
    await expect.poll(async () => (await sandbox.control.requests()).length).toBe(1);
    await expect.poll(() => created(sandbox)).toBe(count);
    controller.abort();
    await unanswered;
  });

  it('status responds as configured before the call takes effect, with Retry-After in seconds or as a date', async () => {
    const sandbox = await withFault({ kind: 'status', status: 429, code: 'slow_down', retryAfter: '7' });
    const inSeconds = await create(sandbox);
    expect(inSeconds).toMatchObject({ status: 429, body: { code: 'slow_down' } });
    expect(inSeconds.headers.get('retry-after')).toBe('7');
    await sandbox.control.faults([{ match: '*', kind: 'status', retryAfterDateMs: 60_000 }]);
    const asDate = await create(sandbox);
    expect(asDate.status).toBe(503);
    const waitMs = Date.parse(asDate.headers.get('retry-after') ?? '') - Date.now();
    expect(waitMs).toBeGreaterThan(55_000);
    expect(waitMs).toBeLessThanOrEqual(60_000);
    expect(await created(sandbox)).toBe(0);
  });

  it('expiredToken responds with 401 Unauthorized to a valid token', async () => {
    const sandbox = await withFault({ kind: 'expiredToken' });
    expect(await create(sandbox)).toMatchObject({ status: 401, body: { code: 'Unauthorized' } });
    expect(await created(sandbox)).toBe(0);
  });

  it.each([
    ['nonJson', /^<html>/],
    ['empty', /^$/],
    ['wrongShape', /^\{"data":\{"unexpected":true\}\}$/],
  ] as const)('%s takes effect and responds with 200 and a damaged body', async (kind, text) => {
    const sandbox = await withFault({ kind });
    expect(await create(sandbox)).toMatchObject({ status: 200, text: expect.stringMatching(text) });
    expect(await created(sandbox)).toBe(1);
  });

  it('latency delays a call and can be combined with another fault', async () => {
    const sandbox = await openSandbox({
      faults: [
        { match: '*', kind: 'latency', latencyMs: 60, jitterMs: 5 },
        { match: '*', kind: 'status', status: 500 },
      ],
    });
    const startedAt = performance.now();
    expect((await create(sandbox)).status).toBe(500);
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(59);
  });

  it('a fault skips `after` calls, applies `times` times, and does not affect other calls', async () => {
    const sandbox = await openSandbox({ faults: [{ match: CREATE, kind: 'status', after: 1, times: 2 }] });
    const { _id } = await register(sandbox);
    const statuses = [];
    for (let call = 0; call < 3; call += 1) statuses.push((await create(sandbox)).status);
    expect(statuses).toEqual([503, 503, 200]);
    await sandbox.control.faults([{ match: 'POST /v2/app-registrations/{id}/resend-link', kind: 'status' }]);
    expect((await ask(sandbox, sandbox.clientToken, `GET /app-registrations/${_id}`)).status).toBe(200);
    expect((await ask(sandbox, sandbox.clientToken, `POST /app-registrations/${_id}/resend-link`, {})).status).toBe(
      503,
    );
  });

  it('a fault that another fault or a refusal prevented applies to a later call', async () => {
    const sandbox = await openSandbox({
      settings: { reRegistration: 'resume' },
      faults: [
        { match: CREATE, kind: 'status', times: 1 },
        { match: CREATE, kind: 'lostAnswer', times: 1 },
      ],
    });
    expect((await create(sandbox)).status).toBe(503);
    await expect(create(sandbox)).rejects.toThrow();
    await sandbox.control.faults([{ match: CREATE, kind: 'lostAnswer', times: 1 }]);
    expect((await create(sandbox)).status).toBe(409);
    await expect(create(sandbox, 1)).rejects.toThrow();
  });

  it('a fault with a rate applies to the same calls for the same seed', async () => {
    const storm: Fault[] = [{ match: '*', kind: 'status', rate: 0.5 }];
    const statusesWith = async (seed: number) => {
      const sandbox = await openSandbox({ seed, faults: storm });
      const statuses = [];
      for (let call = 0; call < 30; call += 1) statuses.push((await create(sandbox)).status);
      return statuses;
    };
    const statuses = await statusesWith(9);
    expect(new Set(statuses)).toEqual(new Set([200, 503]));
    expect(await statusesWith(9)).toEqual(statuses);
    expect(await statusesWith(10)).not.toEqual(statuses);
  });

  it('a fault does not change the sequence of ids', async () => {
    const [plain, faulty] = [
      await openSandbox(),
      await openSandbox({ faults: [{ match: '*', kind: 'latency', rate: 0.5 }] }),
    ];
    expect((await register(faulty))._id).toBe((await register(plain))._id);
  });

  it.each([
    [{ match: CREATE, kind: 'boom' }, '0: kind: expected latency or status'],
    [{ match: CREATE, kind: 'hang', rate: 7 }, '0: rate: expected a number from 0 to 1'],
    [{ match: CREATE, kind: 'hang', tmies: 1 }, '0: tmies: no such field'],
    [{ match: 'POST /v2/app-registration', kind: 'hang' }, '0: match: no such call'],
    [{ kind: 'hang' }, '0: match: expected string'],
  ])('an invalid list of faults is refused and changes nothing: %j', async (fault, words) => {
    const sandbox = await openSandbox({ faults: [{ match: CREATE, kind: 'status' }] });
    const put = (faults: unknown) =>
      fetch(`${sandbox.url}/_sandbox/faults`, {
        method: 'PUT',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(faults),
      });
    const answer = await put([fault]);
    expect(answer.status).toBe(400);
    expect(await answer.text()).toContain(words);
    expect((await put({})).status).toBe(400);
    expect((await create(sandbox)).status).toBe(503);
    await fetch(`${sandbox.url}/_sandbox/faults`, { method: 'DELETE' });
    expect((await create(sandbox)).status).toBe(200);
  });

  it('the sandbox accepts all fault profiles', async () => {
    for (const faults of Object.values(FAULT_PROFILES)) await openSandbox({ faults });
  });
});

describe('the ledger', () => {
  it('the ledger counts all calls, including those without a response, and logs them without bodies', async () => {
    const sandbox = await openSandbox({ faults: [{ match: CREATE, kind: 'lostAnswer', times: 1 }] });
    await expect(create(sandbox, 0, { 'x-request-id': 'first' })).rejects.toThrow();
    await create(sandbox, 0, { 'x-request-id': 'second' });
    await ask(sandbox, sandbox.clientToken, 'GET /nowhere');
    expect((await sandbox.control.ledger()).calls).toMatchObject({ [CREATE]: 2, 'GET (unknown)': 1 });
    const requests = await sandbox.control.requests();
    expect(requests).toMatchObject([
      { method: 'POST', route: '/v2/app-registrations', status: null, fault: 'lostAnswer', requestId: 'first' },
      { method: 'POST', route: '/v2/app-registrations', status: 200, fault: null, requestId: 'second' },
      { method: 'GET', route: '(unknown)', status: 404 },
    ]);
    expect(JSON.stringify(requests)).not.toContain(inventPerson().email);
  });

  it('the ledger counts registrations by contact, tokens, and credits by the tariff', async () => {
    const sandbox = await openSandbox();
    const person = inventPerson();
    const { _id, token } = await register(sandbox, person);
    await register(sandbox, inventPerson(undefined, 1));
    await ask(sandbox, token, 'POST /document-validations/app-registration', { image: 'AAAA' });
    await ask(sandbox, sandbox.clientToken, `POST /app-registrations/${_id}/resend-link`, {});
    await ask(sandbox, sandbox.clientToken, 'GET /auth/session?origin=refresh');
    expect(await sandbox.control.ledger()).toMatchObject({
      registrationsCreated: 2,
      registrationsByContact: { [person.email]: 1, [`${person.countryCode}${person.phone}`]: 1 },
      tokensMinted: 3,
      resendLinks: 1,
      sessionsRefreshed: 1,
      validationsCreated: { email: 0, phone: 0, document: 1, biometric: 0 },
      validationsByRegistration: { [_id]: { document: 1 } },
      credits: 2 * 1 + 5,
    });
  });
});

describe('closing', () => {
  it('close resolves at once with hanging calls, delayed calls and open connections', async () => {
    const sandbox = await startSandbox({
      faults: [
        { match: CREATE, kind: 'hang' },
        { match: 'GET /v2/app-registrations', kind: 'latency', latencyMs: 60_000 },
      ],
    });
    const hanging = [create(sandbox), ask(sandbox, sandbox.clientToken, 'GET /app-registrations')].map((call) =>
      call.then(
        () => 'answered',
        () => 'cut',
      ),
    );
    await expect.poll(async () => (await sandbox.control.requests()).length).toBe(2);
    const startedAt = performance.now();
    await sandbox.close();
    expect(performance.now() - startedAt).toBeLessThan(20_000);
    expect(await Promise.all(hanging)).toEqual(['cut', 'cut']);
  });
});
