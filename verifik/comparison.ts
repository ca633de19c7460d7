import * as t from 'io-ts';

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

/**
 * Reads Verifik's comparison of the faces: `undefined` until it has run. A score below its minimum is a mismatch,
 * whatever `passed` says.
 */
export const readComparison = (compareFaceVerification: unknown): 'match' | 'mismatch' | undefined => {
  if (!Compared.is(compareFaceVerification)) return undefined;
  const { passed, score, compare_min_score } = compareFaceVerification.result;
  const unit = unitOf(score);
  if (unit === undefined) return typeof passed === 'boolean' ? (passed ? 'match' : 'mismatch') : undefined;
  const isHighEnough = unit >= (unitOf(compare_min_score) ?? DEFAULT_MIN_SCORE);
  return isHighEnough && passed !== false ? 'match' : 'mismatch';
};
