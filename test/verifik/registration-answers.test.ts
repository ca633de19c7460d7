import * as E from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import { defined } from '../../shared/defined.js';
import { registrationAnswer, resentAnswer } from '../../verifik/registration-answers.js';

const read = (fields: object) => {
  const answer = registrationAnswer({ data: { _id: 'r', status: 'ONGOING', ...fields } });
  if (E.isLeft(answer)) throw new Error(JSON.stringify(answer.left));
  return answer.right;
};

describe('a face comparison', () => {
  it.each([
    [{ result: { passed: true } }, 'match'],
    [{ result: { passed: false } }, 'mismatch'],
    [{ result: { score: 0.9 } }, 'match'],
    [{ result: { score: 90 } }, 'match'],
    [{ result: { score: 0.84 } }, 'mismatch'],
    [{ result: { score: 0.76, compare_min_score: 0.65 } }, 'match'],
    [{ result: { score: 76, compare_min_score: 65, passed: true } }, 'match'],
    [{ result: { score: 0.41, passed: true } }, 'mismatch'],
    [{ result: { score: 0.99, passed: false } }, 'mismatch'],
    [{ result: {} }, undefined],
    [{ result: { score: 'high' } }, undefined],
    [null, undefined],
    ['65f0a1b2c3d4e5f601234567', undefined],
  ])('the comparison %j is read as %s', (compareFaceVerification, expected) => {
    expect(read({ compareFaceVerification }).comparison).toBe(expected);
  });
});

describe('a resent link', () => {
  const resent = (fields: object) => resentAnswer(() => 7)({ data: { token: TOKEN, ...fields } });
  const TOKEN = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhIn0.c2lnbmF0dXJl';

  it.each([
    [{ emailSent: true }, true],
    [{ emailSent: { sent: true, email: 'x@example.com', mailgunId: '<1@example.com>' } }, true],
    [{ emailSent: { sent: false } }, false],
    [{ emailSent: null }, false],
    [{ emailSent: 'yes' }, undefined],
    [{}, undefined],
  ])('%j: sent is %s', (fields, emailSent) => {
    const answer = resent(fields);
    expect(E.isRight(answer) && answer.right.emailSent).toBe(emailSent);
  });

  it.each([
    ['https://access.verifik.co/sign-up/p?token=t', 'https://access.verifik.co/sign-up/p?token=t'],
    ['http://access.verifik.co/', undefined],
    ['javascript:alert(1)', undefined],
    ['https://', undefined],
    ['', undefined],
    [7, undefined],
  ])('the link %j is handed out as %s', (link, expected) => {
    const answer = resent({ link });
    expect(E.isRight(answer) && answer.right.token).toEqual({
      token: TOKEN,
      expiresAt: 7,
      ...(expected === undefined ? {} : { link: expected }),
    });
  });
});

describe('the attempts at a check', () => {
  const failed = (id: string | undefined, failedReason?: string) => ({ _id: id, status: 'failed', failedReason });

  it('each failed validation is an attempt, but a picture of a poor quality is not', () => {
    const { document, biometric } = read({
      documentValidation: { _id: 'd4', status: 'ACTIVE' },
      failedDocumentValidations: [
        failed('d1'),
        failed('d2', '409:document_number_is_not_extracted'),
        failed(undefined, 'prompt_template_not_found'),
        'd3',
      ],
      failedBiometricValidations: [failed('b1', 'poor_lighting'), failed('b2', '409:liveness_failed@0.45')],
    }).checks;
    expect(document).toEqual({
      result: 'passed',
      validationId: 'd4',
      failedAttempts: ['d1', 'd2', 'document#3', 'd3'],
      failureReasons: {
        d1: 'unspecified',
        d2: 'documentNumberUnreadable',
        'document#3': 'templateMissing',
        d3: 'unspecified',
      },
      failuresListed: true,
    });
    expect(biometric).toMatchObject({
      result: 'failed',
      validationId: 'b2',
      reason: 'livenessFailed',
      failedAttempts: ['b2'],
    });
  });

  it('a document that another record uses waits for a reviewer, whatever came after it', () => {
    const reason = '409:existing_document_validation_with_document_number';
    for (const documentValidation of [null, { _id: 'd2', status: 'ACTIVE' }])
      expect(read({ documentValidation, failedDocumentValidations: [failed('d1', reason)] }).checks.document).toEqual(
        expect.objectContaining({ result: 'inReview', reason: 'documentUsedElsewhere' }),
      );
  });

  it('a raw message of the server is never shown', () => {
    const message = 'ENOENT: no such file, open /srv/app/templates/colombia.json for applicant@example.com';
    const { document } = read({ documentValidation: { _id: 'd', status: 'FAILED', failedReason: message } }).checks;
    expect(document).toMatchObject({ reason: 'unspecified' });
    expect(JSON.stringify(document)).not.toContain('srv');
  });
});

describe('the reason of a review', () => {
  it.each([
    [{ infoValidationSupportedReason: 'document_not_supported' }, 'documentNotSupported'],
    [{ manualVerificationReason: 'validation_timeout' }, 'lookupTimedOut'],
    [{ documentFaceReason: 'document_face_not_provided' }, 'noPortrait'],
    [{ scoreValidated: true, imageValidated: true, namesMatch: false }, 'namesDiffer'],
    [{ scoreValidated: false, imageValidated: true, namesMatch: false }, 'unspecifiedReview'],
    [{ status: 'ACTIVE_BUT_UNVERIFIED' }, 'documentUnverified'],
    [{ manualVerificationReason: 'a raw message' }, 'unspecifiedReview'],
  ])('a document with %j waits because of %s', (fields, reason) => {
    const documentValidation = { _id: 'd', status: 'NEEDS_MANUAL_VERIFICATION', ...fields };
    expect(read({ documentValidation }).checks.document).toMatchObject({ result: 'inReview', reason });
  });
});

describe('the contact of a registration', () => {
  it('the contact is the one that was validated, in one form', () => {
    expect(
      read({
        email: ' Former@Example.com ',
        phone: 3001234567,
        countryCode: '57',
        emailValidation: { _id: 'e', status: 'validated', email: 'New@example.com' },
        phoneValidation: 'p',
      }).contact,
    ).toEqual({ email: 'new@example.com', phone: '3001234567', countryCode: '+57' });
    expect(read({ email: '', phone: null, countryCode: '' })).not.toHaveProperty('contact');
  });
});

describe('a contact', () => {
  it.each([
    [{ email: ' Maria.Lopez@Example.com ' }, { email: 'maria.lopez@example.com' }],
    [
      { phone: '0300 123 4567', countryCode: '57' },
      { phone: '3001234567', countryCode: '+57' },
    ],
    // An Italian number as a JSON number has lost its zero.
    [
      { phone: 612_345_678, countryCode: '+39' },
      { phone: '0612345678', countryCode: '+39' },
    ],
    [
      { phone: 3_001_234_567, countryCode: '+57' },
      { phone: '3001234567', countryCode: '+57' },
    ],
  ])('%j is read in the spelling of requests', (fields, expected) => {
    expect(read(fields).contact).toEqual(expected);
  });
});

describe("a document's expiry", () => {
  it.each([
    [{ documentData: { expirationDate: '2030-01-15' } }, Date.UTC(2030, 0, 16) - 1],
    [{ ocrResults: { fields: { dateOfExpiry: '2030-01-15' } } }, Date.UTC(2030, 0, 16) - 1],
    [
      { documentData: { expirationDate: '' }, ocrResults: { fields: { expirationDate: '2031-12-31' } } },
      Date.UTC(2032, 0, 1) - 1,
    ],
    [{ documentData: { expirationDate: '2030-02-31' } }, undefined],
    [{ documentData: { expirationDate: '15/01/2030' } }, undefined],
    [{ documentData: { expirationDate: '2030-01-15T00:00:00Z' } }, undefined],
    [{ documentData: { expirationDate: 20300115 } }, undefined],
    [{ documentData: 'none' }, undefined],
  ])('in %j is read as %s', (fields, expiresAt) => {
    const document = { _id: 'd', status: 'completed', ...fields };
    expect(read({ documentValidation: document, biometricValidation: document }).checks).toEqual({
      document: { result: 'passed', validationId: 'd', ...defined({ expiresAt }) },
      biometric: { result: 'passed', validationId: 'd' },
    });
  });
});
