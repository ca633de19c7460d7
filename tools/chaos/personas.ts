import type { Person, Settings } from '../sandbox/index.js';

/** All that is checked. */
export const CHECKS = ['email', 'phone', 'document', 'biometric'] as const;

export type Check = (typeof CHECKS)[number];

/** What an applicant does, and what must come of it. */
export interface Persona {
  /** How many of a hundred applicants are like this. */
  readonly share: number;
  /** What they do, in words. */
  readonly does: string;
  /** A tag of their email by which the sandbox forces what their checks come to. */
  readonly tag?: string;
  /** What the service asks for, where it is not the default. */
  readonly policy?: Readonly<Record<string, unknown>>;
  /** The checks that they ever pass, or that a reviewer lets pass. */
  readonly passes: readonly Check[];
  readonly outcome: 'verified' | 'rejected' | 'expired' | 'withdrawn';
  readonly reason: string;
  /** How many registrations Verifik has created for them in the end. */
  readonly registrations: number;
  /** How often what they had finished may have been thrown away: as often as they asked to be registered again. */
  readonly recreations: number;
  /** The least time that it takes until the outcome, in ms. */
  readonly takesMs?: number;
}

/** When nothing is heard of an onboarding, Verifik is read so often: webhooks are lost here. */
export const RECONCILE = { firstMs: 10_000, maxMs: 30_000 };

const FIRST_READ_MS = RECONCILE.firstMs;
const DEADLINE_MS = 60_000;

/** All kinds of applicants. */
export const PERSONAS = {
  passes: {
    share: 45,
    does: 'passes every check',
    passes: CHECKS,
    outcome: 'verified',
    reason: 'allChecksPassed',
    registrations: 1,
    recreations: 0,
  },
  stumbles: {
    share: 12,
    does: 'fails the document once, then passes',
    tag: 'document-FAILED-once',
    passes: CHECKS,
    outcome: 'verified',
    reason: 'allChecksPassed',
    registrations: 1,
    recreations: 0,
  },
  fails: {
    share: 10,
    does: 'fails the document as often as is allowed',
    tag: 'document-FAILED',
    policy: { attemptLimits: { document: 2 } },
    passes: ['email', 'phone'],
    outcome: 'rejected',
    reason: 'attemptsExhausted',
    registrations: 1,
    recreations: 0,
  },
  withdraws: {
    share: 8,
    does: 'withdraws after the phone',
    passes: ['email', 'phone'],
    outcome: 'withdrawn',
    reason: 'withdrawn',
    registrations: 1,
    recreations: 0,
  },
  registersAgain: {
    share: 8,
    does: 'is registered again in the middle',
    passes: CHECKS,
    outcome: 'verified',
    reason: 'allChecksPassed',
    registrations: 1,
    recreations: 1,
  },
  getsLost: {
    share: 6,
    does: 'is forgotten by Verifik in the middle',
    passes: CHECKS,
    outcome: 'verified',
    reason: 'allChecksPassed',
    registrations: 2,
    recreations: 0,
    // Nobody tells that a registration is gone: a read of Verifik finds it out.
    takesMs: FIRST_READ_MS,
  },
  isReviewed: {
    share: 6,
    does: 'has a document that a reviewer approves',
    tag: 'document-review',
    passes: CHECKS,
    outcome: 'verified',
    reason: 'approvedByReviewer',
    registrations: 1,
    recreations: 0,
  },
  runsOutOfTime: {
    share: 5,
    does: 'does the email alone, until the deadline',
    policy: { deadlineMs: DEADLINE_MS },
    passes: ['email'],
    outcome: 'expired',
    reason: 'deadlinePassed',
    registrations: 1,
    recreations: 0,
    takesMs: DEADLINE_MS,
  },
} as const satisfies Readonly<Record<string, Persona>>;

export type PersonaName = keyof typeof PERSONAS;

const isPersonaName = (name: string): name is PersonaName => Object.hasOwn(PERSONAS, name);

export const PERSONA_NAMES: readonly PersonaName[] = Object.keys(PERSONAS).filter(isPersonaName);

/** The persona of the name, with every field that any has. */
export const personaOf = (name: PersonaName): Persona => PERSONAS[name];

/** One applicant of a run: who they are, and what they do. */
export interface Member {
  /** What the service knows them by. */
  readonly reference: string;
  readonly persona: PersonaName;
  readonly person: Person;
}

/** How Verifik takes it when somebody is registered again. */
export type ReRegistration = Settings['reRegistration'];
