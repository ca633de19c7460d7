import { normalEmail, withLostZero, withoutTrunkZero } from '../domain/spelling.js';
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

/** A number as Verifik sends it. As a JSON number, it has lost a zero at its start. */
const spelledNumber = (sent: unknown, phone: string | undefined, countryCode: string | undefined) => {
  if (phone === undefined || countryCode === undefined) return { phone, countryCode };
  const spell = typeof sent === 'number' ? withLostZero : withoutTrunkZero;
  return { phone: spell({ phone, countryCode }), countryCode };
};

/**
 * Normalises a contact: Verifik sends phones as numbers, country codes without their `+`, and texts with spaces. Leaves
 * out what is neither an address nor a number.
 */
export const readContactFields = ({ email, phone, countryCode }: ContactFields): VendorContact =>
  defined({
    email: matchOf(EMAIL, normalEmail(textOf(email) ?? '')),
    ...spelledNumber(
      phone,
      matchOf(/^\d{4,15}$/, digitsOf(phone)),
      matchOf(/^\+\d{1,3}$/, `+${digitsOf(countryCode)}`),
    ),
  });
