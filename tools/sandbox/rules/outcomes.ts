import * as E from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';
import { Count, decodeExact, StatusWord } from '../decoding.js';

const FIELDS = {
  email: StatusWord,
  phone: StatusWord,
  document: StatusWord,
  biometric: StatusWord,
  registration: StatusWord,
  /** `passed`, `never` for a comparison without a result, or any other word for faces that do not match. */
  compare: StatusWord,
  /** The recorded reason of a failure that `document` or `biometric` forces: any text. */
  documentReason: StatusWord,
  biometricReason: StatusWord,
  /** How many times each outcome applies. Default: always. */
  times: Count,
};

/**
 * Forced outcomes of a registration: the status word that each validation, or the registration at its end, gets. A
 * document or selfie can also get the reason of a failed attempt, and a document `noportrait`.
 */
const OutcomesCodec = t.partial(FIELDS);

export type Outcomes = t.TypeOf<typeof OutcomesCodec>;

export type OutcomeTarget = Exclude<keyof Outcomes, 'times'>;

const TARGETS: readonly OutcomeTarget[] = [
  'email',
  'phone',
  'document',
  'biometric',
  'registration',
  'compare',
  'documentReason',
  'biometricReason',
];

/** The forced outcomes by target, with the number of times that each still applies. */
export type ForcedOutcomes = { readonly [Target in OutcomeTarget]?: { readonly word: string; left: number } };

export const decodeOutcomes = (input: unknown): E.Either<string, ForcedOutcomes> =>
  E.map((outcomes: Outcomes) => {
    const { times = Number.POSITIVE_INFINITY } = outcomes;
    return Object.fromEntries(
      TARGETS.flatMap((target) => {
        const word = outcomes[target];
        return word === undefined ? [] : [[target, { word, left: times }]];
      }),
    );
  })(decodeExact(OutcomesCodec, Object.keys(FIELDS), input));

/**
 * Parses outcomes from the tags of an email address: `name+document-failed@…`, `name+biometric-failed-once@…`, or
 * several tags as in `name+email-expired+compare-failed@…`. `review` means `NEEDS_MANUAL_VERIFICATION`. Other tags
 * are ignored.
 */
export const outcomesByEmail = (email: string | undefined): ForcedOutcomes => {
  const [, ...tags] = email?.split('@')[0]?.split('+') ?? [];
  return Object.fromEntries(
    tags.flatMap((tag) => {
      const [, name, word, once] = tag.match(/^([a-z]+)-([a-zA-Z_]+)(-once)?$/) ?? [];
      const target = TARGETS.find((one) => one === name);
      if (target === undefined || word === undefined) return [];
      const status = word === 'review' ? 'NEEDS_MANUAL_VERIFICATION' : word;
      return [[target, { word: status, left: once === undefined ? Number.POSITIVE_INFINITY : 1 }]];
    }),
  );
};

/** Returns the forced outcome of a target, if any, and counts it as used. */
export const takeForced = (forced: ForcedOutcomes, target: OutcomeTarget): string | undefined => {
  const one = forced[target];
  if (one === undefined || one.left <= 0) return undefined;
  one.left -= 1;
  return one.word;
};
