import * as t from 'io-ts';

/** What can be forced, for an applicant: the status word that a validation (or the registration, at the end) comes to. */
export const OutcomesCodec = t.partial({
  email: t.string,
  phone: t.string,
  document: t.string,
  biometric: t.string,
  registration: t.string,
  /** `failed`: the face on the selfie is not the document's. */
  compare: t.string,
  /** How many validations the forced outcomes hold for; without it, for all. */
  times: t.number,
});

export type Outcomes = t.TypeOf<typeof OutcomesCodec>;

export type ForcedThing = Exclude<keyof Outcomes, 'times'>;

const THINGS: readonly ForcedThing[] = ['email', 'phone', 'document', 'biometric', 'registration', 'compare'];

/**
 * Outcomes by a recognisable email: `name+document-failed@…`, `name+biometric-failed-once@…`,
 * `name+document-needs_manual_verification@…`. `review` stands for `NEEDS_MANUAL_VERIFICATION`.
 */
export const outcomesByEmail = (email: string | undefined): Outcomes => {
  const [, tag] = email?.match(/\+([^@]+)@/) ?? [];
  const [, thing, word, once] = tag?.match(/^([a-z]+)-([a-zA-Z_]+)(-once)?$/) ?? [];
  const forced = THINGS.find((name) => name === thing);
  if (forced === undefined || word === undefined) return {};
  const status = word === 'review' ? 'NEEDS_MANUAL_VERIFICATION' : word;
  return { [forced]: status, ...(once === undefined ? {} : { times: 1 }) };
};

/** Takes the forced word for a thing, if there is one left. */
export const takeForced = (outcomes: Outcomes, thing: ForcedThing): string | undefined => {
  const word = outcomes[thing];
  if (word === undefined) return undefined;
  if (outcomes.times !== undefined) {
    if (outcomes.times <= 0) return undefined;
    outcomes.times -= 1;
  }
  return word;
};
