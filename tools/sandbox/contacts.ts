import type { Contact, Registration } from './model.js';

/** One way to reach an applicant: an email address in small letters, or a phone number with its country code. */
export interface Way {
  readonly by: 'email' | 'phone';
  readonly address: string;
}

export const waysTo = ({ email, phone, countryCode }: Contact): readonly Way[] => [
  ...(email === undefined ? [] : [{ by: 'email', address: email.toLowerCase() } as const]),
  ...(phone === undefined ? [] : [{ by: 'phone', address: `${countryCode ?? ''}${phone}` } as const]),
];

const keyOf = (projectFlow: string, { address }: Way): string => `${projectFlow} ${address}`;

/** Which registration holds a contact, flow by flow. */
export class Contacts {
  readonly #holders = new Map<string, Registration>();

  find(projectFlow: string, way: Way): Registration | undefined {
    return this.#holders.get(keyOf(projectFlow, way));
  }

  add(registration: Registration): void {
    for (const way of waysTo(registration)) {
      const key = keyOf(registration.projectFlow, way);
      if (!this.#holders.has(key)) this.#holders.set(key, registration);
    }
  }

  drop(registration: Registration): void {
    for (const way of waysTo(registration)) {
      const key = keyOf(registration.projectFlow, way);
      if (this.#holders.get(key) === registration) this.#holders.delete(key);
    }
  }
}
