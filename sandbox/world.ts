import { Ledger } from './ledger.js';
import type { Contact, Kind, Otp, Registration, Validation } from './model.js';
import { Outbox } from './outbox.js';
import { outcomesByEmail } from './outcomes.js';
import { createRandom, type Random } from './random.js';
import { DEFAULT_SETTINGS, type Settings } from './settings.js';
import { createTokens, type Tokens } from './tokens.js';
import { Webhooks } from './webhooks.js';
import { WORDS } from './words.js';

interface Way {
  readonly by: 'email' | 'phone';
  readonly address: string;
}

const waysTo = ({ email, phone, countryCode }: Contact): readonly Way[] => [
  ...(email === undefined ? [] : [{ by: 'email', address: email.toLowerCase() } as const]),
  ...(phone === undefined ? [] : [{ by: 'phone', address: `${countryCode ?? ''}${phone}` } as const]),
];

const keyOf = (projectFlow: string, { address }: Way): string => `${projectFlow} ${address}`;

/** Everything that the sandbox knows: registrations, validations, messages, settings, its clock and its ledger. */
export class World {
  readonly random: Random;
  readonly tokens: Tokens;
  readonly ledger = new Ledger();
  readonly outbox = new Outbox();
  readonly webhooks: Webhooks;
  readonly registrations = new Map<string, Registration>();
  readonly validations = new Map<string, Validation>();
  /** Validations whose code was sent and has not been seen to expire, the oldest first: all codes live equally long. */
  readonly sentCodes: Validation[] = [];
  settings: Settings;
  #byContact = new Map<string, Registration>();
  #clockOffsetMs = 0;

  constructor(seed: number, settings: Settings = DEFAULT_SETTINGS) {
    this.random = createRandom(seed);
    this.tokens = createTokens(seed, () => this.now());
    this.settings = settings;
    this.webhooks = new Webhooks(() => this.settings, createRandom(seed + 1));
  }

  /** ms since the Unix epoch, by the sandbox's clock. */
  now(): number {
    return Date.now() + this.#clockOffsetMs;
  }

  advance(ms: number): void {
    this.#clockOffsetMs += ms;
  }

  /** The word for a status, in the generation that is set. */
  word(name: keyof typeof WORDS): string {
    return WORDS[name][this.settings.statusWords];
  }

  /** Which of the contact's ways is registered already, with the registration. */
  findByContact(
    projectFlow: string,
    contact: Contact,
  ): { readonly registration: Registration; readonly by: 'email' | 'phone' } | undefined {
    for (const way of waysTo(contact)) {
      const registration = this.#byContact.get(keyOf(projectFlow, way));
      if (registration !== undefined) return { registration, by: way.by };
    }
    return undefined;
  }

  addRegistration(
    fields: Pick<Registration, 'project' | 'projectFlow' | 'language'> &
      Contact &
      Partial<Pick<Registration, 'fullName'>>,
  ): Registration {
    const at = this.now();
    const registration: Registration = {
      ...fields,
      _id: this.random.id(),
      informationValidationId: this.random.id(),
      personId: this.random.id(),
      createdAt: at,
      updatedAt: at,
      status: this.word('started'),
      currentStep: 'signUpForm',
      epoch: 0,
      validations: {},
      outcomes: outcomesByEmail(fields.email),
    };
    this.registrations.set(registration._id, registration);
    this.#indexContact(registration);
    this.ledger.registrationCreated(waysTo(registration).map(({ address }) => address));
    return registration;
  }

  /** The registration can be found by its new contact and no longer by its former one. */
  changeContact(registration: Registration, contact: Contact): void {
    this.#dropContact(registration);
    Object.assign(registration, contact);
    this.#indexContact(registration);
  }

  /** The vendor forgets the registration, its contact and its validations. */
  forget(registration: Registration): void {
    this.registrations.delete(registration._id);
    this.#dropContact(registration);
    for (const validation of Object.values(registration.validations)) this.validations.delete(validation._id);
  }

  /** A new validation takes the place of the registration's former one of its kind. Each costs credits. */
  addValidation(registration: Registration, kind: Kind, status: string, otp?: Otp): Validation {
    const validation: Validation = {
      _id: this.random.id(),
      kind,
      appRegistrationId: registration._id,
      createdAt: this.now(),
      status,
      ...(otp === undefined ? {} : { otp }),
    };
    this.validations.set(validation._id, validation);
    registration.validations[kind] = validation;
    this.ledger.validationCreated(kind, registration._id);
    if (otp !== undefined) this.sentCodes.push(validation);
    return validation;
  }

  deleteValidation(registration: Registration, kind: Kind): void {
    const validation = registration.validations[kind];
    if (validation === undefined) return;
    this.validations.delete(validation._id);
    delete registration.validations[kind];
  }

  #indexContact(registration: Registration): void {
    for (const way of waysTo(registration)) {
      const key = keyOf(registration.projectFlow, way);
      if (!this.#byContact.has(key)) this.#byContact.set(key, registration);
    }
  }

  #dropContact(registration: Registration): void {
    for (const way of waysTo(registration)) {
      const key = keyOf(registration.projectFlow, way);
      if (this.#byContact.get(key) === registration) this.#byContact.delete(key);
    }
  }
}
