import { setMaxListeners } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import { WORDS } from './answers/words.js';
import { Ledger } from './ledger.js';
import type { Caller, Contact, Kind, Otp, Registration, Validation } from './model.js';
import { Population } from './population/population.js';
import type { PopulationPlan } from './population/population-plan.js';
import { Registry } from './population/registry.js';
import { createRandom, type Random } from './random.js';
import { contactMethodsOf } from './rules/contacts.js';
import { outcomesByEmail } from './rules/outcomes.js';
import { DEFAULT_SETTINGS, type Settings } from './settings.js';
import { createTokens, type Tokens } from './tokens.js';
import { Outbox } from './webhooks/outbox.js';
import { Webhooks } from './webhooks/webhooks.js';

const contactOf = ({ email, phone, countryCode }: Contact): Contact => ({
  ...(email === undefined ? {} : { email }),
  ...(phone === undefined ? {} : { phone }),
  ...(countryCode === undefined ? {} : { countryCode }),
});

/** The state of the sandbox: registrations, validations, messages, settings, the clock and the ledger. */
export class SandboxState {
  readonly random: Random;
  readonly tokens: Tokens;
  readonly ledger = new Ledger();
  readonly outbox = new Outbox();
  readonly webhooks: Webhooks;
  readonly registrations = new Registry();
  /** Validations with a sent code, by expiry: all codes have the same lifetime. */
  readonly sentCodes: Validation[] = [];
  settings: Settings;
  readonly #seed: number;
  /** Validations that were created in this sandbox, not with a population. */
  readonly #validations = new Map<string, Validation>();
  readonly #closing = new AbortController();
  #clockOffsetMs = 0;

  constructor(seed: number, settings: Settings = DEFAULT_SETTINGS) {
    this.#seed = seed;
    this.random = createRandom(seed);
    this.tokens = createTokens(
      seed,
      () => this.now(),
      () => this.settings.tokenClaims,
    );
    this.settings = settings;
    this.webhooks = new Webhooks(() => this.settings, createRandom(seed + 1));
    // Each comparison in progress adds a listener.
    setMaxListeners(0, this.#closing.signal);
  }

  /** The sandbox's clock, in ms since the Unix epoch. */
  now(): number {
    return Date.now() + this.#clockOffsetMs;
  }

  advance(ms: number): void {
    this.#clockOffsetMs += ms;
  }

  word(name: keyof typeof WORDS): string {
    return WORDS[name][this.settings.statusWords];
  }

  passedWords(): Readonly<Record<Kind, string>> {
    return {
      email: 'validated',
      phone: 'validated',
      document: this.word('documentPassed'),
      biometric: this.word('biometricPassed'),
    };
  }

  addRegistration(
    fields: Pick<Registration, 'project' | 'projectFlow' | 'language'> &
      Contact &
      Partial<Pick<Registration, 'fullName'>> & { readonly caller?: Caller },
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
      currentStep: '1',
      epoch: 0,
      validations: {},
      outcomes: outcomesByEmail(fields.email),
    };
    this.registrations.add(registration);
    this.ledger.registrationCreated(contactMethodsOf(registration).map(({ address }) => address));
    return registration;
  }

  /** Adds registrations from the past. They are not charged. */
  addPopulation(plan: PopulationPlan, flow: Pick<Registration, 'project' | 'projectFlow'>): Population {
    const ordinal = this.registrations.populations + 1;
    const origin = { ...flow, ordinal, seed: plan.seed ?? this.#seed, at: this.now(), passed: this.passedWords() };
    const population = new Population(plan, origin);
    this.registrations.addPopulation(population);
    return population;
  }

  findValidation(id: string): Validation | undefined {
    return this.#validations.get(id) ?? this.registrations.peekValidation(id);
  }

  forget(registration: Registration): void {
    this.registrations.remove(registration);
    for (const validation of Object.values(registration.validations)) this.#validations.delete(validation._id);
    for (const { _id } of registration.failed ?? []) this.#validations.delete(_id);
  }

  /** Waits for work of Verifik that takes time. Never resolves once the sandbox closes. */
  async work(ms: number): Promise<void> {
    if (ms === 0) return;
    await wait(ms, undefined, { signal: this.#closing.signal }).catch(() => new Promise(() => undefined));
  }

  /** Sets a validation's result. */
  setResult(validation: Validation, status: string): void {
    validation.status = status;
    validation.updatedAt = this.now();
  }

  close(): void {
    this.#closing.abort();
    this.webhooks.close();
  }

  /** Adds a validation, which replaces the registration's previous one of its kind. It is charged. */
  addValidation(registration: Registration, kind: Kind, status: string, otp?: Otp): Validation {
    const validation: Validation = {
      _id: this.random.id(),
      kind,
      appRegistrationId: registration._id,
      createdAt: this.now(),
      status,
      ...(otp === undefined ? {} : { otp, contact: contactOf(registration) }),
    };
    const previous = registration.validations[kind];
    // The previous validation can still be read by its id.
    if (previous !== undefined) this.#validations.set(previous._id, previous);
    this.#validations.set(validation._id, validation);
    registration.validations[kind] = validation;
    this.ledger.validationCreated(kind, registration._id);
    if (otp !== undefined) this.sentCodes.push(validation);
    return validation;
  }

  deleteValidation(registration: Registration, validation: Validation | undefined): void {
    if (validation === undefined) return;
    const { _id, kind } = validation;
    this.#validations.delete(_id);
    registration.failed = registration.failed?.filter((one) => one._id !== _id) ?? [];
    if (registration.validations[kind]?._id === _id) delete registration.validations[kind];
  }
}
