import { appendFile, rm } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { searchAll } from '../../../tools/chaos/judging/searching.js';
import { readSeeds } from '../../../tools/chaos/options.js';
import { describeFault } from '../../../tools/chaos/plan/faults.js';
import { planOf } from '../../../tools/chaos/plan/plan.js';
import { runChaos } from '../../../tools/chaos/run.js';
import { verdictJson } from '../../../tools/chaos/verdict.js';
import { installQuietRuntime } from '../../support/quiet-runtime.js';

/** The faults that fit into a run of half a minute. `npm run chaos` injects all kinds. */
const RUN = {
  seed: 2,
  onboardings: 25,
  server: 'dev',
  atOnce: 8,
  only: ['restartWorker', 'killGateway', 'killService', 'delay', 'rotateKeys', 'vendorFaults'],
  maxDurationMs: 5_000,
} as const;

/** The files that are searched for secrets. The database of a development server consists of two files. */
const SEARCHED = [
  ...['worker-1-1', 'worker-1-2', 'gateway-1', 'gateway-2'].flatMap((name) => [
    `the log of ${name}`,
    `the metrics of ${name}`,
  ]),
  ...['the log of Temporal', 'the log of Toxiproxy', 'sqlite', 'sqlite-wal'],
];

const CANARY = { what: 'the canary', value: 'canary-of-the-chaos' };

it('all invariants hold in a small chaos run, and a leak into any file would be found', async () => {
  installQuietRuntime();
  const reported: string[] = [];
  const run = await runChaos({ ...RUN, tell: (line) => void reported.push(line) });
  expect(run.violations, reported.join('\n')).toEqual([]);
  expect(Object.values(run.outcomes).reduce((sum, count) => sum + count, 0)).toBe(RUN.onboardings);
  // Each onboarding has a second workflow for its callbacks.
  expect(run.replayed).toBeGreaterThanOrEqual(2 * RUN.onboardings);
  for (const fault of planOf(RUN.seed, { ...RUN, database: false }))
    expect(reported.join('\n')).toContain(describeFault(fault));
  expect(JSON.parse(verdictJson(run))).toMatchObject({ seed: RUN.seed, verdict: 'passed', violations: [] });

  for (const { file } of run.searched) await appendFile(file, ` ${CANARY.value} `);
  const leaking = (await searchAll(run.searched, [CANARY])).filter(({ found }) => found.includes(CANARY.what));
  expect(leaking.map(({ where }) => where).sort()).toEqual([...SEARCHED].sort());
  await rm(run.folder, { recursive: true, force: true });
}, 300_000);

it('every seed of a past failure can be read and has a reason', async () => {
  for (const { why } of await readSeeds()) expect(why).toMatch(/^[A-Z].*\.$/);
});
