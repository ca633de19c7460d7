import * as t from 'io-ts';
import type { Score, VendorRegistration } from '../domain/vendor-registration.js';
import { defined } from '../shared/defined.js';

/** Verifik's default minimum of a face comparison. */
const DEFAULT_MIN_SCORE = 0.85;

const Compared = t.type({
  result: t.partial({ passed: t.unknown, score: t.unknown, compare_min_score: t.unknown }),
});

/** Reads a score as a unit, also where Verifik sent a per cent. */
export const unitOf = (value: unknown): number | undefined => {
  if (typeof value !== 'number' || !Number.isFinite(value) || value < 0) return undefined;
  return value > 1 ? value / 100 : value;
};

/** Reads a score with its minimum as units: `undefined` if it is not a number. */
export const readScore = (score: unknown, minScore: unknown): Score | undefined => {
  const unit = unitOf(score);
  return unit === undefined ? undefined : { score: unit, ...defined({ minScore: unitOf(minScore) }) };
};

type Comparison = Required<Pick<VendorRegistration, 'comparison'>> & Pick<VendorRegistration, 'compared'>;

/**
 * Reads Verifik's comparison of the faces: `undefined` until it has run. A score below its minimum is a mismatch,
 * whatever `passed` says.
 */
export const readComparison = (compareFaceVerification: unknown): Comparison | undefined => {
  if (!Compared.is(compareFaceVerification)) return undefined;
  const { passed, score, compare_min_score } = compareFaceVerification.result;
  const compared = readScore(score, compare_min_score);
  if (compared === undefined)
    return typeof passed === 'boolean' ? { comparison: passed ? 'match' : 'mismatch' } : undefined;
  const isHighEnough = compared.score >= (compared.minScore ?? DEFAULT_MIN_SCORE);
  return { comparison: isHighEnough && passed !== false ? 'match' : 'mismatch', compared };
};
