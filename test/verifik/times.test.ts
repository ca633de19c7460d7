import { afterEach, describe, expect, it } from 'vitest';
import { epochOf } from '../../verifik/time.js';
import { expiryOf, tokenExpiry } from '../../verifik/token.js';

const zone = process.env['TZ'];

afterEach(() => {
  process.env['TZ'] = zone;
});

const AT = Date.UTC(2026, 8, 9, 22, 14, 14);

const tokenWith = (claims: object): string =>
  ['{"alg":"HS256"}', JSON.stringify(claims), 'signature']
    .map((part) => Buffer.from(part).toString('base64url'))
    .join('.');

describe.each(['UTC', 'America/Bogota', 'Europe/Berlin', 'Asia/Kolkata'])('in the time zone %s', (tz) => {
  it.each([
    '2026-09-09 22:14:14',
    '2026-09-09T22:14:14',
    '2026-09-09T22:14:14Z',
    '2026-09-09T22:14:14.000Z',
    '2026-09-10T00:14:14+02:00',
    '2026-09-09T17:14:14-0500',
    AT,
    AT / 1_000,
    String(AT),
    String(AT / 1_000),
  ])('a time of Verifik is read as UTC unless it names its zone: %s', (value) => {
    process.env['TZ'] = tz;
    expect(epochOf(value)).toBe(AT);
  });

  it.each([
    { exp: AT / 1_000 },
    { exp: AT },
    { accessType: 'app_registration_initiated', expiresAt: AT / 1_000 },
    { expiresAt: AT },
    { expiresAt: '2026-09-09 22:14:14' },
  ])('a token expires by its claims: %j', (claims) => {
    process.env['TZ'] = tz;
    expect(expiryOf(tokenWith(claims))).toBe(AT);
  });
});

describe('a token without an expiry of its own', () => {
  const lifetimeMs = 30 * 60_000;
  const expiry = tokenExpiry(() => AT, lifetimeMs);

  it('a token expires as the response says, else after its lifetime since it was issued, else since now', () => {
    expect(expiry('opaque', '2026-09-09 22:44:14')).toBe(AT + lifetimeMs);
    expect(expiry(tokenWith({ issuedAt: AT / 1_000 - 60 }))).toBe(AT - 60_000 + lifetimeMs);
    expect(expiry(tokenWith({ step: 'signUpForm' }))).toBe(AT + lifetimeMs);
  });

  it.each([undefined, null, '', 'tomorrow', '2026-13-45 99:99:99', -1, Number.NaN, 1e300, {}, '1'.repeat(10_000)])(
    'what is no time is ignored: %j',
    (value) => {
      expect(epochOf(value)).toBeUndefined();
      expect(expiry('opaque', value)).toBe(AT + lifetimeMs);
    },
  );
});
