import { Command, InvalidArgumentError, Option } from 'commander';
import { CHECK_NAMES, type CheckName } from '../../domain/checks.js';
import { wholeNumber } from '../processes/whole-number.js';
import { FAULT_PROFILES, type Settings } from '../sandbox/index.js';

export interface StartOptions {
  readonly once: boolean;
  readonly json: boolean;
  readonly applicants: number;
  readonly via: 'client' | 'http';
  readonly behaviour: Settings['reRegistration'];
  readonly faults: keyof typeof FAULT_PROFILES;
  readonly require: readonly CheckName[];
  readonly seed: number;
  readonly db?: string;
  readonly batch?: number;
}

const parseChecks = (text: string): readonly CheckName[] => {
  const names = text.split(',').map((name) => name.trim());
  const wrong = names.find((name) => !CHECK_NAMES.some((check) => check === name));
  if (wrong !== undefined) throw new InvalidArgumentError(`Expected some of ${CHECK_NAMES.join(', ')}.`);
  return CHECK_NAMES.filter((check) => names.includes(check));
};

export const readOptions = (argv: readonly string[]): StartOptions =>
  new Command('npm start --')
    .description(
      'Starts a Temporal server with its UI, a Verifik sandbox, a worker, the gateway and the codec server, and takes applicants through onboarding.',
    )
    .option('--once', 'exit after the outcome', false)
    .option('--json', 'print one line of JSON for each applicant at the end', false)
    .option('--applicants <n>', 'number of applicants', wholeNumber(1), 1)
    .addOption(
      new Option('--via <way>', 'whether the backend uses the Node client or the HTTP API of the gateway')
        .choices(['client', 'http'])
        .default('client'),
    )
    .addOption(
      new Option('--behaviour <which>', 'how Verifik handles a second registration of an applicant')
        .choices(['recreate', 'resume'])
        .default('recreate'),
    )
    .addOption(
      new Option('--faults <profile>', 'the fault profile of the sandbox')
        .choices(Object.keys(FAULT_PROFILES))
        .default('calm'),
    )
    .addOption(
      new Option('--require <checks>', 'the required checks, separated by commas')
        .argParser(parseChecks)
        .default(CHECK_NAMES, 'all'),
    )
    .option('--seed <n>', 'the seed of the invented applicants', wholeNumber(0), 1)
    .addOption(
      new Option('--batch <n>', 'instead, re-validate this many registrations by an audit and a reverify batch')
        .argParser(wholeNumber(1))
        .conflicts('applicants'),
    )
    .option('--db <file>', "the SQLite file of the Temporal server's data (default: in memory)")
    .parse(argv)
    .opts<StartOptions>();
