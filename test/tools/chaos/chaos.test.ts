import { appendFile, rm } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { searchAll } from '../../../tools/chaos/judging/searching.js';
import { inWords } from '../../../tools/chaos/plan/acts.js';
import { planOf } from '../../../tools/chaos/plan/plan.js';
import { runChaos } from '../../../tools/chaos/run.js';
import { readSeeds } from '../../../tools/chaos/seeds.js';
import { verdictJson } from '../../../tools/chaos/verdict.js';
import { installQuietRuntime } from '../../support/quiet-runtime.js';

/** What a run of half a minute has room for. `npm run chaos` does all of it. */
const RUN = {
  seed: 3,
  onboardings: 25,
  server: 'dev',
  atOnce: 8,
  only: ['restartWorker', 'killGateway', 'killService', 'delay', 'rotateKeys', 'vendorFaults'],
  atMostMs: 5_000,
} as const;

/** Where a secret would be found. The databases of a development server are two files. */
const SEARCHED = [
  ...['worker-1-1', 'worker-1-2', 'gateway-1', 'gateway-2'].flatMap((name) => [
    `the log of ${name}`,
    `the metrics of ${name}`,
  ]),
  ...['the log of Temporal', 'the log of Toxiproxy', 'sqlite', 'sqlite-wal'],
];

const CANARY = { what: 'the canary', value: 'canary-of-the-chaos' };

it('a small chaos ends right for everybody, and would find what was leaked anywhere', async () => {
  installQuietRuntime();
  const told: string[] = [];
  const run = await runChaos({ ...RUN, tell: (line) => void told.push(line) });
  expect(run.violations, told.join('\n')).toEqual([]);
  expect(Object.values(run.outcomes).reduce((sum, count) => sum + count, 0)).toBe(RUN.onboardings);
  // Each has told its callbacks in a workflow of their own.
  expect(run.replayed).toBeGreaterThanOrEqual(2 * RUN.onboardings);
  for (const act of planOf(RUN.seed, { ...RUN, database: false })) expect(told.join('\n')).toContain(inWords(act));
  expect(JSON.parse(verdictJson(run))).toMatchObject({ seed: RUN.seed, verdict: 'passed', violations: [] });

  for (const { file } of run.searched) await appendFile(file, ` ${CANARY.value} `);
  const leaking = (await searchAll(run.searched, [CANARY])).filter(({ found }) => found.includes(CANARY.what));
  expect(leaking.map(({ where }) => where).sort()).toEqual([...SEARCHED].sort());
  await rm(run.folder, { recursive: true, force: true });
}, 300_000);

it('the seeds of failures can be read, and each says why it is there', async () => {
  for (const { why } of await readSeeds()) expect(why).toMatch(/^[A-Z].*\.$/);
});
