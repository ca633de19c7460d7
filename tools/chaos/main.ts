import { rm } from 'node:fs/promises';
import { DefaultLogger, Runtime } from '@temporalio/worker';
import { defined } from '../../shared/defined.js';
import { hunt } from './hunt/hunt.js';
import { readOptions, readSeeds } from './options.js';
import { type RunOptions, runChaos } from './run.js';
import { commandOf, hasPassed, huntText, verdictJson, verdictText } from './verdict.js';

const tell = (line: string) => void process.stdout.write(`${line}\n`);

const options = readOptions(process.argv);

/** Runs chaos once, prints the verdict, and returns true if every invariant holds. */
const run = async (runOptions: Omit<RunOptions, 'tell'>): Promise<boolean> => {
  const result = await runChaos({ ...runOptions, tell });
  tell(verdictText(result));
  if (hasPassed(result) && !options.keep) await rm(result.folder, { recursive: true, force: true });
  if (options.json) tell(verdictJson(result));
  return hasPassed(result);
};

const printError = (error: unknown) =>
  void process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);

/** Runs every seed of `seeds.json`. A run that throws counts as failed, and the next one starts. */
const runRegressions = async (): Promise<boolean> => {
  const summaries: string[] = [];
  let passed = true;
  for (const { why, ...regression } of await readSeeds()) {
    const runOptions = { atOnce: options.atOnce, ...regression };
    const since = performance.now();
    tell(`${commandOf(runOptions)}\n${why}`);
    const hasHeld = await run(runOptions).catch((error: unknown) => {
      printError(error);
      return false;
    });
    passed &&= hasHeld;
    const seconds = Math.round((performance.now() - since) / 1_000);
    summaries.push(`${hasHeld ? 'passed' : 'FAILED'} in ${seconds} s  ${commandOf(runOptions)}`);
  }
  tell(`Regressions:\n${summaries.join('\n')}`);
  return passed;
};

const runHunt = async (): Promise<boolean> => {
  const { seed, server, onboardings, workerEnds } = options;
  const result = await hunt({ seed, server, onboardings, workerEnds, tell });
  tell(huntText(result));
  if (options.json) tell(JSON.stringify(result));
  const isClean = result.findings.length === 0;
  if (isClean && !options.keep) await rm(result.folder, { recursive: true, force: true });
  return isClean;
};

const runCommand = async (): Promise<boolean> => {
  if (options.hunt) return runHunt();
  const { seed, onboardings, server, atOnce, faultCount } = options;
  return options.regressions
    ? runRegressions()
    : run({ seed, onboardings, server, atOnce, ...defined({ faultCount }) });
};

// Each child process adds an exit listener to this process, far more than Node's default limit of 10.
process.setMaxListeners(0);
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
// The SDK logs every replayed workflow at lower levels.
Runtime.install({ logger: new DefaultLogger('ERROR') });
try {
  process.exitCode = (await runCommand()) ? 0 : 1;
} catch (error) {
  printError(error);
  process.exitCode = 1;
}
