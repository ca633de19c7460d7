import { describe, expect, it } from 'vitest';
import type { Settings } from '../../../../tools/sandbox/index.js';
import { FAILED_REASONS } from '../../../../tools/sandbox/rules/reasons.js';
import { ask, IMAGE, inventPerson, openSandbox, readRegistration, register } from '../vendor.js';

const UPLOAD = 'POST /document-validations/app-registration';
const SELFIE = 'POST /biometric-validations/app-registration';

const open = async (settings: Partial<Settings> = {}, tag?: string) => {
  const sandbox = await openSandbox({ settings });
  const { _id, token } = await register(sandbox, inventPerson(tag));
  return {
    sandbox,
    _id,
    upload: () => ask(sandbox, token, UPLOAD, { image: IMAGE }),
    takeSelfie: () => ask(sandbox, token, SELFIE, { image: IMAGE, os: 'IOS' }),
    read: () => readRegistration(sandbox, _id),
  };
};

describe('a failed document or selfie', () => {
  it.each(FAILED_REASONS.document)('a document can fail with the reason %s', async (reason) => {
    const { upload, read } = await open({ failedValidations: 'moved' }, `document-${reason}`);
    expect(await upload()).toMatchObject({ status: 409, body: { code: reason } });
    expect(await read()).toMatchObject({
      documentValidation: null,
      failedDocumentValidations: [{ status: 'failed', failedReason: `409:${reason}` }],
    });
  });

  it.each(FAILED_REASONS.biometric)('a selfie can fail with the reason %s', async (reason) => {
    const { takeSelfie, read } = await open({ failedValidations: 'moved' }, `biometric-${reason}`);
    expect(await takeSelfie()).toMatchObject({ status: 409, body: { code: reason } });
    expect(await read()).toMatchObject({
      biometricValidation: null,
      failedBiometricValidations: [{ status: 'failed', failedReason: reason }],
    });
  });

  it('a failed one remains the current one by default, except for a selfie of bad quality', async () => {
    const { sandbox, _id, upload, takeSelfie, read } = await open();
    await sandbox.control.force(_id, { document: 'FAILED', biometric: 'poor_lighting', times: 1 });
    await upload();
    await takeSelfie();
    expect(await read()).toMatchObject({
      documentValidation: { status: 'FAILED' },
      failedDocumentValidations: [{ status: 'FAILED' }],
      biometricValidation: null,
      failedBiometricValidations: [{ failedReason: 'poor_lighting' }],
    });
    await upload();
    expect(await read()).toMatchObject({
      documentValidation: { status: 'completed' },
      failedDocumentValidations: [{ status: 'FAILED' }],
    });
  });

  it('a reason can be a raw message, or absent', async () => {
    const { sandbox, _id, upload, read } = await open();
    await sandbox.control.force(_id, { documentReason: 'ENOENT: /srv/app/lib/ocr.js', times: 1 });
    expect((await upload()).status).toBe(200);
    await sandbox.control.force(_id, { document: 'FAILED' });
    await upload();
    const { failedDocumentValidations } = await read();
    expect(failedDocumentValidations).toMatchObject([{ failedReason: 'ENOENT: /srv/app/lib/ocr.js' }, {}]);
    expect(failedDocumentValidations).not.toMatchObject([{}, { failedReason: expect.anything() }]);
  });

  it('the arrays contain ids unless they are populated, and some entries can lack their id', async () => {
    const { sandbox, _id, upload, read } = await open({ failedIds: 'some' }, 'document-FAILED');
    await upload();
    await upload();
    const { failedDocumentValidations } = await read();
    expect(failedDocumentValidations).toMatchObject([{ _id: expect.any(String) }, { status: 'FAILED' }]);
    expect(failedDocumentValidations).not.toMatchObject([{}, { _id: expect.anything() }]);
    expect((await ask(sandbox, sandbox.clientToken, `GET /app-registrations/${_id}`)).body).toMatchObject({
      data: { failedDocumentValidations: [expect.any(String), expect.any(String)] },
    });
  });

  it('a selfie fails below the flow’s minimum liveness score', async () => {
    const { takeSelfie, read } = await open({ flow: { minScore: 0.95 } });
    expect(await takeSelfie()).toMatchObject({ status: 409, body: { code: 'liveness_failed' } });
    expect(await read()).toMatchObject({ failedBiometricValidations: [{ failedReason: 'liveness_failed' }] });
  });

  it('attempt limits are enforced on request, and selfies of bad quality do not count', async () => {
    const flow = { livenessAttempts: 1 };
    const { sandbox, _id, takeSelfie } = await open({ attemptLimits: 'enforced', flow });
    await sandbox.control.force(_id, { biometric: 'face_too_far', times: 2 });
    await takeSelfie();
    await takeSelfie();
    await sandbox.control.force(_id, { biometric: 'failed', times: 1 });
    expect((await takeSelfie()).body).toMatchObject({ code: 'liveness_failed' });
    expect(await takeSelfie()).toMatchObject({ status: 409, body: { code: 'attempts_limit_reached' } });
  });
});
