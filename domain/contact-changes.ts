import type { Contact } from './contact.js';
import type { VendorContact } from './vendor-registration.js';

/** A way to reach the applicant, which is also the check that validates it. */
export type Channel = 'email' | 'phone';

const hasOtherEmail = ({ email }: Contact, vendor: VendorContact): boolean =>
  email !== undefined && vendor.email !== undefined && email !== vendor.email;

const hasOtherPhone = ({ phone, countryCode }: Contact, vendor: VendorContact): boolean =>
  phone !== undefined &&
  vendor.phone !== undefined &&
  (phone !== vendor.phone || (vendor.countryCode !== undefined && countryCode !== vendor.countryCode));

/** Returns the channels that the applicant changed on Verifik's page. */
export const contactChanges = (contact: Contact, vendor: VendorContact = {}): readonly Channel[] => [
  ...(hasOtherEmail(contact, vendor) ? (['email'] as const) : []),
  ...(hasOtherPhone(contact, vendor) ? (['phone'] as const) : []),
];

/** Returns the contact with these channels as Verifik has them. */
export const withVendorContact = (contact: Contact, vendor: VendorContact, channels: readonly Channel[]): Contact => {
  const email = channels.includes('email') ? vendor.email : undefined;
  const phone = channels.includes('phone') ? vendor.phone : undefined;
  const number =
    contact.phone === undefined
      ? undefined
      : { phone: phone ?? contact.phone, countryCode: (phone && vendor.countryCode) ?? contact.countryCode };
  if (contact.email === undefined) return number ?? contact;
  return { email: email ?? contact.email, ...number };
};
