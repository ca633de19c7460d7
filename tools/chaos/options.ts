import { Command, Option } from 'commander';
import { wholeNumber } from '../processes/whole-number.js';
import { SERVERS, type ServerName } from './setting/servers.js';

/** What `npm run chaos` can be told. */
export interface ChaosOptions {
  readonly seed: number;
  readonly onboardings: number;
  readonly server: ServerName;
  readonly atOnce: number;
  readonly acts?: number;
  readonly regressions: boolean;
  readonly hunt: boolean;
  readonly seconds: number;
  readonly json: boolean;
  readonly keep: boolean;
}

const ONBOARDINGS = { chaos: 500, hunt: 30 };

export const readOptions = (argv: readonly string[]): ChaosOptions => {
  const { onboardings, ...options } = new Command('npm run chaos --')
    .description('Many onboardings while harm is done to everything that carries them, and a judge at the end.')
    .option('--seed <n>', 'another seed: other applicants, other harm', wholeNumber(0), 1)
    .option(
      '--onboardings <n>',
      `how many go through: ${ONBOARDINGS.chaos} unless told otherwise, with --hunt ${ONBOARDINGS.hunt}`,
      wholeNumber(1),
    )
    .addOption(
      new Option('--server <which>', "Temporal's production server with PostgreSQL, or its development server")
        .choices(SERVERS)
        .default('production'),
    )
    .option('--at-once <n>', 'how many onboardings are under way at once', wholeNumber(1), 24)
    .option('--acts <n>', 'how many acts of harm; never fewer than there are kinds', wholeNumber(0))
    .option('--regressions', 'instead, the runs that have failed before (chaos/seeds.json)', false)
    .option(
      '--hunt',
      'instead, look for histories that do not replay: random calls, queries, and workers that end',
      false,
    )
    .option('--seconds <n>', 'with --hunt: for how long calls are made and workers ended', wholeNumber(1), 30)
    .option('--json', 'end with one line of JSON', false)
    .option('--keep', 'keep the logs of a run that passed, too', false)
    .parse(argv)
    .opts<Omit<ChaosOptions, 'onboardings'> & { readonly onboardings?: number }>();
  return { ...options, onboardings: onboardings ?? (options.hunt ? ONBOARDINGS.hunt : ONBOARDINGS.chaos) };
};
