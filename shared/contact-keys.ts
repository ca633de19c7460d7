import { createHmac } from 'node:crypto';

/** The parts of a contact that are hashed. */
export interface HashedContact {
  readonly email?: string;
  readonly phone?: string;
  readonly countryCode?: string;
}

/** Hashes a contact's email and phone with a secret key, so that an onboarding can be found by them without showing them. */
export type ContactKeys = (contact: HashedContact) => readonly string[];

const hash = (secret: string, kind: string, value: string): string =>
  createHmac('sha256', secret).update(`${kind}:${value}`).digest('base64url');

/** Keyed hashes (HMAC-SHA-256, base64url) of the email, in lower case, and of the phone with its country code. */
export const contactKeysWith =
  (secret: string): ContactKeys =>
  (contact) => [
    ...(contact.email === undefined ? [] : [hash(secret, 'email', contact.email.toLowerCase())]),
    ...(contact.phone === undefined ? [] : [hash(secret, 'phone', `${contact.countryCode}${contact.phone}`)]),
  ];
