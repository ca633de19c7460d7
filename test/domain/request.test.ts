import * as E from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import { decodeContact, referenceBeside } from '../../domain/contact.js';
import { decodeRequest } from '../../domain/request.js';

const request = {
  project: 'project_1',
  projectFlow: 'flow_1',
  contact: { email: 'someone@example.com', phone: '5551234567', countryCode: '+57' },
  fullName: 'Some One',
};

const errorsOf = (input: unknown) => {
  const decoded = decodeRequest(input);
  return E.isLeft(decoded) ? decoded.left.map(({ field, expected }) => `${field}: ${expected}`) : [];
};

describe('a request', () => {
  it('a request without required checks requires every check that its contact allows', () => {
    expect(decodeRequest(request)).toMatchObject({
      right: { policy: { required: ['email', 'phone', 'document', 'biometric'], deadlineMs: 604_800_000 } },
    });
    expect(decodeRequest({ ...request, contact: { email: 'someone@example.com' } })).toMatchObject({
      right: { policy: { required: ['email', 'document', 'biometric'] } },
    });
  });

  it('a request leaves to the project flow what it does not set itself', () => {
    expect(decodeRequest(request)).toMatchObject({
      right: { openPolicy: { required: true, attemptLimits: ['email', 'phone', 'document', 'biometric'] } },
    });
    expect(
      decodeRequest({ ...request, policy: { required: ['document'], attemptLimits: { document: 1 } } }),
    ).toMatchObject({
      right: { openPolicy: { required: false, attemptLimits: ['email', 'phone', 'biometric'] } },
    });
  });

  it('a check without an attempt limit keeps the default limit', () => {
    expect(decodeRequest({ ...request, policy: { attemptLimits: { document: 1 } } })).toMatchObject({
      right: { policy: { attemptLimits: { email: 3, phone: 3, document: 1, biometric: 3 } } },
    });
  });

  it.each([
    [{ ...request, project: undefined }, 'project: an id of letters, digits, - and _ (64 at most)'],
    [
      { ...request, fullName: '  ' },
      'fullName: a text in UTF-8 of 1 to 200 characters on one line, without control characters and bidirectional overrides',
    ],
    [
      { ...request, policy: {}, policyName: 'standard' },
      'policyName: nothing beside policy: a request has one of the two',
    ],
    [{ ...request, policyName: 'a name' }, 'policyName: a name of letters, digits and . _ - (64 at most)'],
    [{ ...request, contact: {} }, 'contact: an email or a phone'],
    [
      { ...request, contact: { email: `someone@${'x'.repeat(243)}.com` } },
      'contact.email: an email address of at most 254 characters',
    ],
    [{ ...request, contact: { email: 'nobody' } }, 'contact.email: an email address of at most 254 characters'],
    [{ ...request, contact: { phone: '5551234' } }, 'contact.countryCode: a country code, as there is a phone'],
    [{ ...request, contact: { countryCode: '+57' } }, 'contact.phone: a phone number, as there is a country code'],
    [
      { ...request, contact: { phone: '555-1234', countryCode: '+57' } },
      'contact.phone: a phone number of 4 to 15 digits, without the country code',
    ],
    [
      { ...request, contact: { email: 'a@example.com' }, policy: { required: ['phone'] } },
      'contact.phone: a value, as the policy requires phone',
    ],
    [{ ...request, policy: { required: [] } }, 'policy.required: at least one check'],
    [{ ...request, policy: { required: ['face'] } }, 'policy.required.0: email, phone, document or biometric'],
    [{ ...request, policy: { deadlineMS: 1 } }, 'policy.deadlineMS: no such field'],
    [{ ...request, policy: { deadlineMs: 1.5 } }, 'policy.deadlineMs: a whole number from 60000 to 31536000000'],
    [
      { ...request, policy: { reconcile: { firstMs: 60_000, maxMs: 10_000 } } },
      'policy.reconcile.maxMs: at least policy.reconcile.firstMs',
    ],
    [
      { ...request, policy: { validityNoticeMs: 86_400_000 } },
      'policy.validityNoticeMs: less than policy.verifiedForMs',
    ],
  ])('an invalid request yields the field and the expected value (%#)', (input, expected) => {
    expect(errorsOf(input)).toEqual([expected]);
  });

  it('every invalid field is named at once, without values', () => {
    const errors = errorsOf({ ...request, contact: { email: 'secret value' }, fullName: 7, language: 'klingon' });
    expect(errors.map((line) => line.split(':')[0])).toEqual(['contact.email', 'fullName', 'language']);
    expect(errors.join()).not.toContain('secret value');
  });

  it.each([null, undefined, 'text', 7, []])('an input that is not an object is rejected: %j', (input) => {
    expect(errorsOf(input).length).toBeGreaterThan(0);
  });
});

describe('a name', () => {
  it.each([
    ['NUL', 'Maria\u0000'],
    ['ESC', 'Maria\u001b[31m'],
    ['a line break', 'Maria\nLopez'],
    ['a control character of C1', 'Maria\u009b'],
    ['a line separator', 'Maria\u2028Lopez'],
    ['an override to the left', 'Maria\u202ezepoL'],
    ['an isolate', 'Maria\u2067Lopez\u2069'],
    ['an invisible space', 'Maria\u200bLopez'],
    ['half of a character', 'Maria\ud83d'],
    ['what was not UTF-8', Buffer.from('José', 'latin1').toString('utf8')],
  ])('with %s is refused', (_what, fullName) => {
    expect(errorsOf({ ...request, fullName })).toEqual([
      'fullName: a text in UTF-8 of 1 to 200 characters on one line, without control characters and bidirectional overrides',
    ]);
    expect(errorsOf({ ...request, contact: { email: `${fullName}@example.com` } })).toEqual([
      'contact.email: an email address of at most 254 characters',
    ]);
  });

  it.each([
    ['Arabic', 'محمد عبد الله'],
    ['Hebrew with a mark', 'דוד \u200fכהן'],
    ['Persian with a non-joiner', 'علی\u200cرضا'],
    ['Sinhala with a joiner', 'ශ්\u200dරී'],
    ['an apostrophe', 'Renée O’Connor-Nuñez, Jr.'],
    ['letters outside of the basic plane', '𠮷田'],
  ])('in %s is accepted', (_what, fullName) => {
    expect(decodeRequest({ ...request, fullName })).toMatchObject({ right: { fullName: fullName.normalize('NFC') } });
  });
});

describe('a contact', () => {
  it.each([
    ['3001234567', false],
    ['573001234567', false],
    ['0057-300.123.4567', false],
    ['0300-1234567', false],
    ['tenant:3001234567', false],
    ['jane.doe-bank.example', false],
    ['customer-3001234567', true],
    ['4711', true],
    ['jane.doe', true],
  ])('with the reference %s is accepted: %s', (reference, isAccepted) => {
    const contact = { email: 'jane.doe@bank.example', phone: '3001234567', countryCode: '+57' };
    expect(E.isRight(referenceBeside(contact, reference))).toBe(isAccepted);
  });

  it('a contact is decoded on its own for a re-registration', () => {
    expect(decodeContact({ email: 'new@example.com' })).toEqual(E.right({ email: 'new@example.com' }));
    expect(decodeContact({ email: 7 })).toEqual(
      E.left([{ field: 'contact.email', expected: 'an email address of at most 254 characters' }]),
    );
  });
});
