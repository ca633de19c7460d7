import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as t from 'io-ts';
import {
  closed,
  decodeFields,
  documented,
  type FieldError,
  matching,
  NOT_IN_A_LINE,
  spelled,
} from '../shared/decoding.js';
import { normalEmail, normalText, withoutTrunkZero } from './spelling.js';

/** The longest address that mail servers accept (RFC 5321, errata 1690). */
const MAX_EMAIL_LENGTH = 254;

// Only the shape is checked: Verifik sends a code to the address. White space at the ends is removed.
const LETTER = `[^\\s@${NOT_IN_A_LINE}]`;
const DOMAIN = `${LETTER}[^\\s@.${NOT_IN_A_LINE}]*\\.${LETTER}{2,}`;
const EMAIL = new RegExp(`^\\s*${LETTER}{1,64}@${DOMAIN}\\s*$`, 'u');
const Email = spelled(
  matching(EMAIL, 'an email address of at most 254 characters', {
    maxLength: MAX_EMAIL_LENGTH,
    description: 'The address to which Verifik sends its codes. Upper and lower case are the same.',
    examples: ['applicant@example.com'],
  }),
  normalEmail,
);
const Phone = spelled(
  matching(/^\s*[0-9]{4,15}\s*$/, 'a phone number of 4 to 15 digits, without the country code', {
    maxLength: 32,
    description: 'Digits only, without the country code and the trunk zero. With `countryCode`.',
    examples: ['3001234567'],
  }),
  normalText,
);
const CountryCode = spelled(
  matching(/^\s*\+[0-9]{1,3}\s*$/, 'a country code: + and 1 to 3 digits', {
    maxLength: 32,
    description: '`+` and 1 to 3 digits. With `phone`.',
    examples: ['+57'],
  }),
  normalText,
);

export const ContactFields = documented(closed(t.partial({ email: Email, phone: Phone, countryCode: CountryCode })), {
  title: 'Contact',
  description: 'An email, or a phone with its country code, or both.',
});

interface EmailAddress {
  readonly email: string;
}

interface PhoneNumber {
  readonly phone: string;
  readonly countryCode: string;
}

export interface EmailContact extends EmailAddress {
  readonly phone?: never;
  readonly countryCode?: never;
}

export interface PhoneContact extends PhoneNumber {
  readonly email?: never;
}

export interface EmailAndPhoneContact extends EmailAddress, PhoneNumber {}

/** The applicant's email, phone, or both. `phone` has digits only, `countryCode` is `+` and 1 to 3 digits. */
export type Contact = EmailContact | PhoneContact | EmailAndPhoneContact;

type ContactInput = t.TypeOf<typeof ContactFields>;

export const readContact = ({ email, phone, countryCode }: ContactInput): E.Either<readonly FieldError[], Contact> => {
  if (phone !== undefined && countryCode === undefined)
    return E.left([{ field: 'contact.countryCode', expected: 'a country code, as there is a phone' }]);
  if (phone === undefined && countryCode !== undefined)
    return E.left([{ field: 'contact.phone', expected: 'a phone number, as there is a country code' }]);
  if (phone !== undefined && countryCode !== undefined) {
    const number = { phone: withoutTrunkZero({ phone, countryCode }), countryCode };
    return E.right(email === undefined ? number : { email, ...number });
  }
  return email === undefined ? E.left([{ field: 'contact', expected: 'an email or a phone' }]) : E.right({ email });
};

const lettersAndDigits = (text: string): string =>
  text
    .toLowerCase()
    .replace(/[^a-z0-9]/g, '')
    .replace(/^0+(?=\d)/, '');

const shownBy = ({ email = '', phone, countryCode }: Contact): readonly string[] => {
  const [mailbox = ''] = email.split('@');
  return [
    ...(email === '' ? [] : [email]),
    ...(/^\d+$/.test(mailbox) ? [mailbox] : []),
    ...(phone === undefined ? [] : [phone, `${countryCode}${phone}`, `${countryCode}0${phone}`]),
  ].map(lettersAndDigits);
};

/**
 * Refuses a reference, alone or behind a prefix that ends with a colon, that is the applicant's email or phone in any
 * spelling: it is part of the workflow id, which is not encrypted.
 */
export const referenceBeside = (contact: Contact, reference: string): E.Either<readonly FieldError[], string> => {
  const spellings = [reference, reference.slice(reference.lastIndexOf(':') + 1)].map(lettersAndDigits);
  return spellings.some((spelling) => shownBy(contact).includes(spelling))
    ? E.left([{ field: 'reference', expected: "an opaque reference, not the applicant's email or phone" }])
    : E.right(reference);
};

/** Decodes a contact to one spelling. */
export const decodeContact = (input: unknown): E.Either<readonly FieldError[], Contact> =>
  pipe(
    decodeFields(t.type({ contact: ContactFields }))({ contact: input }),
    E.chain((read) => readContact(read.contact)),
  );
