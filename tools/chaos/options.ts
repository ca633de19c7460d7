import { readFile } from 'node:fs/promises';
import { Command, Option } from 'commander';
import * as E from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';
import { wholeNumber } from '../processes/whole-number.js';
import { SERVERS } from './environment/servers.js';
import type { RunOptions } from './run.js';

/** The options of `npm run chaos`. */
export interface ChaosOptions extends Pick<RunOptions, 'seed' | 'onboardings' | 'server' | 'atOnce' | 'faultCount'> {
  readonly regressions: boolean;
  readonly hunt: boolean;
  readonly workerEnds: number;
  readonly json: boolean;
  readonly keep: boolean;
}

const ONBOARDINGS = { chaos: 500, hunt: 30 };

export const readOptions = (argv: readonly string[]): ChaosOptions => {
  const { onboardings, ...options } = new Command('npm run chaos --')
    .description('Runs many onboardings, injects faults into the whole system, and checks invariants at the end.')
    .option('--seed <n>', 'determines the applicants and the faults', wholeNumber(0), 1)
    .option(
      '--onboardings <n>',
      `number of onboardings (default: ${ONBOARDINGS.chaos}, with --hunt ${ONBOARDINGS.hunt})`,
      wholeNumber(1),
    )
    .addOption(
      new Option('--server <name>', "Temporal's production server with PostgreSQL, or its development server")
        .choices(SERVERS)
        .default('production'),
    )
    .option('--at-once <n>', 'number of onboardings in progress at the same time', wholeNumber(1), 24)
    .option('--fault-count <n>', 'number of faults; at least one of each kind is injected', wholeNumber(0))
    .option('--regressions', 'run the seeds that failed in the past (tools/chaos/seeds.json)', false)
    .option('--hunt', 'search for histories that do not replay, with random calls, queries and worker restarts', false)
    .option('--worker-ends <n>', 'with --hunt: number of workers ended while calls are made', wholeNumber(1), 10)
    .option('--json', 'print the result as one line of JSON at the end', false)
    .option('--keep', 'keep the logs of a run that passed', false)
    .parse(argv)
    .opts<Omit<ChaosOptions, 'onboardings'> & { readonly onboardings?: number }>();
  return { ...options, onboardings: onboardings ?? (options.hunt ? ONBOARDINGS.hunt : ONBOARDINGS.chaos) };
};

const Seeds = t.readonlyArray(
  t.intersection([
    t.type({
      seed: t.number,
      onboardings: t.number,
      server: t.keyof({ production: null, dev: null }),
      /** The defect that the run showed. */
      why: t.string,
    }),
    t.partial({ atOnce: t.number, faultCount: t.number }),
  ]),
);

// The compiler does not copy JSON files to dist.
const SEEDS_FILE = new URL(
  import.meta.url.endsWith('.ts') ? 'seeds.json' : '../../../tools/chaos/seeds.json',
  import.meta.url,
);

/** Reads the runs that failed in the past. */
export const readSeeds = async (): Promise<t.TypeOf<typeof Seeds>> => {
  const read = Seeds.decode(JSON.parse(await readFile(SEEDS_FILE, 'utf8')));
  if (E.isLeft(read)) throw new Error('tools/chaos/seeds.json: expected a list of {seed, onboardings, server, why}');
  return read.right;
};
