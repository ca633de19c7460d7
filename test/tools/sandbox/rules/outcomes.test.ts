import { describe, expect, it } from 'vitest';
import { inventPerson, openSandbox, readRegistration, registerApplicant } from '../vendor.js';

const WORDS = {
  email: ['new', 'sent', 'validated', 'failed', 'expired', 'frobnicated'],
  phone: ['new', 'sent', 'validated', 'failed', 'expired', 'frobnicated'],
  document: [
    'new',
    'pending',
    'ASSESSING',
    'completed',
    'VALIDATED',
    'ACTIVE',
    'failed',
    'FAILED',
    'NOT_FOUND',
    'EXPIRED',
    'expired',
    'NEEDS_MANUAL_VERIFICATION',
    'ACTIVE_BUT_UNVERIFIED',
    'FROBNICATED',
  ],
  biometric: ['new', 'pending', 'validated', 'completed', 'failed', 'expired', 'FROBNICATED'],
} as const;

const CASES = (['email', 'phone', 'document', 'biometric'] as const).flatMap((kind) =>
  WORDS[kind].map((word) => [kind, word] as const),
);

describe('a forced outcome', () => {
  it.each(CASES)('a forced outcome of %s can be %s, in every generation of words', async (kind, word) => {
    for (const statusWords of ['lower', 'upper'] as const) {
      const sandbox = await openSandbox({ settings: { statusWords } });
      const { _id, applicant } = await registerApplicant(sandbox, inventPerson());
      await sandbox.control.force(_id, { [kind]: word });
      expect(await applicant.pass(kind)).toMatchObject({ check: kind, status: word });
      expect(await readRegistration(sandbox, _id)).toMatchObject({ [`${kind}Validation`]: { status: word } });
    }
  });

  it.each(['COMPLETED', 'completed', 'COMPLETED_WITHOUT_KYC', 'FAILED', 'EXPIRED', 'STARTED', 'FROBNICATED'])(
    'a forced status of the registration can be %s',
    async (word) => {
      const sandbox = await openSandbox();
      const { _id, applicant } = await registerApplicant(sandbox, inventPerson());
      await sandbox.control.force(_id, { registration: word });
      await applicant.finish();
      expect(await readRegistration(sandbox, _id)).toMatchObject({ status: word });
    },
  );

  it('email tags force outcomes, permanently or once, alone or combined, and other tags have no effect', async () => {
    const sandbox = await openSandbox();
    const person = inventPerson('document-failed+biometric-failed-once+compare-failed+news');
    const { _id, applicant } = await registerApplicant(sandbox, person);
    const tries = [];
    for (const check of ['document', 'document', 'biometric', 'biometric'] as const)
      tries.push((await applicant.pass(check)).status);
    expect(tries).toEqual(['failed', 'failed', 'failed', 'validated']);
    expect(await applicant.compareFaces()).toBe(false);
    expect(await readRegistration(sandbox, _id)).toMatchObject({
      compareFaceVerification: { result: { passed: false } },
    });
  });

  it('a forced outcome applies `times` times for each target', async () => {
    const sandbox = await openSandbox();
    const { _id, applicant } = await registerApplicant(sandbox, inventPerson());
    await sandbox.control.force(_id, { document: 'FAILED', biometric: 'expired', times: 1 });
    expect((await applicant.pass('document')).status).toBe('FAILED');
    expect((await applicant.pass('biometric')).status).toBe('expired');
    expect((await applicant.pass('document')).status).toBe('completed');
    expect((await applicant.pass('biometric')).status).toBe('validated');
    await sandbox.control.force(_id, { phone: 'expired', times: 2 });
    for (const status of ['expired', 'expired', 'validated'])
      expect((await applicant.pass('phone')).status).toBe(status);
  });

  it('a misspelt outcome is refused with the name of the field', async () => {
    const sandbox = await openSandbox();
    const { _id } = await registerApplicant(sandbox, inventPerson());
    const misspelt = { documnet: 'failed' } as object;
    await expect(sandbox.control.force(_id, misspelt)).rejects.toThrow('documnet: no such field');
    await expect(sandbox.control.force(_id, { document: 'failed', times: -1 })).rejects.toThrow('times: expected');
  });
});

describe('a review', () => {
  const underReview = async (tag = 'document-review') => {
    const sandbox = await openSandbox();
    const one = await registerApplicant(sandbox, inventPerson(tag));
    for await (const _step of one.applicant.goThrough());
    return { sandbox, ...one };
  };

  it('a review lasts until a reviewer resolves it, even if steps are synced meanwhile', async () => {
    const { sandbox, _id, applicant } = await underReview();
    expect(await readRegistration(sandbox, _id)).toMatchObject({ status: 'NEEDS_MANUAL_VERIFICATION' });
    expect(await applicant.sync('document')).toBe('NEEDS_MANUAL_VERIFICATION');
    expect(await applicant.finish()).toBe('NEEDS_MANUAL_VERIFICATION');
  });

  it.each(['document-review', 'compare-failed', 'registration-review'])(
    'after an approved review of %s, a later sync completes the registration',
    async (tag) => {
      const { sandbox, _id, applicant } = await underReview(tag);
      expect(await readRegistration(sandbox, _id)).toMatchObject({ status: 'NEEDS_MANUAL_VERIFICATION' });
      await sandbox.control.resolve(_id, 'approve');
      expect(await readRegistration(sandbox, _id)).toMatchObject({
        status: 'ONGOING',
        documentValidation: { status: 'completed' },
      });
      expect(await applicant.finish()).toBe('COMPLETED');
    },
  );

  it('a rejected review ends the registration as failed', async () => {
    const { sandbox, _id, applicant } = await underReview();
    await sandbox.control.resolve(_id, 'reject');
    expect(await readRegistration(sandbox, _id)).toMatchObject({
      status: 'FAILED',
      documentValidation: { status: 'failed' },
    });
    expect(await applicant.finish()).toBe('FAILED');
  });
});
