import { createHmac } from 'node:crypto';

export interface HashedContact {
  readonly email?: string;
  readonly phone?: string;
  readonly countryCode?: string;
}

/** Hashes a contact's email and phone, so that onboardings can be found by contact without storing it in the clear. */
export type ContactKeys = (contact: HashedContact) => readonly string[];

const hash = (secret: string, kind: string, value: string): string =>
  createHmac('sha256', secret).update(`${kind}:${value}`).digest('base64url');

/** Makes contact keys: HMAC-SHA-256 in base64url of the lower-case email, and of the phone with its country code. */
export const contactKeysWith =
  (secret: string): ContactKeys =>
  (contact) => [
    ...(contact.email === undefined ? [] : [hash(secret, 'email', contact.email.toLowerCase())]),
    ...(contact.phone === undefined ? [] : [hash(secret, 'phone', `${contact.countryCode}${contact.phone}`)]),
  ];
