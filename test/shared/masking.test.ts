import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MASKS, maskText, sensitivityOf, withoutTokens } from '../../shared/masking.js';

const TOKEN = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhIn0.c2lnbmF0dXJl';

const base64url = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

describe('masking', () => {
  it.each([
    ['email', 'some.applicant@example.com', 's***@e***.com'],
    ['email', ' ñandú@correo.co.uk ', 'ñ***@c***.uk'],
    ['email', 'no address', '[hidden]'],
    ['email', 'a@b@c.com', '[hidden]'],
    ['phone', '3001234567', '***67'],
    ['phone', '+57 300 123-45-67', '***67'],
    ['phone', '1234', '***'],
    ['name', 'Aspirante Año', 'A*** A***'],
    ['name', '  李 小龙  ', '李*** 小***'],
    ['secret', TOKEN, '[secret]'],
    ['image', 'iVBORw0KGgo=', '[image]'],
    ['other', 'anything', '[hidden]'],
  ] as const)('shows the %s %j as %j', (kind, text, shown) => {
    expect(MASKS[kind](text)).toBe(shown);
  });

  it.each([
    ['accessToken', 'secret'],
    ['access_token', 'secret'],
    ['OTP', 'secret'],
    ['full-name', 'name'],
    ['tokenExpiresAt', undefined],
    ['emailValidation', undefined],
    ['constructor', undefined],
  ])('knows the sensitivity of the field %s as %s', (name, sensitivity) => {
    expect(sensitivityOf(name)).toBe(sensitivity);
  });

  it.each([
    ['Call +57 300 123 4567 or (300) 123-4567.', 'Call ***67 or ***67.'],
    ['phone:3001234567', 'phone:***67'],
    ['Write to some.applicant@example.com, or señal@ejemplo.co!', 'Write to s***@e***.com, or s***@e***.co!'],
    [`Bearer ${TOKEN}.`, 'Bearer [token]'],
    [`url?token=${TOKEN}&x=1`, 'url?token=[token]&x=1'],
    [`an image ${'iVBORw0KGgo'.repeat(40)} in it`, 'an image [image] in it'],
  ])('masks %j as %j', (text, shown) => {
    expect(maskText(text)).toBe(shown);
  });

  it.each([
    'Awaited from the applicant, until 2026-12-01 10:30.',
    '- **email**: ✅ passed since 2026-11-25 02:12, 1 of 3 attempts failed',
    'Registration 67a1b2c3d4e5f60718293a4b (inProgress), generation 2.',
    'run 12345678-1234-4123-8123-123456789012 at 2026-11-25T02:12:00.123Z',
    'Error: at surveyJob.runTheThing.once (file:///srv/keyIds/viewkey.a.b.js:120:33)',
    'POST /v2/app-registrations answered 503 after 30000 ms',
  ])('leaves %j as it is', (text) => {
    expect(maskText(text)).toBe(text);
  });

  it('removes a token at any place of a text, whatever its header and claims', () => {
    const claim = fc.dictionary(fc.string(), fc.string());
    fc.assert(
      fc.property(claim, claim, fc.stringMatching(/^[\w-]{10,50}$/), fc.string(), (more, claims, signature, before) => {
        const token = `${base64url({ alg: 'ES256', ...more })}.${base64url(claims)}.${signature}`;
        const shown = withoutTokens(`${before}${token} after`);
        expect(shown).not.toContain(signature);
        expect(shown).toContain(' after');
      }),
    );
  });
});
