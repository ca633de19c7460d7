import type { Candidate } from '../candidates.js';
import type { Servers } from '../environment/servers.js';
import type { Pair } from '../statistics.js';

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
  { onboarding, baseline }: Pick<Servers, 'onboarding' | 'baseline'>,
  rounds: number,
  measure: (candidate: Candidate) => Promise<A>,
): Promise<Pair<A>> => {
  const measured: { readonly onboarding: A[]; readonly baseline: A[] } = { onboarding: [], baseline: [] };
  const measureOne = (candidate: Candidate) => async () => measured[candidate.name].push(await measure(candidate));
  await inTurns(rounds, measureOne(onboarding), measureOne(baseline));
  return measured;
};

/** Reads a property of every round of both. */
export const each = <A, B>({ onboarding, baseline }: Pair<A>, read: (round: A) => B): Pair<B> => ({
  onboarding: onboarding.map(read),
  baseline: baseline.map(read),
});
