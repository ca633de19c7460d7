import { median, quantile } from 'simple-statistics';
import type { Candidate } from './candidates.js';
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

/** Runs a function, and returns its result and its duration in ms. */
export const timed = async <A>(run: () => Promise<A>): Promise<{ readonly result: A; readonly ms: number }> => {
  const began = performance.now();
  const result = await run();
  return { result, ms: performance.now() - began };
};

/** The measurements of both candidates in each round. */
export type Pair<A> = Readonly<Record<Candidate['name'], readonly A[]>>;

/** Compares a figure of each round. */
export const compared = <A>(measured: Pair<A>, figureOf: (round: A) => number): Compared => {
  const onboarding = measured.onboarding.map(figureOf);
  const baseline = measured.baseline.map(figureOf);
  return { onboarding: spreadOf(onboarding), baseline: spreadOf(baseline), ratio: ratiosOf(onboarding, baseline) };
};

/**
 * Measures two candidates in turns, in reverse order every second round, so that slow changes of the machine affect
 * both.
 */
export const inTurns = async (
  rounds: number,
  one: () => Promise<unknown>,
  other: () => Promise<unknown>,
): Promise<void> => {
  for (let round = 0; round < rounds; round += 1)
    for (const measure of round % 2 === 0 ? [one, other] : [other, one]) await measure();
};

/** Measures the onboarding and the baseline in turns. */
export const alternate = async <A>(
  { onboarding, baseline }: Readonly<Record<Candidate['name'], Candidate>>,
  rounds: number,
  measure: (candidate: Candidate) => Promise<A>,
): Promise<Pair<A>> => {
  const measured: Record<Candidate['name'], A[]> = { onboarding: [], baseline: [] };
  const measureOne = (candidate: Candidate) => async () => measured[candidate.name].push(await measure(candidate));
  await inTurns(rounds, measureOne(onboarding), measureOne(baseline));
  return measured;
};
