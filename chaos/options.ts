import { Command, Option } from 'commander';
import { wholeNumber } from '../start/whole-number.js';
import { SERVERS, type ServerName } from './setting/servers.js';

/** What `npm run chaos` can be told. */
export interface ChaosOptions {
  readonly seed: number;
  readonly onboardings: number;
  readonly server: ServerName;
  readonly atOnce: number;
  readonly acts?: number;
  readonly regressions: boolean;
  readonly json: boolean;
  readonly keep: boolean;
}

export const readOptions = (argv: readonly string[]): ChaosOptions =>
  new Command('npm run chaos --')
    .description('Many onboardings while harm is done to everything that carries them, and a judge at the end.')
    .option('--seed <n>', 'another seed: other applicants, other harm', wholeNumber(0), 1)
    .option('--onboardings <n>', 'how many go through', wholeNumber(1), 500)
    .addOption(
      new Option('--server <which>', "Temporal's production server with PostgreSQL, or its development server")
        .choices(SERVERS)
        .default('production'),
    )
    .option('--at-once <n>', 'how many onboardings are under way at once', wholeNumber(1), 24)
    .option('--acts <n>', 'how many acts of harm; never fewer than there are kinds', wholeNumber(0))
    .option('--regressions', 'instead, the runs that have failed before (chaos/seeds.json)', false)
    .option('--json', 'end with one line of JSON', false)
    .option('--keep', 'keep the logs of a run that passed, too', false)
    .parse(argv)
    .opts<ChaosOptions>();
