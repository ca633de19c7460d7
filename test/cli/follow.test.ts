import { describe, expect, it } from 'vitest';
import { followToTheEnd } from '../../cli/follow.js';
import { OnboardingError } from '../../client/index.js';

/** Follows an onboarding that ends at once, and whose last looks fail `refusals` times. */
const followEnded = async (refusals: number) => {
  const output: string[] = [];
  let looks = 0;
  const result = await followToTheEnd({
    what: 'onboarding',
    result: async () => 'verified',
    look: async () => {
      looks += 1;
      if (looks > 1 && looks <= 1 + refusals) throw new OnboardingError('Unavailable', 'too many requests');
      output.push(`look ${looks}`);
    },
    note: (text) => output.push(text),
  });
  return { result, output };
};

describe('followToTheEnd', () => {
  it('repeats the last look until it succeeds', async () => {
    expect(await followEnded(2)).toEqual({ result: 'verified', output: ['look 1', 'look 4'] });
  });

  it('returns the result even if every last look fails, and notes the failure', async () => {
    expect(await followEnded(1_000)).toEqual({
      result: 'verified',
      output: ['look 1', 'The last events could not be read.'],
    });
  });
});
