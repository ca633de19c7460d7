import { createRandom, inventPeople, type Person, type Random, type Settings } from '../sandbox/index.js';

export const CHECKS = ['email', 'phone', 'document', 'biometric'] as const;

export type Check = (typeof CHECKS)[number];

/** A kind of applicant: the behaviour and the expected result. */
export interface Persona {
  /** The percentage of applicants. */
  readonly share: number;
  /** The behaviour, as the predicate of a sentence. */
  readonly does: string;
  /** A tag in the email address that makes the sandbox force the results of checks. */
  readonly tag?: string;
  /** The policy of the onboarding, if it differs from the default. */
  readonly policy?: Readonly<Record<string, unknown>>;
  /** The checks that pass, by themselves or by a review. */
  readonly passes: readonly Check[];
  readonly outcome: 'verified' | 'rejected' | 'expired' | 'withdrawn';
  readonly reason: string;
  /** The number of registrations that Verifik creates. */
  readonly registrations: number;
  /** The number of re-registrations that the applicant requests. Each may discard finished checks. */
  readonly recreations: number;
  /** The least time until the outcome, in ms. */
  readonly minDurationMs?: number;
}

/** Short intervals, because the sandbox loses webhooks here. */
export const RECONCILE = { firstMs: 10_000, maxMs: 30_000 };

const DEADLINE_MS = 60_000;

const VERIFIED = {
  passes: CHECKS,
  outcome: 'verified',
  reason: 'allChecksPassed',
  registrations: 1,
  recreations: 0,
} as const;

const PERSONAS = {
  passes: { ...VERIFIED, share: 40, does: 'passes every check' },
  stumbles: { ...VERIFIED, share: 12, does: 'fails the document once, then passes', tag: 'document-failed-once' },
  fails: {
    ...{ ...VERIFIED, passes: ['email', 'phone'], outcome: 'rejected', reason: 'attemptsExhausted' },
    share: 10,
    does: 'fails the document as often as is allowed',
    tag: 'document-failed',
    policy: { attemptLimits: { document: 2 } },
  },
  withdraws: {
    ...{ ...VERIFIED, passes: ['email', 'phone'], outcome: 'withdrawn', reason: 'withdrawn' },
    share: 8,
    does: 'withdraws after the phone',
  },
  registersAgain: { ...VERIFIED, share: 8, does: 'is registered again in the middle', recreations: 1 },
  getsLost: {
    ...VERIFIED,
    share: 6,
    does: 'is forgotten by Verifik in the middle',
    registrations: 2,
    // No webhook reports a deleted registration: only a read notices it.
    minDurationMs: RECONCILE.firstMs,
  },
  isReviewed: {
    ...{ ...VERIFIED, reason: 'approvedByReviewer' },
    share: 6,
    does: 'has a document that a reviewer approves',
    tag: 'document-review',
  },
  repeats: { ...VERIFIED, share: 5, does: 'repeats the document, as a reviewer requests' },
  runsOutOfTime: {
    ...{ ...VERIFIED, passes: ['email'], outcome: 'expired', reason: 'deadlinePassed' },
    share: 5,
    does: 'does the email alone, until the deadline',
    policy: { deadlineMs: DEADLINE_MS },
    minDurationMs: DEADLINE_MS,
  },
} as const satisfies Readonly<Record<string, Persona>>;

export type PersonaName = keyof typeof PERSONAS;

export const PERSONA_NAMES: readonly PersonaName[] = Object.keys(PERSONAS).filter((name): name is PersonaName =>
  Object.hasOwn(PERSONAS, name),
);

export const personaOf = (name: PersonaName): Persona => PERSONAS[name];

/** One applicant of a run. */
export interface Applicant {
  readonly reference: string;
  readonly persona: PersonaName;
  readonly person: Person;
}

export type ReRegistration = Settings['reRegistration'];

export interface ApplicantsOptions {
  readonly seed: number;
  readonly onboardings: number;
  /** Leaves out personas that need more time than this, in ms. */
  readonly maxDurationMs?: number;
}

/** Adds a tag to the email address, by which the sandbox forces the results of checks. */
export const tagged = (person: Person, tag: string | undefined): Person =>
  tag === undefined ? person : { ...person, email: person.email.replace('@', `+${tag}@`) };

/** Draws an element. Throws an error if the list is empty. */
export const drawn = <A>(random: Random, list: readonly A[]): A => {
  const [one] = list.slice(random.below(list.length));
  if (one === undefined) throw new Error('nothing to draw from');
  return one;
};

/** Creates the applicants of a run: the same for the same seed, and every persona at least once if there are enough. */
export const applicantsOf = ({
  seed,
  onboardings,
  maxDurationMs = Number.POSITIVE_INFINITY,
}: ApplicantsOptions): readonly Applicant[] => {
  const random = createRandom(seed);
  const names = PERSONA_NAMES.filter((name) => (personaOf(name).minDurationMs ?? 0) <= maxDurationMs);
  const lots = names.flatMap((name) => Array.from({ length: personaOf(name).share }, () => name));
  return inventPeople(seed, onboardings).map((person, index) => {
    const persona = names[index] ?? drawn(random, lots);
    return { reference: `chaos-${seed}-${index + 1}`, persona, person: tagged(person, personaOf(persona).tag) };
  });
};
