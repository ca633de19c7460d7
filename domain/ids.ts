import { documented, matching, oneOf } from '../shared/decoding.js';
import { CHECK_NAMES } from './checks.js';

export const CheckNameCodec = documented(oneOf(CHECK_NAMES), { title: 'CheckName' });

/** An id of the caller's own system. It is shown unencrypted, so the pattern excludes email addresses and full names. */
const opaque = (what: string) =>
  matching(
    /^[A-Za-z0-9._:-]{1,200}$/,
    `an opaque ${what} of 1 to 200 letters, digits and . _ : - (never an email, a phone or a name)`,
    { maxLength: 200 },
  );

/** The id of a customer. */
export const Reference = opaque('reference');

/** The id of a person who acts, such as a reviewer. */
export const PersonId = opaque('id');

export const VendorId = matching(/^[A-Za-z0-9_-]{1,64}$/, 'an id of letters, digits, - and _ (64 at most)', {
  maxLength: 64,
  examples: ['65f0a1b2c3d4e5f601234500'],
});

export const PolicyName = matching(/^[\w.-]{1,64}$/, 'a name of letters, digits and . _ - (64 at most)', {
  maxLength: 64,
  examples: ['standard'],
});

/** The expected id of a registration, for messages. */
export const REGISTRATION_ID = "one of Verifik's ids, 24 hexadecimal digits";

/** Returns the id of a registration at Verifik, an ObjectId; `undefined` for other text, such as a phone number. */
export const registrationIdOf = (text: string): string | undefined =>
  /^[0-9a-f]{24}$/i.test(text) ? text.toLowerCase() : undefined;
