import type { Contact, Kind, Registration } from '../model.js';

/** An email address in lower case, or a phone number with its country code. */
export interface ContactMethod {
  readonly by: 'email' | 'phone';
  readonly address: string;
}

export const contactMethodsOf = ({ email, phone, countryCode }: Contact): readonly ContactMethod[] => [
  ...(email === undefined ? [] : [{ by: 'email', address: email.toLowerCase() } as const]),
  ...(phone === undefined ? [] : [{ by: 'phone', address: `${countryCode ?? ''}${phone}` } as const]),
];

/** True if the check needs no contact, or the registration has the contact for it. */
export const hasContactFor = ({ email, phone }: Contact, check: Kind): boolean =>
  (check !== 'email' || email !== undefined) && (check !== 'phone' || phone !== undefined);

const keyOf = (projectFlow: string, { address }: ContactMethod): string => `${projectFlow} ${address}`;

/** Index of registrations by project flow and contact. The first registration of a contact keeps it. */
export class Contacts {
  readonly #holders = new Map<string, Registration>();

  find(projectFlow: string, method: ContactMethod): Registration | undefined {
    return this.#holders.get(keyOf(projectFlow, method));
  }

  add(registration: Registration): void {
    for (const method of contactMethodsOf(registration)) {
      const key = keyOf(registration.projectFlow, method);
      if (!this.#holders.has(key)) this.#holders.set(key, registration);
    }
  }

  remove(registration: Registration): void {
    for (const method of contactMethodsOf(registration)) {
      const key = keyOf(registration.projectFlow, method);
      if (this.#holders.get(key) === registration) this.#holders.delete(key);
    }
  }
}
