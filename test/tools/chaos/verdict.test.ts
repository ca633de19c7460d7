import { expect, it } from 'vitest';
import { readOptions } from '../../../tools/chaos/options.js';
import type { Run } from '../../../tools/chaos/run.js';
import { commandOf, verdictText } from '../../../tools/chaos/verdict.js';

const RUN: Run = {
  ...{ seed: 9, onboardings: 60, server: 'dev', atOnce: 12, folder: '/tmp/of-the-run' },
  ...{
    outcomes: { verified: 60 },
    faults: {},
    repeatedCalls: {},
    crashes: 0,
    replayed: 120,
    searched: [],
    seconds: 80,
  },
  violations: [],
};

it.each([{}, { faultCount: 90 }])('the command of a failed run repeats the run: %o', (more) => {
  const [, words = ''] = commandOf({ ...RUN, ...more }).split(' -- ');
  expect(readOptions(['node', 'chaos', ...words.split(' ')])).toMatchObject({
    seed: 9,
    onboardings: 60,
    server: 'dev',
    atOnce: 12,
    ...more,
  });
});

it('a verdict shows every violated invariant, however often another one is violated', () => {
  expect(verdictText(RUN)).toMatch(/PASSED$/);
  const violations = [
    ...Array.from(
      { length: 300 },
      (_, index) => ({ invariant: 'outcome', subject: `chaos-9-${index}`, what: 'none' }) as const,
    ),
    { invariant: 'replays', subject: 'onboarding-shop:chaos-9-1', what: 'another activity' } as const,
  ];
  const reported = verdictText({ ...RUN, violations });
  expect(reported).toContain('outcome: chaos-9-0: none');
  expect(reported).toContain('outcome: and 295 more');
  expect(reported).toContain('replays: onboarding-shop:chaos-9-1: another activity');
  expect(reported).toMatch(/FAILED[\s\S]*\/tmp\/of-the-run[\s\S]*npm run chaos -- --seed 9/);
});
