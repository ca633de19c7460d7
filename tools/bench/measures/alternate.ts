import type { Contender } from '../contenders.js';
import type { Servers } from '../setting/servers.js';
import type { Pair } from '../statistics.js';

/**
 * Measures one beside the other, round after round, and the other way around in every second round: whatever slowly changes on the
 * machine changes for both.
 */
export const inTurns = async (
  rounds: number,
  one: () => Promise<unknown>,
  other: () => Promise<unknown>,
): Promise<void> => {
  for (let round = 0; round < rounds; round += 1)
    for (const measure of round % 2 === 0 ? [one, other] : [other, one]) await measure();
};

/** Measures the onboarding beside the floor, in turns. */
export const alternate = async <A>(
  { onboarding, floor }: Pick<Servers, 'onboarding' | 'floor'>,
  rounds: number,
  measure: (contender: Contender) => Promise<A>,
): Promise<Pair<A>> => {
  const measured: { readonly onboarding: A[]; readonly floor: A[] } = { onboarding: [], floor: [] };
  const measureOne = (contender: Contender) => async () => measured[contender.name].push(await measure(contender));
  await inTurns(rounds, measureOne(onboarding), measureOne(floor));
  return measured;
};

/** The same property of every round of both. */
export const each = <A, B>({ onboarding, floor }: Pair<A>, read: (round: A) => B): Pair<B> => ({
  onboarding: onboarding.map(read),
  floor: floor.map(read),
});
