import * as E from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';
import { Count, decodeOnly } from './decoding.js';

const Word = t.refinement(t.string, (word) => word.trim() !== '', 'a status word');

const FIELDS = {
  email: Word,
  phone: Word,
  document: Word,
  biometric: Word,
  registration: Word,
  /** `passed`; any other word means that the face on the selfie is not the document's. */
  compare: Word,
  /** How often each of the forced words holds; without it, always. */
  times: Count,
};

/** What can be forced, for an applicant: the status word that a validation (or the registration, at the end) comes to. */
const OutcomesCodec = t.partial(FIELDS);

export type Outcomes = t.TypeOf<typeof OutcomesCodec>;

export type ForcedThing = Exclude<keyof Outcomes, 'times'>;

const THINGS: readonly ForcedThing[] = ['email', 'phone', 'document', 'biometric', 'registration', 'compare'];

/** The words that are forced, and how often each still is. */
export type Forced = { readonly [Thing in ForcedThing]?: { readonly word: string; left: number } };

/** Reads forced outcomes, or says which field is wrong. */
export const readOutcomes = (input: unknown): E.Either<string, Forced> =>
  E.map((outcomes: Outcomes) => {
    const { times = Number.POSITIVE_INFINITY } = outcomes;
    return Object.fromEntries(
      THINGS.flatMap((thing) => {
        const word = outcomes[thing];
        return word === undefined ? [] : [[thing, { word, left: times }]];
      }),
    );
  })(decodeOnly(OutcomesCodec, Object.keys(FIELDS), input));

/**
 * Outcomes by a recognisable email: `name+document-failed@…`, `name+biometric-failed-once@…`, several as
 * `name+email-expired+compare-failed@…`. `review` stands for `NEEDS_MANUAL_VERIFICATION`. Other tags mean nothing.
 */
export const outcomesByEmail = (email: string | undefined): Forced => {
  const [, ...tags] = email?.split('@')[0]?.split('+') ?? [];
  return Object.fromEntries(
    tags.flatMap((tag) => {
      const [, name, word, once] = tag.match(/^([a-z]+)-([a-zA-Z_]+)(-once)?$/) ?? [];
      const thing = THINGS.find((one) => one === name);
      if (thing === undefined || word === undefined) return [];
      const status = word === 'review' ? 'NEEDS_MANUAL_VERIFICATION' : word;
      return [[thing, { word: status, left: once === undefined ? Number.POSITIVE_INFINITY : 1 }]];
    }),
  );
};

/** Takes the forced word for a thing, if there is one left. */
export const takeForced = (forced: Forced, thing: ForcedThing): string | undefined => {
  const one = forced[thing];
  if (one === undefined || one.left <= 0) return undefined;
  one.left -= 1;
  return one.word;
};
