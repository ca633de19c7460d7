import { rm } from 'node:fs/promises';
import { DefaultLogger, Runtime } from '@temporalio/worker';
import { hunt } from './hunt/hunt.js';
import { huntText } from './hunt/report.js';
import { readOptions } from './options.js';
import { type RunOptions, runChaos } from './run.js';
import { readSeeds } from './seeds.js';
import { commandOf, hasPassed, verdictJson, verdictText } from './verdict.js';

const tell = (line: string) => void process.stdout.write(`${line}\n`);

const options = readOptions(process.argv);

/** Answers whether the run has passed. */
const run = async (what: Omit<RunOptions, 'tell'>): Promise<boolean> => {
  const ended = await runChaos({ ...what, tell });
  tell(verdictText(ended));
  if (hasPassed(ended) && !options.keep) await rm(ended.folder, { recursive: true, force: true });
  if (options.json) tell(verdictJson(ended));
  return hasPassed(ended);
};

const complain = (error: unknown) =>
  void process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);

/** Runs all that has failed before, the next one also where one could not be run to its end. */
const runRegressions = async (): Promise<boolean> => {
  const ends: string[] = [];
  let passed = true;
  for (const { why, ...regression } of await readSeeds()) {
    const what = { atOnce: options.atOnce, ...regression };
    const since = performance.now();
    tell(`${commandOf(what)}\n${why}`);
    const isWell = await run(what).catch((error: unknown) => {
      complain(error);
      return false;
    });
    passed &&= isWell;
    const seconds = Math.round((performance.now() - since) / 1_000);
    ends.push(`${isWell ? 'passed' : 'FAILED'} in ${seconds} s  ${commandOf(what)}`);
  }
  tell(`Regressions:\n${ends.join('\n')}`);
  return passed;
};

const runHunt = async (): Promise<boolean> => {
  const { seed, server, onboardings, seconds } = options;
  const ended = await hunt({ seed, server, onboardings, seconds, tell });
  tell(huntText(ended));
  if (options.json) tell(JSON.stringify(ended));
  const isClean = ended.findings.length === 0;
  if (isClean && !options.keep) await rm(ended.folder, { recursive: true, force: true });
  return isClean;
};

const runAll = async (): Promise<boolean> => {
  if (options.hunt) return runHunt();
  const { seed, onboardings, server, atOnce, acts } = options;
  return options.regressions
    ? runRegressions()
    : run({ seed, onboardings, server, atOnce, ...(acts === undefined ? {} : { acts }) });
};

// Every process that was started ends with this one: each listens for its end.
process.setMaxListeners(0);
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
// Of replaying, what is wrong alone.
Runtime.install({ logger: new DefaultLogger('ERROR') });
try {
  process.exitCode = (await runAll()) ? 0 : 1;
} catch (error) {
  complain(error);
  process.exitCode = 1;
}
