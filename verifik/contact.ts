import type { VendorContact } from '../domain/vendor-registration.js';
import { defined } from '../shared/defined.js';
import { textOf } from './decode.js';

/** The fields of a registration or validation that hold a contact: texts, numbers, empty or absent. */
export interface ContactFields {
  readonly email?: unknown;
  readonly phone?: unknown;
  readonly countryCode?: unknown;
}

const EMAIL = /^[^\s@]{1,64}@[^\s@]{1,255}$/;

const matchOf = (pattern: RegExp, text: string | undefined): string | undefined =>
  text !== undefined && pattern.test(text) ? text : undefined;

const digitsOf = (value: unknown): string =>
  (typeof value === 'number' ? String(value) : (textOf(value) ?? '')).replace(/\D/g, '');

/**
 * Normalises a contact: Verifik sends phones as numbers, country codes without their `+`, and texts with spaces. Leaves
 * out what is neither an address nor a number.
 */
export const readContactFields = ({ email, phone, countryCode }: ContactFields): VendorContact =>
  defined({
    email: matchOf(EMAIL, textOf(email)?.trim().toLowerCase()),
    phone: matchOf(/^\d{4,15}$/, digitsOf(phone)),
    countryCode: matchOf(/^\+\d{1,3}$/, `+${digitsOf(countryCode)}`),
  });
