import fc from 'fast-check';
import * as E from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import { decodeContact } from '../../domain/contact.js';
import { decodeRequest, decodeSpelling } from '../../domain/request.js';

const request = {
  project: 'project_1',
  projectFlow: 'flow_1',
  contact: { email: 'maria.lópez@example.com', phone: '3001234567', countryCode: '+57' },
  fullName: 'María Ñuñez',
};

const blanks = fc.string({ unit: fc.constantFrom(' ', '\t', '\n', '\u00a0', '\ufeff'), maxLength: 3 });
const padded = (text: fc.Arbitrary<string>) => fc.tuple(blanks, text, blanks).map((parts) => parts.join(''));
const form = fc.constantFrom('NFC', 'NFD');
const inAForm = (text: fc.Arbitrary<string>) => fc.tuple(text, form).map(([one, name]) => one.normalize(name));

/** The text with some letters in upper case. */
const inAnyCase = (text: string) =>
  fc
    .array(fc.boolean(), { minLength: text.length, maxLength: text.length })
    .map((upper) => [...text].map((letter, index) => (upper[index] ? letter.toUpperCase() : letter)).join(''));

const spellings = fc
  .record({
    email: padded(inAForm(inAnyCase(request.contact.email))),
    phone: padded(fc.constantFrom('3001234567', '03001234567')),
    countryCode: padded(fc.constant('+57')),
    fullName: padded(inAForm(fc.constant(request.fullName))),
  })
  .map(({ fullName, ...contact }) => ({ ...request, fullName, contact }));

const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 });

const phoneOf = (phone: string, countryCode: string) => {
  const decoded = decodeContact({ phone, countryCode });
  return E.isRight(decoded) ? decoded.right.phone : decoded.left;
};

describe('spelling', () => {
  it('all spellings of a request decode as equal', () => {
    fc.assert(
      fc.property(spellings, (spelled) => {
        expect(decodeSpelling(spelled)).toEqual(E.right(request));
      }),
    );
  });

  it('a decoded request decodes as itself, so that the workflow reads what the client sent', () => {
    const digits = fc.string({ unit: fc.constantFrom(...'0123456789'), minLength: 4, maxLength: 15 });
    const contact = fc.record({
      email: text.map((local) => `${local}@example.com`),
      phone: digits,
      countryCode: fc.integer({ min: 1, max: 999 }).map((code) => `+${code}`),
    });
    fc.assert(
      fc.property(contact, text, (given, fullName) => {
        const decoded = decodeSpelling({ ...request, contact: given, fullName });
        if (E.isRight(decoded)) expect(decodeSpelling(decoded.right)).toEqual(decoded);
      }),
    );
  });

  it.each([
    ['+57', '03001234567', '3001234567'],
    ['+54', '01123456789', '1123456789'],
    ['+593', '0991234567', '991234567'],
    ['+44', '07911123456', '7911123456'],
    ['+49', '01701234567', '1701234567'],
  ])('%s %s has a trunk zero, and is %s', (countryCode, phone, expected) => {
    expect(phoneOf(phone, countryCode)).toBe(expected);
  });

  it.each([
    ['+39', '0612345678', 'Italy'],
    ['+225', '0712345678', 'Ivory Coast'],
    ['+229', '0190123456', 'Benin'],
    ['+57', '0123', 'no numbering plan'],
    ['+999', '0123456', 'no country'],
  ])('%s %s keeps its zero: %s', (countryCode, phone) => {
    expect(phoneOf(phone, countryCode)).toBe(phone);
  });

  it('an email of a hundred thousand characters is refused at once', () => {
    const startedAt = performance.now();
    expect(decodeRequest({ ...request, contact: { email: `a@${'.'.repeat(100_000)} @` } })).toMatchObject({
      left: [{ field: 'contact.email' }],
    });
    expect(performance.now() - startedAt).toBeLessThan(500);
  });
});
