import { describe, expect, it } from 'vitest';
import { createApplicant, type Fault, type Sandbox, type SandboxOptions } from '../../../tools/sandbox/index.js';
import { as, ask, begin, Data, look, register, somebody } from './vendor.js';

/** Somebody who was verified once, and is registered again. */
const returning = async (options: SandboxOptions = {}) => {
  const sandbox = await begin(options);
  const person = somebody();
  const first = await register(sandbox, person);
  for await (const _step of createApplicant({ url: sandbox.url, token: first.token }).goThrough());
  const before = await look(sandbox, first._id);
  expect(before).toMatchObject({ status: 'completed' });
  const { _id, token } = await register(sandbox, person);
  expect(_id).toBe(first._id);
  return { sandbox, person, before, id: _id, token, applicant: createApplicant({ url: sandbox.url, token }) };
};

const idIn = (registration: Readonly<Record<string, unknown>>, check: 'document' | 'biometric'): unknown =>
  as(Data, { status: 200, headers: new Headers(), text: '', body: { data: registration[`${check}Validation`] } }).data[
    '_id'
  ];

const completed = (sandbox: Sandbox, id: string) =>
  expect.poll(async () => (await look(sandbox, id))['status']).toBe('completed');

describe('whoever comes back after they were verified', () => {
  it('is as if new, but for the document and the selfie', async () => {
    const { sandbox, before, id } = await returning();
    expect(await look(sandbox, id)).toMatchObject({
      status: 'new',
      currentStep: 'signUpForm',
      emailValidation: null,
      phoneValidation: null,
      documentValidation: before['documentValidation'],
      biometricValidation: before['biometricValidation'],
    });
  });

  it('can give both again by force: new validations, which take the place of the former', async () => {
    const { sandbox, before, id, applicant } = await returning();
    const document = await applicant.uploadDocument({ force: true });
    const selfie = await applicant.takeSelfie({ force: true });
    expect([document.status, selfie.status]).toEqual(['completed', 'validated']);
    const after = await look(sandbox, id);
    expect(after).toMatchObject({
      documentValidation: { _id: document.validationId, status: 'completed' },
      biometricValidation: { _id: selfie.validationId, status: 'validated' },
    });
    for (const check of ['document', 'biometric'] as const) expect(idIn(after, check)).not.toBe(idIn(before, check));
    expect((await sandbox.control.ledger()).validationsByRegistration[id]).toMatchObject({ document: 2, biometric: 2 });
    const former = await ask(
      sandbox,
      sandbox.clientToken,
      `GET /document-validations/${String(idIn(before, 'document'))}`,
    );
    expect(former).toMatchObject({ status: 200, body: { data: { status: 'completed' } } });
  });

  it('keeps both without force', async () => {
    const { before, applicant } = await returning();
    expect((await applicant.uploadDocument()).validationId).toBe(idIn(before, 'document'));
    expect((await applicant.pass('biometric')).validationId).toBe(idIn(before, 'biometric'));
  });

  it('can fail this time', async () => {
    const { sandbox, id, applicant } = await returning();
    await sandbox.control.force(id, { document: 'FAILED', biometric: 'failed' });
    expect(await applicant.uploadDocument({ force: true })).toMatchObject({ status: 'FAILED' });
    expect(await applicant.pass('biometric', { force: true })).toMatchObject({ status: 'failed' });
    await applicant.validateEmail();
    await applicant.validatePhone();
    expect(await applicant.finish()).toBe('NEEDS_MANUAL_VERIFICATION');
  });

  it('is charged once for what is forced, also when answers are lost', async () => {
    const { sandbox, id, applicant } = await returning();
    const faults: Fault[] = (['lostAnswer', 'wrongShape', 'reset'] as const).flatMap((kind) =>
      ['document', 'biometric'].map((check) => ({
        match: `POST /v2/${check}-validations/app-registration`,
        kind,
        times: 1,
      })),
    );
    await sandbox.control.faults(faults);
    const checks = ['document', 'biometric'] as const;
    for await (const _step of applicant.goThrough({ checks, force: checks }));
    expect((await sandbox.control.ledger()).validationsByRegistration[id]).toMatchObject({ document: 2, biometric: 2 });
  });

  it.each([
    ['keep', 1],
    ['redo', 2],
  ] as const)('and goes alone: %s', async (returningApplicants, times) => {
    const sandbox = await begin({ settings: { applicants: 'alone', returningApplicants } });
    const { _id } = await register(sandbox);
    await completed(sandbox, _id);
    await register(sandbox);
    await completed(sandbox, _id);
    expect((await sandbox.control.ledger()).validationsByRegistration[_id]).toEqual({
      email: 2,
      phone: 2,
      document: times,
      biometric: times,
    });
  });

  it('and goes alone does by force only what was there before', async () => {
    const sandbox = await begin({ settings: { applicants: 'alone', returningApplicants: 'redo' } });
    await sandbox.control.population({ count: 1, checks: ['email', 'document'] });
    const [id = ''] = await sandbox.control.ids();
    const { email, phone, countryCode } = await look(sandbox, id);
    const { _id } = await register(sandbox, somebody(), { email, phone, countryCode });
    expect(_id).toBe(id);
    await completed(sandbox, id);
    expect((await sandbox.control.ledger()).validationsByRegistration[id]).toEqual({
      email: 1,
      phone: 1,
      document: 1,
      biometric: 1,
    });
  });
});

describe('the ledger', () => {
  it('tells by registration what was done again, and on demand only what was done too often', async () => {
    const { sandbox, person, id } = await returning();
    const other = await register(sandbox, somebody(undefined, 1));
    expect((await sandbox.control.ledger()).registrationsRecreatedByRegistration).toEqual({ [id]: 1 });
    expect(await sandbox.control.repeated()).toEqual({ registrationsRecreated: {}, resendLinks: {}, validations: {} });
    const { token } = await register(sandbox, person);
    await createApplicant({ url: sandbox.url, token }).uploadDocument({ force: true });
    for (const _time of [1, 2, 3])
      await ask(sandbox, sandbox.clientToken, `POST /app-registrations/${other._id}/resend-link`, {});
    expect(await sandbox.control.repeated()).toEqual({
      registrationsRecreated: { [id]: 2 },
      resendLinks: { [other._id]: 3 },
      validations: { [id]: { document: 2 } },
    });
    expect(await sandbox.control.repeated(2)).toEqual({
      registrationsRecreated: {},
      resendLinks: { [other._id]: 3 },
      validations: {},
    });
    expect((await sandbox.control.ledger()).resendLinksByRegistration).toEqual({ [other._id]: 3 });
  });

  it('has totals, which are the ledger without the registrations', async () => {
    const { sandbox } = await returning();
    const {
      registrationsByContact: _contacts,
      registrationsRecreatedByRegistration: _recreated,
      finishedChecksDiscardedByRegistration: _discarded,
      resendLinksByRegistration: _resent,
      validationsByRegistration: _validations,
      ...totals
    } = await sandbox.control.ledger();
    expect(await sandbox.control.totals()).toEqual(totals);
  });

  it('tells by registration how often an email or a phone that had passed was thrown away, and where each stands', async () => {
    const { sandbox, person, id } = await returning();
    // Nothing has passed since: there is nothing to throw away.
    await register(sandbox, person);
    const { registrationsRecreatedByRegistration, ...ledger } = await sandbox.control.ledger();
    expect(registrationsRecreatedByRegistration).toEqual({ [id]: 2 });
    expect(ledger.finishedChecksDiscardedByRegistration).toEqual({ [id]: 1 });
    const checks = { document: 'completed', biometric: 'validated' };
    expect(await sandbox.control.standings()).toEqual([{ _id: id, email: person.email, status: 'new', checks }]);
  });

  it('refuses to look for what is no number of times', async () => {
    const { url } = await begin();
    expect((await fetch(`${url}/_sandbox/ledger/repeated?moreThan=often`)).status).toBe(400);
  });
});
