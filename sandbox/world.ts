import { Ledger } from './ledger.js';
import type { Kind, Message, Registration, Validation } from './model.js';
import { outcomesByEmail } from './outcomes.js';
import { createRandom, type Random } from './random.js';
import { DEFAULT_SETTINGS, type Settings } from './settings.js';
import { createTokens, type Tokens } from './tokens.js';
import { Webhooks } from './webhooks.js';

const contactKeys = (
  projectFlow: string,
  { email, phone, countryCode }: Pick<Registration, 'email' | 'phone' | 'countryCode'>,
) => [
  ...(email === undefined ? [] : [`${projectFlow} ${email.toLowerCase()}`]),
  ...(phone === undefined ? [] : [`${projectFlow} ${countryCode}${phone}`]),
];

/** Everything that the sandbox knows: registrations, validations, messages, settings, its clock and its ledger. */
export class World {
  readonly random: Random;
  readonly tokens: Tokens;
  readonly ledger = new Ledger();
  readonly webhooks: Webhooks;
  readonly registrations = new Map<string, Registration>();
  readonly validations = new Map<string, Validation>();
  readonly outbox: Message[] = [];
  settings: Settings;
  #byContact = new Map<string, Registration>();
  #clockOffsetMs = 0;

  constructor(seed: number, settings: Settings = DEFAULT_SETTINGS) {
    this.random = createRandom(seed);
    this.tokens = createTokens(seed, () => this.now());
    this.settings = settings;
    this.webhooks = new Webhooks(() => this.settings, createRandom(seed + 1));
  }

  now(): number {
    return Date.now() + this.#clockOffsetMs;
  }

  advance(ms: number): void {
    this.#clockOffsetMs += ms;
  }

  /** Which of the contact's ways is registered already, with the registration. */
  findByContact(
    projectFlow: string,
    contact: Pick<Registration, 'email' | 'phone' | 'countryCode'>,
  ): { readonly registration: Registration; readonly by: 'email' | 'phone' } | undefined {
    const byEmail = contactKeys(projectFlow, contact.email === undefined ? {} : { email: contact.email });
    for (const key of contactKeys(projectFlow, contact)) {
      const registration = this.#byContact.get(key);
      if (registration !== undefined) return { registration, by: byEmail.includes(key) ? 'email' : 'phone' };
    }
    return undefined;
  }

  addRegistration(
    fields: Pick<Registration, 'project' | 'projectFlow' | 'language'> &
      Partial<Pick<Registration, 'email' | 'phone' | 'countryCode' | 'fullName'>>,
  ): Registration {
    const at = this.now();
    const registration: Registration = {
      ...fields,
      _id: this.random.id(),
      createdAt: at,
      updatedAt: at,
      status: 'STARTED',
      currentStep: 'signUpForm',
      epoch: 0,
      validations: {},
      outcomes: outcomesByEmail(fields.email),
    };
    this.registrations.set(registration._id, registration);
    for (const key of contactKeys(fields.projectFlow, registration)) this.#byContact.set(key, registration);
    return registration;
  }

  /** The vendor forgets the registration, its contact and its validations. */
  forget(registration: Registration): void {
    this.registrations.delete(registration._id);
    for (const key of contactKeys(registration.projectFlow, registration))
      if (this.#byContact.get(key) === registration) this.#byContact.delete(key);
    for (const validation of Object.values(registration.validations)) this.validations.delete(validation._id);
  }

  /** A new validation takes the place of the registration's former one of its kind. Each costs credits. */
  addValidation(registration: Registration, kind: Kind, status: string): Validation {
    const validation: Validation = {
      _id: this.random.id(),
      kind,
      appRegistrationId: registration._id,
      createdAt: this.now(),
      status,
    };
    this.validations.set(validation._id, validation);
    registration.validations[kind] = validation;
    this.ledger.validationCreated(kind, registration._id);
    return validation;
  }
}
