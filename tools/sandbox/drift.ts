import * as E from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';
import { Count, decodeOnly } from './decoding.js';

const FIELDS = { failed: Count, expired: Count, unknownWord: Count, forgotten: Count };

const DriftCodec = t.partial(FIELDS);

/** How many of a population have gone another way since: how many have failed, have expired, have a word that nobody knows, are gone. */
export type Drift = Readonly<t.TypeOf<typeof DriftCodec>>;

export type DriftKind = keyof Drift;

export const DRIFT_KINDS: readonly DriftKind[] = ['failed', 'expired', 'unknownWord', 'forgotten'];

/** The status word of a registration that has drifted; those that are gone have none. */
export const DRIFT_WORDS = { failed: 'FAILED', expired: 'EXPIRED', unknownWord: 'RECALLED_BY_PARTNER' } as const;

/** Reads how many drift, or says which field is wrong. */
export const readDrift = (input: unknown): E.Either<string, Drift> =>
  E.mapLeft((wrong: string) => `drift.${wrong}`)(decodeOnly(DriftCodec, Object.keys(FIELDS), input));

export const driftingIn = (drift: Drift): number => DRIFT_KINDS.reduce((sum, kind) => sum + (drift[kind] ?? 0), 0);

/** Who drifts how, by index: spread evenly over the population, each kind for itself too, the first one at its head. */
export const spreadDrift = (count: number, drift: Drift): ReadonlyMap<number, DriftKind> => {
  const wanted = DRIFT_KINDS.flatMap((kind) => {
    const length = drift[kind] ?? 0;
    return Array.from({ length }, (_, nth) => ({ kind, at: (nth + 0.5) / length }));
  }).sort((one, other) => one.at - other.at);
  return new Map(wanted.map(({ kind }, slot) => [Math.floor((slot * count) / wanted.length), kind]));
};
