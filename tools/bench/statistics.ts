import { median, quantile } from 'simple-statistics';
import type { Compared, Spread } from './results.js';

export const spreadOf = (values: readonly number[]): Spread => ({
  median: median([...values]),
  least: Math.min(...values),
  most: Math.max(...values),
  rounds: values.length,
});

/** Returns the quantile of a share between 0 and 1: the median for 0.5. */
export const quantileOf = (values: readonly number[], share: number): number => quantile([...values], share);

/** Returns the ratios of the two values of each round. */
export const ratiosOf = (numerators: readonly number[], denominators: readonly number[]): Spread =>
  spreadOf(numerators.map((value, round) => value / (denominators[round] ?? Number.NaN)));

/** The values of each round. */
export interface Pair<A> {
  readonly onboarding: readonly A[];
  readonly baseline: readonly A[];
}

export const compared = ({ onboarding, baseline }: Pair<number>): Compared => ({
  onboarding: spreadOf(onboarding),
  baseline: spreadOf(baseline),
  ratio: ratiosOf(onboarding, baseline),
});
