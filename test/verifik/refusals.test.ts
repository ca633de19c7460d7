import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CODE_WORDS } from '../../verifik/errors.js';
import { readRefusal } from '../../verifik/refusals.js';

const read = (status: number, body: unknown) =>
  readRefusal({ endpoint: 'createAppRegistration', requestId: 'r', status, body });

/** Every code word in Verifik's documentation, in its spelling, with the expected error type. */
const ROWS: readonly (readonly [string, string])[] = [
  ['MissingParameter', 'InvalidRequest'],
  ['MISSING_CONTACT_INFO', 'InvalidRequest'],
  ['missing countryCode', 'InvalidRequest'],
  ['Invalid countryCode format, expected +123', 'InvalidRequest'],
  ['Invalid email format', 'InvalidRequest'],
  ['Needs an email or a phone at least', 'InvalidRequest'],
  ['INVALID_PROJECT_FLOW', 'Misconfigured'],
  ['project_not_found', 'Misconfigured'],
  ['projectFlow_not_found', 'Misconfigured'],
  ['security_not_set', 'Misconfigured'],
  ['document_settings_not_set', 'Misconfigured'],
  ['collection_not_set', 'Misconfigured'],
  ['email domain not allowed', 'RefusedByPolicy'],
  ['email_is_registered_already', 'AlreadyRegistered'],
  ['phone_is_registered_already', 'AlreadyRegistered'],
  ['cannot_resend_link_for_this_status', 'RegistrationClosed'],
  ['AppRegistration_not_found', 'NotFound'],
  ['appRegistration_not_found', 'NotFound'],
  ['otp_does_not_match', 'AttemptFailed'],
  ['emailValidation_has_expired', 'AttemptFailed'],
  ['phoneValidation_has_expired', 'AttemptFailed'],
  ['liveness_failed', 'AttemptFailed'],
  ['already_exists', 'AttemptFailed'],
  ['person_already_set', 'AttemptFailed'],
  ['Unauthorized', 'Credentials'],
  ['Forbidden', 'Credentials'],
  ['access_denied', 'Credentials'],
  ['step_not_supported', 'InvalidRequest'],
  ['phone, email, projectFlow must be unique', 'AlreadyRegistered'],
  ['insufficient_credits', 'InsufficientCredits'],
  ['plan_not_found', 'Misconfigured'],
  ['ClientSmartEnrollPlan_not_found', 'Misconfigured'],
  ['ProjectFlow_security_was_not_set', 'Misconfigured'],
  ['signUpForm_validation_not_passed', 'AttemptFailed'],
  ['App registration not found', 'NotFound'],
  ['email_validation_not_found', 'NotFound'],
  ['phone_validation_not_found', 'NotFound'],
  ['DOCUMENT_VALIDATION_NOT_FOUND', 'NotFound'],
  ['biometric_validation_not_found', 'NotFound'],
  ['documentValidation_not_found', 'NotFound'],
  ['biometricValidation_not_found', 'NotFound'],
  ['PERSON_NOT_FOUND', 'NotFound'],
  ['token_expired', 'Credentials'],
];

describe('an error response', () => {
  it.each(ROWS)('the code word %s yields %s in every envelope and with any HTTP status', (word, type) => {
    for (const status of [400, 404, 409, 412, 422, 500]) {
      expect(read(status, { error: 'Some words', message: word }).type).toBe(type);
      expect(read(status, { message: `${status}:${word}`, code: word }).type).toBe(type);
      expect(read(status, { success: false, error: word, code: word }).type).toBe(type);
      expect(read(status, { message: `${status}:${word}@0.45` }).type).toBe(type);
    }
  });

  it('every code word of the client is documented by Verifik', () => {
    expect(new Set(ROWS.map(([word]) => read(400, { message: word }).code))).toEqual(new Set(Object.keys(CODE_WORDS)));
  });

  it('a specific code word takes precedence over a general one', () => {
    expect(read(409, { message: '409:email_is_registered_already', code: 'PreconditionFailed' }).type).toBe(
      'AlreadyRegistered',
    );
  });

  it.each([
    [401, 'Credentials'],
    [403, 'Credentials'],
    [404, 'NotSupported'],
    [405, 'NotSupported'],
    [400, 'InvalidRequest'],
    [422, 'InvalidRequest'],
    [408, 'Transient'],
    [425, 'Transient'],
    [429, 'Transient'],
    [500, 'Transient'],
    [502, 'Transient'],
    [503, 'Transient'],
    [504, 'Transient'],
  ])('HTTP %i without a known code word yields %s', (status, type) => {
    const words = ['unheard_of', 'constructor', '__proto__', 'hasOwnProperty', 'person_already_settled', '', 7];
    for (const message of words.filter((word) => typeof word === 'string' && word !== ''))
      expect(read(status, { message, code: message })).toMatchObject({ type, code: `http_${status}` });
  });

  it.each([400, 403, 404, 405, 412, 422])('HTTP %i in none of the envelopes is of a proxy, and transient', (status) => {
    for (const body of ['<html>403 Forbidden</html>', '', null, [], {}, { message: 7 }, { message: '' }])
      expect(read(status, body)).toMatchObject({ type: 'Transient', code: `http_${status}` });
  });

  it("the page of Verifik's own server for an unknown route means that it has no such call", () => {
    expect(read(404, '<pre>Cannot POST /v2/app-registrations/1/resend-link</pre>').type).toBe('NotSupported');
  });

  it('PreconditionFailed alone is only the name of HTTP 412', () => {
    expect(read(412, { message: 'PreconditionFailed', code: 'PreconditionFailed' }).type).toBe('InvalidRequest');
    expect(read(412, { message: 'email domain not allowed', code: 'PreconditionFailed' }).type).toBe('RefusedByPolicy');
  });

  it.each([
    ['Needs an email or a phone at least', ['contact.email', 'contact.phone']],
    ['missing countryCode', ['contact.countryCode']],
    ['Invalid email format', ['contact.email']],
    ['Invalid project ID format', ['project']],
    ['"projectFlow" must be an id', ['projectFlow']],
    ['"fullName" is not allowed to be empty', ['fullName']],
    ['PreconditionFailed', []],
  ])('an invalid request has the fields that "%s" names', (message, names) => {
    const error = read(400, { message, code: 'BadRequest' });
    expect(error).toMatchObject({ type: 'InvalidRequest', fields: names.map((field) => ({ field })) });
    for (const name of names) expect(error.message).toContain(`${name} (expected `);
  });

  it('an error says whether the call can have taken effect', () => {
    expect(read(429, {})).toMatchObject({ effect: 'none' });
    expect(read(503, {})).toMatchObject({ effect: 'unknown' });
  });

  it('an error contains no data of the body except known code words', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 5 }), fc.constantFrom('message', 'error', 'code', 'other'), (text, key) => {
        const secret = `secret ${text}`;
        const { code, message } = read(409, { [key]: secret, details: { email: secret } });
        expect(`${code} ${message}`).not.toContain(secret);
      }),
    );
    const { message } = read(409, { message: 'email_is_registered_already', error: 'someone@example.com is taken' });
    expect(message).toBe(
      'Verifik already has a registration for this contact (createAppRegistration: email_is_registered_already, HTTP 409); resume that registration',
    );
  });
});
