import { Command, InvalidArgumentError, Option } from 'commander';
import { CHECK_NAMES, type CheckName } from '../../domain/checks.js';
import { wholeNumber } from '../processes/whole-number.js';
import { FAULT_PROFILES, type Settings } from '../sandbox/index.js';

/** What `npm start` can be told. */
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
  /** How many registrations are re-validated by batches. */
  readonly batch?: number;
}

const checks = (text: string): readonly CheckName[] => {
  const names = text.split(',').map((name) => name.trim());
  const wrong = names.find((name) => !CHECK_NAMES.some((check) => check === name));
  if (wrong !== undefined) throw new InvalidArgumentError(`Expected some of ${CHECK_NAMES.join(', ')}.`);
  return CHECK_NAMES.filter((check) => names.includes(check));
};

export const readOptions = (argv: readonly string[]): StartOptions =>
  new Command('npm start --')
    .description(
      'A Temporal server with its UI, a Verifik sandbox, a worker, and applicants who go through onboarding.',
    )
    .option('--once', 'exit after the outcome', false)
    .option('--json', 'end with one line of JSON for each applicant', false)
    .option('--applicants <n>', 'how many go through', wholeNumber(1), 1)
    .addOption(
      new Option(
        '--via <way>',
        'how the backend starts and follows: by the client for Node, or over the HTTP API of the gateway',
      )
        .choices(['client', 'http'])
        .default('client'),
    )
    .addOption(
      new Option('--behaviour <which>', 'what Verifik does when an applicant is registered again')
        .choices(['recreate', 'resume'])
        .default('recreate'),
    )
    .addOption(
      new Option('--faults <profile>', 'how badly the sandbox behaves')
        .choices(Object.keys(FAULT_PROFILES))
        .default('calm'),
    )
    .option('--require <checks>', 'the checks that are asked for', checks, CHECK_NAMES)
    .option('--seed <n>', 'another seed, other applicants', wholeNumber(0), 1)
    .option(
      '--batch <n>',
      'instead, re-validate so many registrations: an audit, and a batch that asks again',
      wholeNumber(1),
    )
    .option('--db <file>', "keep the Temporal server's SQLite file there")
    .parse(argv)
    .opts<StartOptions>();
