import * as E from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';
import { Count, decodeExact } from '../decoding.js';

const FIELDS = { failed: Count, expired: Count, unknownWord: Count, forgotten: Count };

const DriftCodec = t.partial(FIELDS);

/** How many registrations of a population have changed since their verification. */
export type Drift = Readonly<t.TypeOf<typeof DriftCodec>>;

export type DriftKind = keyof Drift;

export const DRIFT_KINDS: readonly DriftKind[] = ['failed', 'expired', 'unknownWord', 'forgotten'];

export const DRIFT_WORDS = { failed: 'FAILED', expired: 'EXPIRED', unknownWord: 'RECALLED_BY_PARTNER' } as const;

export const decodeDrift = (input: unknown): E.Either<string, Drift> =>
  E.mapLeft((wrong: string) => `drift.${wrong}`)(decodeExact(DriftCodec, Object.keys(FIELDS), input));

export const driftCount = (drift: Drift): number => DRIFT_KINDS.reduce((sum, kind) => sum + (drift[kind] ?? 0), 0);

/** Assigns the drifted registrations to indexes, spread evenly over the population, for each kind as well. */
export const spreadDrift = (count: number, drift: Drift): ReadonlyMap<number, DriftKind> => {
  const wanted = DRIFT_KINDS.flatMap((kind) => {
    const length = drift[kind] ?? 0;
    return Array.from({ length }, (_, nth) => ({ kind, at: (nth + 0.5) / length }));
  }).sort((one, other) => one.at - other.at);
  return new Map(wanted.map(({ kind }, slot) => [Math.floor((slot * count) / wanted.length), kind]));
};
