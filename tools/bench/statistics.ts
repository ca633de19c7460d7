import { median, quantile } from 'simple-statistics';
import type { Compared, Spread } from './results.js';

export const spreadOf = (values: readonly number[]): Spread => ({
  median: median([...values]),
  least: Math.min(...values),
  most: Math.max(...values),
  rounds: values.length,
});

/** The value that the share of all values stays under: 0.5 for the median. */
export const quantileOf = (values: readonly number[], share: number): number => quantile([...values], share);

/** What of each round the one is of the other: both have been measured in it, next to each other. */
export const ratiosOf = (ones: readonly number[], others: readonly number[]): Spread =>
  spreadOf(ones.map((value, round) => value / (others[round] ?? Number.NaN)));

/** What was measured of each, round by round. */
export interface Pair<A> {
  readonly onboarding: readonly A[];
  readonly floor: readonly A[];
}

/** One beside the other. */
export const compared = ({ onboarding, floor }: Pair<number>): Compared => ({
  onboarding: spreadOf(onboarding),
  floor: spreadOf(floor),
  ratio: ratiosOf(onboarding, floor),
});
