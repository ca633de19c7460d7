import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { NO_RESULTS, readResults } from '../../../tools/bench/results.js';
import { summaryOf } from '../../../tools/bench/summary.js';

const RESULTS = fileURLToPath(new URL('../../../docs/performance.json', import.meta.url));

it('the summary has the main figures under stable names', () => {
  const results = readResults(readFileSync(RESULTS, 'utf8'));
  const summary = summaryOf('production', results, 145);
  expect(Object.keys(summary)).toEqual([
    'server',
    'startRatio',
    'startMs',
    'startP99Ratio',
    'startCrowdedRatio',
    'throughputRatio',
    'onboardingsPerSecond',
    'workerCpuMsPerOnboarding',
    'eventsPerOnboarding',
    'bytesPerOnboarding',
    'actionsPerOnboarding',
    'codecEncodeRatio',
    'codecDecodeRatio',
    'seconds',
  ]);
  // The budget of the happy path.
  expect(summary.eventsPerOnboarding).toBeLessThanOrEqual(40);
});

it('the summary has no figures of parts that were not measured', () => {
  expect(JSON.parse(JSON.stringify(summaryOf('development', NO_RESULTS, 1)))).toEqual({
    server: 'development',
    seconds: 1,
  });
});
