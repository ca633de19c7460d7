import { rm } from 'node:fs/promises';
import { DefaultLogger, Runtime } from '@temporalio/worker';
import { readOptions } from './options.js';
import { type RunOptions, runChaos } from './run.js';
import { readSeeds } from './seeds.js';
import { hasPassed, verdictJson, verdictText } from './verdict.js';

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

const runAll = async (): Promise<boolean> => {
  const { seed, onboardings, server, atOnce, acts } = options;
  if (!options.regressions) return run({ seed, onboardings, server, atOnce, ...(acts === undefined ? {} : { acts }) });
  let passed = true;
  for (const { why, ...regression } of await readSeeds()) {
    tell(why);
    passed = (await run({ atOnce, ...regression })) && passed;
  }
  return passed;
};

// Every process that was started ends with this one: each listens for its end.
process.setMaxListeners(0);
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
// Of replaying, what is wrong alone.
Runtime.install({ logger: new DefaultLogger('ERROR') });
try {
  process.exitCode = (await runAll()) ? 0 : 1;
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
