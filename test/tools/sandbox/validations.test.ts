import * as t from 'io-ts';
import { describe, expect, it } from 'vitest';
import {
  as,
  ask,
  begin,
  detailOf,
  emailRequest,
  IMAGE,
  look,
  MINUTE_MS,
  phoneRequest,
  register,
  requestEmailCode,
  somebody,
} from './vendor.js';

const person = somebody();
const wrong = (otp: string): string => (otp === '000000' ? '111111' : '000000');

describe('email and phone validations', () => {
  it.each(['POST /email-validations/app-registration', 'POST /email-validations'])(
    'by %s send six digits, which the answer shows hashed only',
    async (call) => {
      const sandbox = await begin();
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

  it('are answered by id as documented and without it as the hosted page does', async () => {
    const sandbox = await begin();
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

  it('that are active are sent again, not doubled', async () => {
    const sandbox = await begin();
    const { token } = await register(sandbox);
    const first = await requestEmailCode(sandbox, token, person);
    expect(await requestEmailCode(sandbox, token, person)).toEqual(first);
    expect((await sandbox.control.ledger()).validationsCreated).toMatchObject({ email: 1 });
    expect(await sandbox.control.outbox({ email: person.email })).toHaveLength(2);
  });

  it('fail with the third wrong code; the right one comes too late then', async () => {
    const sandbox = await begin();
    const { _id, token } = await register(sandbox);
    const { otp } = await requestEmailCode(sandbox, token, person);
    const answer = (code: string) =>
      ask(sandbox, token, 'POST /email-validations/validate', { email: person.email, otp: code });
    for (const attempts of [1, 2, 3]) {
      expect(await answer(wrong(otp))).toMatchObject({ status: 403, body: { code: 'otp_does_not_match' } });
      const status = attempts === 3 ? 'failed' : 'sent';
      expect(await look(sandbox, _id)).toMatchObject({ emailValidation: { attempts, maxAttempts: 3, status } });
    }
    expect((await answer(otp)).status).toBe(403);
    const next = await requestEmailCode(sandbox, token, person);
    expect((await answer(next.otp)).body).toMatchObject({ data: { _id: next._id, status: 'validated' } });
  });

  it('expire after ten minutes, and can then be asked for anew', async () => {
    const sandbox = await begin();
    const { _id, token } = await register(sandbox);
    const { otp } = await requestEmailCode(sandbox, token, person);
    await sandbox.control.advanceClock(9 * MINUTE_MS);
    expect(await look(sandbox, _id)).toMatchObject({ emailValidation: { status: 'sent' } });
    await sandbox.control.advanceClock(MINUTE_MS);
    expect(await look(sandbox, _id)).toMatchObject({ emailValidation: { status: 'expired' } });
    const answer = await ask(sandbox, token, 'POST /email-validations/validate', { email: person.email, otp });
    expect(answer).toMatchObject({ status: 412, body: { code: 'emailValidation_has_expired' } });
    await requestEmailCode(sandbox, token, person);
    expect(await look(sandbox, _id)).toMatchObject({ emailValidation: { status: 'sent' } });
  });

  it('answer the same right code again as the first time, and no other', async () => {
    const sandbox = await begin();
    const { token } = await register(sandbox);
    const { otp } = await requestEmailCode(sandbox, token, person);
    const answer = (code: string) =>
      ask(sandbox, token, 'POST /email-validations/validate', { email: person.email, otp: code });
    expect((await answer(otp)).body).toEqual((await answer(otp)).body);
    expect((await answer(wrong(otp))).status).toBe(403);
  });

  it('are of the registration’s own contact only', async () => {
    const sandbox = await begin();
    const { token } = await register(sandbox);
    const { otp } = await requestEmailCode(sandbox, token, person);
    const other = somebody(undefined, 1);
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
  ])('refuse %j', async (change, words) => {
    const sandbox = await begin();
    const { token } = await register(sandbox);
    const answer = await ask(sandbox, token, 'POST /email-validations', {
      ...emailRequest(sandbox, person),
      ...change,
    });
    expect(`${answer.text} ${detailOf(answer)}`).toContain(words);
    expect((await sandbox.control.ledger()).validationsCreated).toMatchObject({ email: 0 });
  });

  it('by hand send no code', async () => {
    const sandbox = await begin();
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

  it('of a document are assessed after the answer', async () => {
    const sandbox = await begin({ settings: { statusWords: 'upper' } });
    const { _id, token } = await register(sandbox);
    const answer = await ask(sandbox, token, UPLOAD, { backImage: IMAGE });
    const Uploaded = t.type({ data: t.type({ documentValidation: t.type({ _id: t.string, status: t.string }) }) });
    const { documentValidation } = as(Uploaded, answer).data;
    expect(documentValidation.status).toBe('ASSESSING');
    expect(await look(sandbox, _id)).toMatchObject({
      documentValidation: { status: 'VALIDATED', appRegistration: _id },
    });
    for (const reader of [sandbox.clientToken, token]) {
      const read = await ask(sandbox, reader, `GET /document-validations/${documentValidation._id}`);
      expect(read.body).toMatchObject({ data: { status: 'VALIDATED' }, signature: { dateTime: expect.any(String) } });
    }
  });

  it('answer a selfie with the registration, which refers to the validation and the person', async () => {
    const sandbox = await begin();
    const { _id, token } = await register(sandbox);
    const { body } = await ask(sandbox, token, SELFIE, selfie);
    expect(body).toMatchObject({
      data: { _id, biometricValidation: expect.stringMatching(/^[0-9a-f]{24}$/), person: expect.any(String) },
    });
  });

  it('that have passed are not made twice, unless forced', async () => {
    const sandbox = await begin();
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
    [SELFIE, { image: IMAGE, os: 'IOS' }],
    [SELFIE, { ...selfie, os: 'BEOS' }],
  ])('%s refuses %j', async (call, body) => {
    const sandbox = await begin();
    const { token } = await register(sandbox);
    expect(await ask(sandbox, token, call, body)).toMatchObject({ status: 409, body: { code: 'MissingParameter' } });
  });

  it('compare faces once both are there', async () => {
    const sandbox = await begin();
    const { _id, token } = await register(sandbox);
    const COMPARE = 'POST /face-recognition/compare/app-registration';
    expect(detailOf(await ask(sandbox, token, COMPARE, {}))).toContain('documentValidation: expected one before');
    await ask(sandbox, token, UPLOAD, { image: IMAGE });
    await ask(sandbox, token, SELFIE, selfie);
    await ask(sandbox, token, COMPARE, {});
    expect(await look(sandbox, _id)).toMatchObject({
      compareFaceVerification: {
        result: { passed: true, compare_min_score: 0.85 },
        comparedAt: expect.stringMatching(/^20/),
      },
    });
  });
});

describe('syncing', () => {
  const sync = async (step: string, status: string, settings = {}) => {
    const sandbox = await begin({ settings });
    const { _id, token } = await register(sandbox);
    return ask(sandbox, token, `PUT /app-registrations/${_id}/sync`, { step, status });
  };

  it('completes at the end only what has nothing left to be done', async () => {
    const blocked = await sync('end', 'COMPLETED');
    expect(blocked.body).toMatchObject({
      data: { status: 'NEEDS_MANUAL_VERIFICATION', steps: { liveness: 'mandatory' } },
    });
    expect((await sync('end', 'COMPLETED', { mandatory: [] })).body).toMatchObject({ data: { status: 'COMPLETED' } });
    expect((await sync('end', 'FAILED')).body).toMatchObject({ data: { status: 'FAILED' } });
    expect((await sync('skipKYC', 'COMPLETED_WITHOUT_KYC')).body).toMatchObject({
      data: { status: 'COMPLETED_WITHOUT_KYC' },
    });
    expect((await sync('liveness', 'ONGOING')).body).toMatchObject({ data: { status: 'ONGOING', step: 'liveness' } });
  });

  it.each(['dance', 'constructor', '__proto__'])('knows no step %s', async (step) => {
    expect(await sync(step, 'ONGOING')).toMatchObject({ status: 500, body: { code: 'step_not_supported' } });
  });

  it.each([
    ['end', 'ONGOING'],
    ['document', 'COMPLETED'],
    ['skipKYC', 'COMPLETED'],
  ])('refuses %s with %s', async (step, status) => {
    expect(detailOf(await sync(step, status))).toContain('status: expected');
  });

  it('moves nothing that is over', async () => {
    const sandbox = await begin({ settings: { mandatory: [] } });
    const { _id, token } = await register(sandbox);
    const put = (step: string, status: string) =>
      ask(sandbox, token, `PUT /app-registrations/${_id}/sync`, { step, status });
    await put('end', 'COMPLETED');
    expect((await put('end', 'FAILED')).body).toMatchObject({ data: { status: 'COMPLETED' } });
  });
});
