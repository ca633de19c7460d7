import { describe, expect, it } from 'vitest';
import type { Fault, Sandbox, SandboxOptions } from '../../../tools/sandbox/index.js';
import {
  ask,
  Data,
  decodeBody,
  inventPerson,
  openSandbox,
  readRegistration,
  register,
  registerApplicant,
} from './vendor.js';

/** Creates a verified applicant and registers it again. */
const returning = async (options: SandboxOptions = {}) => {
  const sandbox = await openSandbox(options);
  const person = inventPerson();
  const first = await registerApplicant(sandbox, person);
  for await (const _step of first.applicant.goThrough());
  const before = await readRegistration(sandbox, first._id);
  expect(before).toMatchObject({ status: 'completed' });
  const { _id, token, applicant } = await registerApplicant(sandbox, person);
  expect(_id).toBe(first._id);
  return { sandbox, person, before, id: _id, token, applicant };
};

const idIn = (registration: Readonly<Record<string, unknown>>, check: 'document' | 'biometric'): unknown =>
  decodeBody(Data, {
    status: 200,
    headers: new Headers(),
    text: '',
    body: { data: registration[`${check}Validation`] },
  }).data['_id'];

const completed = (sandbox: Sandbox, id: string) =>
  expect.poll(async () => (await readRegistration(sandbox, id))['status']).toBe('completed');

describe('an applicant who returns after being verified', () => {
  it('a returning applicant starts again, except for document and selfie', async () => {
    const { sandbox, before, id } = await returning();
    expect(await readRegistration(sandbox, id)).toMatchObject({
      status: 'new',
      currentStep: '1',
      emailValidation: null,
      phoneValidation: null,
      documentValidation: before['documentValidation'],
      biometricValidation: before['biometricValidation'],
    });
  });

  it('force replaces document and selfie by new validations', async () => {
    const { sandbox, before, id, applicant } = await returning();
    const document = await applicant.uploadDocument({ force: true });
    const selfie = await applicant.takeSelfie({ force: true });
    expect([document.status, selfie.status]).toEqual(['completed', 'validated']);
    const after = await readRegistration(sandbox, id);
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

  it('document and selfie are kept without force', async () => {
    const { before, applicant } = await returning();
    expect((await applicant.uploadDocument()).validationId).toBe(idIn(before, 'document'));
    expect((await applicant.pass('biometric')).validationId).toBe(idIn(before, 'biometric'));
  });

  it('a repeated check can fail', async () => {
    const { sandbox, id, applicant } = await returning();
    await sandbox.control.force(id, { document: 'FAILED', biometric: 'failed' });
    expect(await applicant.uploadDocument({ force: true })).toMatchObject({ status: 'FAILED' });
    expect(await applicant.pass('biometric', { force: true })).toMatchObject({ status: 'failed' });
    await applicant.validateEmail();
    await applicant.validatePhone();
    expect(await applicant.finish()).toBe('NEEDS_MANUAL_VERIFICATION');
  });

  it('a forced check is charged once even if responses are lost', async () => {
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
  ] as const)(
    'an automatic applicant follows the setting returningApplicants: %s',
    async (returningApplicants, times) => {
      const sandbox = await openSandbox({ settings: { applicants: 'alone', returningApplicants } });
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
    },
  );

  it('an automatic applicant repeats only the checks that it has done before', async () => {
    const sandbox = await openSandbox({ settings: { applicants: 'alone', returningApplicants: 'redo' } });
    await sandbox.control.population({ count: 1, checks: ['email', 'document'] });
    const [id = ''] = await sandbox.control.ids();
    const { email, phone, countryCode } = await readRegistration(sandbox, id);
    const { _id } = await register(sandbox, inventPerson(), { email, phone, countryCode });
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
  it('the ledger counts repeated operations by registration, and filters them by a threshold', async () => {
    const { sandbox, person, id } = await returning();
    const other = await register(sandbox, inventPerson(undefined, 1));
    expect((await sandbox.control.ledger()).registrationsRecreatedByRegistration).toEqual({ [id]: 1 });
    expect(await sandbox.control.repeated()).toEqual({ registrationsRecreated: {}, resendLinks: {}, validations: {} });
    const { applicant } = await registerApplicant(sandbox, person);
    await applicant.uploadDocument({ force: true });
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

  it('the totals are the ledger without its entries per registration', async () => {
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

  it('the ledger counts discarded email and phone checks by registration, and statuses lists all statuses', async () => {
    const { sandbox, person, id } = await returning();
    // No check has passed since, so nothing is discarded.
    await register(sandbox, person);
    const { registrationsRecreatedByRegistration, ...ledger } = await sandbox.control.ledger();
    expect(registrationsRecreatedByRegistration).toEqual({ [id]: 2 });
    expect(ledger.finishedChecksDiscardedByRegistration).toEqual({ [id]: 1 });
    const checks = { document: 'completed', biometric: 'validated' };
    expect(await sandbox.control.statuses()).toEqual([{ _id: id, email: person.email, status: 'new', checks }]);
  });

  it('the ledger refuses a threshold that is not a number', async () => {
    const { url } = await openSandbox();
    expect((await fetch(`${url}/_sandbox/ledger/repeated?moreThan=often`)).status).toBe(400);
  });
});
