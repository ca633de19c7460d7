import { Command, Option } from 'commander';
import { wholeNumber } from '../processes/whole-number.js';
import { SERVERS, type ServerName } from './environment/servers.js';

/** The options of `npm run chaos`. */
export interface ChaosOptions {
  readonly seed: number;
  readonly onboardings: number;
  readonly server: ServerName;
  readonly atOnce: number;
  readonly faultCount?: number;
  readonly regressions: boolean;
  readonly hunt: boolean;
  readonly seconds: number;
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
    .option('--seconds <n>', 'with --hunt: duration of the calls and worker restarts', wholeNumber(1), 30)
    .option('--json', 'print the result as one line of JSON at the end', false)
    .option('--keep', 'keep the logs of a run that passed', false)
    .parse(argv)
    .opts<Omit<ChaosOptions, 'onboardings'> & { readonly onboardings?: number }>();
  return { ...options, onboardings: onboardings ?? (options.hunt ? ONBOARDINGS.hunt : ONBOARDINGS.chaos) };
};
