import { EMAIL_DOMAIN, inventCountryCode, inventName, type Person } from '../applicant/people.js';
import { DRIFT_WORDS, type DriftKind, spreadDrift } from '../faults/drift.js';
import { KINDS, type Kind, type Registration, type Validation } from '../model.js';
import { createRandom, type Random } from '../random.js';
import type { ContactMethod } from '../rules/contacts.js';
import { MAX_MEMBERS, type PopulationPlan } from './population-plan.js';

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;

/** The objects of a member that have ids. Each is one digit of the id. */
const ROLES = ['registration', 'information', 'person', 'comparison', ...KINDS] as const;

type Role = (typeof ROLES)[number];

/** Ids consist of the population's prefix, one digit for the role, and eight digits for the member's index. */
export const PREFIX_DIGITS = 15;
const ORDINAL_DIGITS = 4;
const INDEX_DIGITS = 8;

export interface Origin {
  /** The number of this population in the sandbox, from 1. */
  readonly ordinal: number;
  readonly seed: number;
  readonly project: string;
  readonly projectFlow: string;
  /** ms since the Unix epoch. */
  readonly at: number;
  readonly passed: Readonly<Record<Kind, string>>;
}

/**
 * A set of registrations from the past. Each is computed from its index on demand, so that a million of them use almost
 * no memory. Ids and contacts contain the index, so they can be found without a lookup table.
 */
export class Population {
  readonly count: number;
  readonly project: string;
  readonly projectFlow: string;
  readonly prefix: string;
  readonly drifted: ReadonlyMap<number, DriftKind>;
  /** Verifik has deleted comparisons from before this time, in ms since the Unix epoch. */
  comparisonsDeletedBefore = Number.NEGATIVE_INFINITY;
  readonly #plan: PopulationPlan;
  readonly #origin: Origin;

  constructor(plan: PopulationPlan, origin: Origin) {
    this.count = plan.count;
    this.project = origin.project;
    this.projectFlow = origin.projectFlow;
    const random = createRandom(origin.seed)
      .id()
      .slice(0, PREFIX_DIGITS - ORDINAL_DIGITS);
    this.prefix = random + origin.ordinal.toString(16).padStart(ORDINAL_DIGITS, '0').slice(-ORDINAL_DIGITS);
    this.drifted = spreadDrift(plan.count, plan.drift);
    this.#plan = plan;
    this.#origin = origin;
  }

  idAt(index: number, role: Role = 'registration'): string {
    return `${this.prefix}${ROLES.indexOf(role)}${index.toString(16).padStart(INDEX_DIGITS, '0')}`;
  }

  find(id: string): { readonly index: number; readonly role: Role } | undefined {
    const role = ROLES[Number(id[PREFIX_DIGITS])];
    const index = Number.parseInt(id.slice(PREFIX_DIGITS + 1), 16);
    return role !== undefined && index < this.count && this.idAt(index, role) === id ? { index, role } : undefined;
  }

  findByContact({ by, address }: ContactMethod): number | undefined {
    const [, digits] = address.match(by === 'email' ? /\.(\d+)@/ : /(\d{7})$/) ?? [];
    const index = Number(digits);
    if (digits === undefined || index >= this.count) return undefined;
    const { email, phone, countryCode } = this.#personOf(index, this.#randomOf(index));
    return address === (by === 'email' ? email : `${countryCode}${phone}`) ? index : undefined;
  }

  statusAt(index: number): string | undefined {
    const drift = this.drifted.get(index);
    if (drift === undefined) return this.#plan.status;
    return drift === 'forgotten' ? undefined : DRIFT_WORDS[drift];
  }

  /** Computes the registration as it was created, without later changes. */
  registrationAt(index: number): Registration {
    const { project, projectFlow } = this;
    const random = this.#randomOf(index);
    const person = this.#personOf(index, random);
    const createdAt = this.#createdAt(index);
    const updatedAt = Math.min(createdAt + (5 + random.below(25)) * MINUTE_MS, this.#origin.at);
    return {
      _id: this.idAt(index),
      informationValidationId: this.idAt(index, 'information'),
      personId: this.idAt(index, 'person'),
      project,
      projectFlow,
      ...person,
      language: 'en',
      createdAt,
      updatedAt,
      status: this.statusAt(index) ?? this.#plan.status,
      currentStep: 'end',
      epoch: 0,
      validations: this.#validationsOf(index, updatedAt),
      ...this.#comparisonOf(index, updatedAt),
      outcomes: {},
    };
  }

  /** Ages are spread evenly. Index 0 is the oldest. */
  #createdAt(index: number): number {
    const [youngest, oldest] = this.#plan.ageDays;
    const ageDays = oldest - ((oldest - youngest) * index) / Math.max(this.count - 1, 1);
    return Math.floor(this.#origin.at - ageDays * DAY_MS);
  }

  #randomOf(index: number): Random {
    return createRandom(this.#origin.seed ^ Math.imul(index + 1, 0x9e3779b1));
  }

  #personOf(index: number, random: Random): Person {
    const { ordinal } = this.#origin;
    const { first, last } = inventName(random);
    return {
      fullName: `${first} ${last}`,
      email: `${first}.${last}.${ordinal}.${index}@${EMAIL_DOMAIN}`.toLowerCase(),
      // Phone numbers of `inventPeople` begin with 3.
      phone: `6${String(ordinal).padStart(2, '0')}${String(index).padStart(String(MAX_MEMBERS - 1).length, '0')}`,
      countryCode: inventCountryCode(random),
    };
  }

  #validationsOf(index: number, createdAt: number): Partial<Record<Kind, Validation>> {
    const appRegistrationId = this.idAt(index);
    return Object.fromEntries(
      this.#plan.checks.map((kind) => {
        const status = this.#origin.passed[kind];
        return [
          kind,
          { _id: this.idAt(index, kind), kind, appRegistrationId, createdAt, updatedAt: createdAt, status },
        ];
      }),
    );
  }

  #comparisonOf(index: number, at: number): Pick<Registration, 'compare'> {
    const { checks } = this.#plan;
    if (!checks.includes('document') || !checks.includes('biometric') || at < this.comparisonsDeletedBefore) return {};
    return { compare: { _id: this.idAt(index, 'comparison'), passed: true, score: 0.97, at } };
  }
}
