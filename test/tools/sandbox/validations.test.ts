import * as t from 'io-ts';
import { describe, expect, it } from 'vitest';
import {
  ask,
  decodeBody,
  detailOf,
  emailRequest,
  IMAGE,
  inventPerson,
  MINUTE_MS,
  openSandbox,
  phoneRequest,
  readRegistration,
  register,
  requestEmailCode,
} from './vendor.js';

const person = inventPerson();
const wrong = (otp: string): string => (otp === '000000' ? '111111' : '000000');

describe('email and phone validations', () => {
  it.each(['POST /email-validations/app-registration', 'POST /email-validations'])(
    '%s sends a code of six digits, and the response contains only its hash',
    async (call) => {
      const sandbox = await openSandbox();
      const { token } = await register(sandbox);
      const answer = await ask(sandbox, token, call, emailRequest(sandbox, person));
      const [message] = await sandbox.control.outbox({ email: person.email });
      expect(message).toMatchObject({ otp: expect.stringMatching(/^\d{6}$/), to: person.email });
      expect(answer.body).toMatchObject({
        data: { status: 'sent', otp: expect.stringMatching(/^\$2b\$10\$[./\w]{53}$/) },
      });
      expect(answer.text).not.toContain(message?.otp);
    },
  );

  it('codes are accepted with the validation’s id, as documented, and without it, as by the hosted page', async () => {
    const sandbox = await openSandbox();
    const first = await register(sandbox);
    const { _id, otp } = await requestEmailCode(sandbox, first.token, person);
    const documented = await ask(sandbox, first.token, `PUT /email-validations/${_id}`, { email: person.email, otp });
    expect(documented.body).toMatchObject({ data: { _id, status: 'validated', email: person.email } });

    for (const call of ['PUT /phone-validations', 'POST /phone-validations/validate']) {
      const { token } = await register(sandbox);
      await ask(sandbox, token, 'POST /phone-validations', phoneRequest(sandbox, person));
      const { phone, countryCode } = person;
      const [byDigits, byNumber] = await Promise.all([
        sandbox.control.outbox({ phone }),
        sandbox.control.outbox({ phone: `${countryCode}${phone}` }),
      ]);
      expect(byDigits).toEqual(byNumber);
      const answer = await ask(sandbox, token, call, { phone, countryCode, otp: byDigits.at(-1)?.otp });
      expect(answer.body).toMatchObject({ data: { status: 'validated', phone } });
    }
  });

  it('a second request for a code resends that of the open validation', async () => {
    const sandbox = await openSandbox();
    const { token } = await register(sandbox);
    const first = await requestEmailCode(sandbox, token, person);
    expect(await requestEmailCode(sandbox, token, person)).toEqual(first);
    expect((await sandbox.control.ledger()).validationsCreated).toMatchObject({ email: 1 });
    expect(await sandbox.control.outbox({ email: person.email })).toHaveLength(2);
  });

  it('the third wrong code fails the validation, even for the correct code afterwards', async () => {
    const sandbox = await openSandbox();
    const { _id, token } = await register(sandbox);
    const { otp } = await requestEmailCode(sandbox, token, person);
    const answer = (code: string) =>
      ask(sandbox, token, 'POST /email-validations/validate', { email: person.email, otp: code });
    for (const attempts of [1, 2, 3]) {
      expect(await answer(wrong(otp))).toMatchObject({ status: 403, body: { code: 'otp_does_not_match' } });
      const status = attempts === 3 ? 'failed' : 'sent';
      expect(await readRegistration(sandbox, _id)).toMatchObject({
        emailValidation: { attempts, maxAttempts: 3, status },
      });
    }
    expect((await answer(otp)).status).toBe(403);
    const next = await requestEmailCode(sandbox, token, person);
    expect((await answer(next.otp)).body).toMatchObject({ data: { _id: next._id, status: 'validated' } });
  });

  it('a code expires after ten minutes, and another one can be requested', async () => {
    const sandbox = await openSandbox();
    const { _id, token } = await register(sandbox);
    const { otp } = await requestEmailCode(sandbox, token, person);
    await sandbox.control.advanceClock(9 * MINUTE_MS);
    expect(await readRegistration(sandbox, _id)).toMatchObject({ emailValidation: { status: 'sent' } });
    await sandbox.control.advanceClock(MINUTE_MS);
    expect(await readRegistration(sandbox, _id)).toMatchObject({ emailValidation: { status: 'expired' } });
    const answer = await ask(sandbox, token, 'POST /email-validations/validate', { email: person.email, otp });
    expect(answer).toMatchObject({ status: 412, body: { code: 'emailValidation_has_expired' } });
    await requestEmailCode(sandbox, token, person);
    expect(await readRegistration(sandbox, _id)).toMatchObject({ emailValidation: { status: 'sent' } });
  });

  it('a repeated correct code has the same response, and other codes are refused', async () => {
    const sandbox = await openSandbox();
    const { token } = await register(sandbox);
    const { otp } = await requestEmailCode(sandbox, token, person);
    const answer = (code: string) =>
      ask(sandbox, token, 'POST /email-validations/validate', { email: person.email, otp: code });
    expect((await answer(otp)).body).toEqual((await answer(otp)).body);
    expect((await answer(wrong(otp))).status).toBe(403);
  });

  it('contact validations require the registration’s own contact', async () => {
    const sandbox = await openSandbox();
    const { token } = await register(sandbox);
    const { otp } = await requestEmailCode(sandbox, token, person);
    const other = inventPerson(undefined, 1);
    const refused = { status: 409, body: { code: 'MissingParameter' } };
    expect(await ask(sandbox, token, 'POST /email-validations', emailRequest(sandbox, other))).toMatchObject(refused);
    const validate = { email: other.email, otp };
    expect(await ask(sandbox, token, 'POST /email-validations/validate', validate)).toMatchObject(refused);
    const elsewhere = await ask(sandbox, token, `PUT /email-validations/${'f'.repeat(24)}`, {
      ...validate,
      email: person.email,
    });
    expect(elsewhere).toMatchObject({ status: 404, body: { code: 'emailValidation_not_found' } });
  });

  it.each([
    [{ validationMethod: 'magic' }, 'validationMethod: expected verificationCode or manual'],
    [{ type: undefined }, 'type: expected a text'],
    [{ project: 'another' }, 'project_not_found'],
  ])('contact validations refuse %j', async (change, words) => {
    const sandbox = await openSandbox();
    const { token } = await register(sandbox);
    const answer = await ask(sandbox, token, 'POST /email-validations', {
      ...emailRequest(sandbox, person),
      ...change,
    });
    expect(`${answer.text} ${detailOf(answer)}`).toContain(words);
    expect((await sandbox.control.ledger()).validationsCreated).toMatchObject({ email: 0 });
  });

  it('manual validations send no code', async () => {
    const sandbox = await openSandbox();
    const { token } = await register(sandbox);
    const request = { ...emailRequest(sandbox, person), validationMethod: 'manual' };
    expect((await ask(sandbox, token, 'POST /email-validations', request)).body).toMatchObject({
      data: { status: 'new' },
    });
    expect(await sandbox.control.outbox({ email: person.email })).toEqual([]);
  });
});

describe('document and biometric validations', () => {
  const UPLOAD = 'POST /document-validations/app-registration';
  const SELFIE = 'POST /biometric-validations/app-registration';
  const selfie = { image: `data:image/png;base64,${IMAGE}`, os: 'IOS' };

  it('a document is assessed after the response', async () => {
    const sandbox = await openSandbox({ settings: { statusWords: 'upper' } });
    const { _id, token } = await register(sandbox);
    const answer = await ask(sandbox, token, UPLOAD, { backImage: IMAGE });
    const Uploaded = t.type({ data: t.type({ documentValidation: t.type({ _id: t.string, status: t.string }) }) });
    const { documentValidation } = decodeBody(Uploaded, answer).data;
    expect(documentValidation.status).toBe('ASSESSING');
    expect(await readRegistration(sandbox, _id)).toMatchObject({
      documentValidation: { status: 'VALIDATED', appRegistration: _id },
    });
    for (const reader of [sandbox.clientToken, token]) {
      const read = await ask(sandbox, reader, `GET /document-validations/${documentValidation._id}`);
      expect(read.body).toMatchObject({ data: { status: 'VALIDATED' }, signature: { dateTime: expect.any(String) } });
    }
  });

  it('the response to a selfie is the registration, with the validation and the person', async () => {
    const sandbox = await openSandbox();
    const { _id, token } = await register(sandbox);
    const { body } = await ask(sandbox, token, SELFIE, selfie);
    expect(body).toMatchObject({
      data: { _id, biometricValidation: { livenessScore: 0.93 }, person: expect.any(String) },
    });
  });

  it('a passed document or selfie is replaced only by force', async () => {
    const sandbox = await openSandbox();
    const { token } = await register(sandbox);
    await ask(sandbox, token, UPLOAD, { image: IMAGE });
    await ask(sandbox, token, SELFIE, selfie);
    expect((await ask(sandbox, token, UPLOAD, { image: IMAGE })).body).toMatchObject({ code: 'already_exists' });
    expect((await ask(sandbox, token, SELFIE, selfie)).body).toMatchObject({ code: 'person_already_set' });
    expect((await sandbox.control.ledger()).validationsCreated).toMatchObject({ document: 1, biometric: 1 });
    expect((await ask(sandbox, token, UPLOAD, { image: IMAGE, force: true })).status).toBe(200);
    expect((await sandbox.control.ledger()).validationsCreated).toMatchObject({ document: 2 });
  });

  it.each([
    [UPLOAD, {}],
    [UPLOAD, { image: 'not base64!' }],
    [SELFIE, { os: 'IOS' }],
    [SELFIE, { image: 'not base64!', os: 'IOS' }],
    [SELFIE, { ...selfie, os: 'BEOS' }],
  ])('%s refuses %j', async (call, body) => {
    const sandbox = await openSandbox();
    const { token } = await register(sandbox);
    expect(await ask(sandbox, token, call, body)).toMatchObject({ status: 409, body: { code: 'MissingParameter' } });
  });

  it('faces can be compared once document and selfie exist', async () => {
    const sandbox = await openSandbox();
    const { _id, token } = await register(sandbox);
    const COMPARE = 'POST /face-recognition/compare/app-registration';
    expect(detailOf(await ask(sandbox, token, COMPARE, {}))).toContain('documentValidation: expected one before');
    await ask(sandbox, token, UPLOAD, { image: IMAGE });
    await ask(sandbox, token, SELFIE, selfie);
    await ask(sandbox, token, COMPARE, {});
    expect(await readRegistration(sandbox, _id)).toMatchObject({
      compareFaceVerification: {
        result: { passed: true, compare_min_score: 0.85 },
        comparedAt: expect.stringMatching(/^20/),
      },
    });
  });
});

describe('syncing', () => {
  const sync = async (step: string, status: string, settings = {}) => {
    const sandbox = await openSandbox({ settings });
    const { _id, token } = await register(sandbox);
    return ask(sandbox, token, `PUT /app-registrations/${_id}/sync`, { step, status });
  };

  it('sync completes a registration only if all mandatory checks have passed', async () => {
    const blocked = await sync('end', 'COMPLETED');
    expect(blocked.body).toMatchObject({
      data: { status: 'NEEDS_MANUAL_VERIFICATION', steps: { liveness: 'mandatory' } },
    });
    expect((await sync('end', 'COMPLETED', { mandatory: [] })).body).toMatchObject({ data: { status: 'COMPLETED' } });
    expect((await sync('end', 'FAILED')).body).toMatchObject({ data: { status: 'FAILED' } });
    const status = async (...step: readonly [string, string, object]) => (await sync(...step)).body;
    expect(await status('skipKYC', 'COMPLETED_WITHOUT_KYC', {})).toMatchObject({ data: { status: 'ONGOING' } });
    expect(await status('skipKYC', 'COMPLETED_WITHOUT_KYC', { skipKycAnswer: 'status' })).toMatchObject({
      data: { status: 'COMPLETED_WITHOUT_KYC' },
    });
    expect((await sync('liveness', 'ONGOING')).body).toMatchObject({ data: { status: 'ONGOING', step: 'liveness' } });
  });

  it.each(['dance', 'constructor', '__proto__'])('sync refuses the step %s', async (step) => {
    expect(await sync(step, 'ONGOING')).toMatchObject({ status: 500, body: { code: 'step_not_supported' } });
  });

  it.each([
    ['document', 'COMPLETED'],
    ['skipKYC', 'COMPLETED'],
  ])('sync refuses the step %s with the status %s', async (step, status) => {
    expect(detailOf(await sync(step, status))).toContain('status: expected');
  });

  it('sync does not change a closed registration', async () => {
    const sandbox = await openSandbox({ settings: { mandatory: [] } });
    const { _id, token } = await register(sandbox);
    const put = (step: string, status: string) =>
      ask(sandbox, token, `PUT /app-registrations/${_id}/sync`, { step, status });
    await put('end', 'COMPLETED');
    expect((await put('end', 'FAILED')).body).toMatchObject({ data: { status: 'COMPLETED' } });
  });
});
