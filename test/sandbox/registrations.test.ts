import { describe, expect, it } from 'vitest';
import { inventPeople, startSandbox } from '../../sandbox/index.js';
import { applicant, applicantOf, CREATE, call, create, minutesLeft, open, otherApplicant } from './setting.js';

describe('a registration', () => {
  it('comes with a real token of 120 minutes, and resend-link gives one of 30', async () => {
    const sandbox = await open();
    const { body } = await create(sandbox);
    expect(body.data._id).toMatch(/^[0-9a-f]{24}$/);
    expect(minutesLeft(body.data.token)).toBe(120);
    const resent = await call(sandbox, 'POST', `/app-registrations/${body.data._id}/resend-link`, {});
    expect(minutesLeft(resent.body.data.token)).toBe(30);
    expect(minutesLeft(sandbox.clientToken)).toBe(30 * 24 * 60);
  });

  it('that is created again is recreated: the same one with a new token, without email and phone, with its document', async () => {
    const sandbox = await open();
    const first = (await create(sandbox)).body.data;
    const device = applicantOf(sandbox, first.token);
    for (const check of ['email', 'phone', 'document'] as const) await device.pass(check);
    const second = (await create(sandbox)).body.data;
    expect(second._id).toBe(first._id);
    expect(second).toMatchObject({
      emailValidation: null,
      phoneValidation: null,
      documentValidation: expect.any(String),
    });
    expect((await call(sandbox, 'POST', '/app-registrations/me', {}, first.token)).status).toBe(401);
    expect((await call(sandbox, 'POST', '/app-registrations/me', {}, second.token)).status).toBe(200);
  });

  it('that is created again under resume is refused, by the way that is registered already', async () => {
    const sandbox = await open({ settings: { reRegistration: 'resume' } });
    await create(sandbox);
    expect(await create(sandbox)).toMatchObject({ status: 409, body: { code: 'email_is_registered_already' } });
    const { phone, countryCode } = applicant;
    expect(await create(sandbox, { ...otherApplicant, phone, countryCode })).toMatchObject({
      body: { code: 'phone_is_registered_already' },
    });
  });

  it.each([
    [{ email: undefined, phone: undefined, countryCode: undefined }, 'MISSING_CONTACT_INFO'],
    [{ countryCode: undefined }, 'missing countryCode'],
    [{ countryCode: '57' }, 'Invalid countryCode format'],
    [{ email: 'nobody' }, 'Invalid email format'],
    [{ email: 'a@refused.example' }, 'email domain not allowed'],
    [{ projectFlow: 'unknown' }, 'INVALID_PROJECT_FLOW'],
    [{ project: undefined }, 'MissingParameter'],
  ])('with %j is refused as %s, in each of the three envelopes', async (change, code) => {
    const sandbox = await open();
    const { project, projectFlow } = sandbox;
    const request = { project, projectFlow, ...applicant, ...change };
    const said = async (errorEnvelope: 'seed' | 'later' | 'successFalse') => {
      await sandbox.control.settings({ errorEnvelope });
      return call(sandbox, 'POST', '/app-registrations', request);
    };
    const { status, body } = await said('seed');
    expect(body).toMatchObject({ message: code, error: expect.any(String) });
    expect((await said('later')).body).toEqual({ message: `${status}:${code}`, code, status });
    expect((await said('successFalse')).body).toEqual({ success: false, error: code, code });
  });

  it('is served to who may see it: each call takes the token that belongs to it', async () => {
    const sandbox = await open();
    const { _id, token } = (await create(sandbox)).body.data;
    const statusOf = async (method: string, path: string, with_: string) =>
      (await call(sandbox, method, path, {}, with_)).status;
    expect(await statusOf('POST', '/app-registrations/me', sandbox.clientToken)).toBe(403);
    expect(await statusOf('POST', `/app-registrations/${_id}/resend-link`, token)).toBe(403);
    expect(await statusOf('POST', '/document-validations/app-registration', 'no.such.token')).toBe(401);
    await sandbox.control.advanceClock(121 * 60_000);
    expect(await statusOf('POST', '/app-registrations/me', token)).toBe(401);
    await sandbox.control.advanceClock(31 * 24 * 3_600_000);
    expect((await call(sandbox, 'GET', '/auth/session?origin=refresh', undefined)).status).toBe(401);
  });
});

describe('a validation', () => {
  it('by code is failed after three wrong ones, expired after ten minutes, and sent again rather than doubled', async () => {
    const sandbox = await open();
    const { token, _id } = (await create(sandbox)).body.data;
    const device = applicantOf(sandbox, token);
    for (let n = 0; n < 3; n += 1) await expect(device.validateEmail('000000')).rejects.toThrow('refused');
    const read = () =>
      call(sandbox, 'GET', `/app-registrations/${_id}?populates[]=emailValidation&populates[]=phoneValidation`);
    expect((await read()).body.data.emailValidation).toMatchObject({ status: 'failed', attempts: 3 });
    expect((await sandbox.control.ledger()).validationsCreated.email).toBe(1);
    expect(JSON.stringify((await read()).body)).not.toContain(
      (await sandbox.control.outbox({ to: applicant.email }))[0]?.otp,
    );
    await expect(device.validatePhone('000000')).rejects.toThrow('refused');
    await sandbox.control.advanceClock(11 * 60_000);
    expect((await read()).body.data.phoneValidation).toMatchObject({ status: 'expired' });
  });

  it.each([
    ['document-FAILED', 'document', 'FAILED'],
    ['document-NOT_FOUND', 'document', 'NOT_FOUND'],
    ['document-review', 'document', 'NEEDS_MANUAL_VERIFICATION'],
    ['document-ACTIVE_BUT_UNVERIFIED', 'document', 'ACTIVE_BUT_UNVERIFIED'],
    ['document-NEVER_SEEN', 'document', 'NEVER_SEEN'],
    ['biometric-failed', 'biometric', 'failed'],
    ['biometric-expired', 'biometric', 'expired'],
    ['email-expired', 'email', 'expired'],
    ['phone-failed', 'phone', 'failed'],
  ] as const)('of somebody+%s@… comes to that word', async (tag, check, word) => {
    const sandbox = await open();
    const person = { ...applicant, email: applicant.email.replace('@', `+${tag}@`) };
    const { token } = (await create(sandbox, person)).body.data;
    expect((await applicantOf(sandbox, token, person).pass(check)).status).toBe(word);
  });

  it('can be forced by a control, once or always', async () => {
    const sandbox = await open();
    const { token, _id } = (await create(sandbox)).body.data;
    await sandbox.control.force(_id, { document: 'FAILED', times: 1 });
    const device = applicantOf(sandbox, token);
    expect((await device.pass('document')).status).toBe('FAILED');
    expect((await device.pass('document')).status).toBe('completed');
  });

  it('is what the end waits for: with one missing, people have to look', async () => {
    const sandbox = await open();
    const { token } = (await create(sandbox)).body.data;
    const device = applicantOf(sandbox, token);
    for (const check of ['email', 'phone', 'document'] as const) await device.pass(check);
    expect(await device.finish()).toBe('NEEDS_MANUAL_VERIFICATION');
    await device.pass('biometric');
    expect(await device.finish()).toBe('COMPLETED');
  });
});

describe('an applicant', () => {
  it('goes through alone where the sandbox is told so, to the end of the flow', async () => {
    const sandbox = await open({ settings: { applicants: 'alone', mandatory: ['email', 'document'] } });
    const { _id } = (await create(sandbox)).body.data;
    const status = async () => (await call(sandbox, 'GET', `/app-registrations/${_id}`)).body.data.status;
    await expect.poll(status).toBe('completed');
    expect((await sandbox.control.ledger()).validationsCreated).toEqual({
      email: 1,
      phone: 0,
      document: 1,
      biometric: 0,
    });
  });
});

describe('a sandbox', () => {
  it('of the same seed invents the same people, ids and codes', async () => {
    const ids = async () => {
      const sandbox = await open({ seed: 42 });
      const { _id, token } = (await create(sandbox)).body.data;
      await applicantOf(sandbox, token).pass('email');
      return [_id, (await sandbox.control.outbox())[0]?.otp];
    };
    expect(await ids()).toEqual(await ids());
    expect(inventPeople(3, 2)).toEqual(inventPeople(3, 2));
  });

  it('closes at once, whatever hangs', async () => {
    const sandbox = await startSandbox({ faults: [{ match: '*', kind: 'hang' }] });
    const hanging = create(sandbox).catch(() => 'ended');
    await expect.poll(async () => (await sandbox.control.ledger()).calls[CREATE]).toBe(1);
    await sandbox.close();
    expect(await hanging).toBe('ended');
  });
});
