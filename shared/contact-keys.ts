import { createHmac } from 'node:crypto';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import { matching, type Read, wrongField } from './decoding.js';
import { readSecretFile } from './secret-file.js';
import { FilePath, optional, type SettingValues } from './settings.js';

/** A contact in one spelling, as decoders return it. */
export interface HashedContact {
  readonly email?: string;
  readonly phone?: string;
  readonly countryCode?: string;
}

/** Hashes a contact's email and phone, so that onboardings can be found by contact without storing it in the clear. */
export type ContactKeys = (contact: HashedContact) => readonly string[];

const hash = (secret: string, kind: string, value: string): string =>
  createHmac('sha256', secret).update(`${kind}:${value}`).digest('base64url');

/** Makes contact keys: HMAC-SHA-256 in base64url of the email, and of the phone with its country code. */
export const contactKeysWith =
  (secret: string): ContactKeys =>
  ({ email, phone, countryCode }) => [
    ...(email === undefined ? [] : [hash(secret, 'email', email)]),
    ...(phone === undefined ? [] : [hash(secret, 'phone', `${countryCode}${phone}`)]),
  ];

const ContactKey = matching(/^\S{16,}$/, 'a secret of at least 16 characters, without white space');

/** The contact key as a setting, or the file that holds it. At most one of the two is set. */
export const CONTACT_KEY_SETTINGS = {
  contactKey: optional(
    'ONBOARDING_CONTACT_KEY',
    ContactKey,
    'The secret of the contact keys, under which onboardings are found by email or phone. The same in every client, worker and gateway.',
  ),
  contactKeyFile: optional('ONBOARDING_CONTACT_KEY_FILE', FilePath, 'A file that holds the contact key instead.'),
} as const;

const { contactKey: KEY, contactKeyFile: FILE } = CONTACT_KEY_SETTINGS;

const FIELD = `${KEY.env} or ${FILE.env}`;

type Values = SettingValues<typeof CONTACT_KEY_SETTINGS>;

/** Reads the contact key, or `undefined` if neither setting is given. */
export const contactKeyIfAny = ({ contactKey: key, contactKeyFile: path }: Values): Read<string | undefined> => {
  if (key !== undefined && path !== undefined) return wrongField(FIELD, 'one of the two, not both');
  return path === undefined ? E.right(key) : readSecretFile(FILE.env, path, ContactKey);
};

export const contactKeyOf = (values: Values): Read<string> =>
  pipe(
    contactKeyIfAny(values),
    E.chain((key) => (key === undefined ? wrongField(FIELD, ContactKey.name) : E.right(key))),
  );
