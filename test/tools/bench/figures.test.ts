import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { historyFromJSON } from '@temporalio/common/lib/proto-utils.js';
import { describe, expect, it } from 'vitest';
import { billableActions } from '../../../tools/bench/benchmarks/actions.js';
import { compared, quantileOf } from '../../../tools/bench/rounds.js';

describe('billable actions', () => {
  it('are counted from a history, with all local activities of a workflow task as one action', () => {
    const file = fileURLToPath(new URL('../../histories/verified.json', import.meta.url));
    const { events } = historyFromJSON(JSON.parse(readFileSync(file, 'utf8')));
    expect(Object.fromEntries(billableActions(events ?? []).map(({ what, count }) => [what, count]))).toEqual({
      'workflow started': 1,
      update: 1,
      'local activities of a workflow task': 1,
      'activity started': 2,
      'search attributes upserted': 2,
      'timer started': 1,
      signal: 4,
    });
  });
});

describe('figures of several rounds', () => {
  it('are compared round by round, not by their medians', () => {
    const { ratio, onboarding } = compared({ onboarding: [1, 10, 100], baseline: [2, 10, 50] }, (round) => round);
    expect(ratio).toEqual({ median: 1, least: 0.5, most: 2, rounds: 3 });
    expect(onboarding).toEqual({ median: 10, least: 1, most: 100, rounds: 3 });
  });

  it('have interpolated quantiles', () => {
    const values = Array.from({ length: 100 }, (_, index) => index + 1);
    expect(quantileOf(values, 0.99)).toBeCloseTo(99.01);
  });
});
