import { describe, expect, it } from 'vitest';
import { followToTheEnd } from '../../cli/watching/to-the-end.js';
import { OnboardingError } from '../../client/index.js';

/** Follows something that ends at once, and whose last looks are refused so often. */
const endsAtOnce = async (refusals: number) => {
  const said: string[] = [];
  let looks = 0;
  const result = await followToTheEnd({
    what: 'onboarding',
    result: async () => 'verified',
    look: async () => {
      looks += 1;
      if (looks > 1 && looks <= 1 + refusals) throw new OnboardingError('Unavailable', 'too many ask');
      said.push(`look ${looks}`);
    },
    note: (text) => said.push(text),
  });
  return { result, said };
};

describe('what is followed to its end', () => {
  it('is looked at for the last time until there is an answer', async () => {
    expect(await endsAtOnce(2)).toEqual({ result: 'verified', said: ['look 1', 'look 4'] });
  });

  it('comes to what it comes to where there is none, and that is said', async () => {
    expect(await endsAtOnce(1_000)).toEqual({
      result: 'verified',
      said: ['look 1', 'What happened last could not be read.'],
    });
  });
});
