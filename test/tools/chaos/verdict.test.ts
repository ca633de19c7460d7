import { expect, it } from 'vitest';
import { readOptions } from '../../../tools/chaos/options.js';
import type { Run } from '../../../tools/chaos/run.js';
import { commandOf, verdictText } from '../../../tools/chaos/verdict.js';

const RUN: Run = {
  ...{ seed: 9, onboardings: 60, server: 'dev', atOnce: 12, folder: '/tmp/of-the-run' },
  ...{
    outcomes: { verified: 60 },
    harm: {},
    repeatedCalls: {},
    ownDeaths: 0,
    replayed: 120,
    searched: [],
    seconds: 80,
  },
  violations: [],
};

it.each([{}, { acts: 90 }])('the command that a failed run names is the same run again: %o', (more) => {
  const [, words = ''] = commandOf({ ...RUN, ...more }).split(' -- ');
  expect(readOptions(['node', 'chaos', ...words.split(' ')])).toMatchObject({
    seed: 9,
    onboardings: 60,
    server: 'dev',
    atOnce: 12,
    ...more,
  });
});

it('a verdict tells of every rule that is broken, however often another one is', () => {
  expect(verdictText(RUN)).toMatch(/PASSED$/);
  const violations = [
    ...Array.from({ length: 300 }, (_, index) => ({ rule: 'outcome', of: `chaos-9-${index}`, what: 'none' }) as const),
    { rule: 'replays', of: 'onboarding-shop:chaos-9-1', what: 'another activity' } as const,
  ];
  const told = verdictText({ ...RUN, violations });
  expect(told).toContain('outcome: chaos-9-0: none');
  expect(told).toContain('outcome: and 295 more');
  expect(told).toContain('replays: onboarding-shop:chaos-9-1: another activity');
  expect(told).toMatch(/FAILED[\s\S]*\/tmp\/of-the-run[\s\S]*npm run chaos -- --seed 9/);
});
