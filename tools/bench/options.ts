import { Command, InvalidArgumentError, Option } from 'commander';
import { wholeNumber } from '../processes/whole-number.js';
import type { ServerKind } from './environment/temporal-server.js';
import { PARTS, type Part } from './parts.js';

/** The options of `npm run bench`. */
export interface BenchOptions {
  readonly quick: boolean;
  readonly json: boolean;
  /** Writes the page without a measurement. */
  readonly page: boolean;
  readonly server: ServerKind | 'both';
  /** The selected parts. An empty list selects all. */
  readonly only: readonly Part[];
  readonly rounds: number;
  readonly soakMinutes: number;
}

/** Fewer rounds give no meaningful spread. */
const LEAST_ROUNDS = 5;

const isPart = (name: string): name is Part => Object.hasOwn(PARTS, name);

const parts = (text: string): readonly Part[] => {
  const names = text.split(',').map((name) => name.trim());
  return names.map((name) => {
    if (!isPart(name))
      throw new InvalidArgumentError(
        `Unknown part "${name}". Expected one or more of ${Object.keys(PARTS).join(', ')}.`,
      );
    return name;
  });
};

const partsHelp = Object.entries(PARTS).map(([name, { what }]) => `  ${name.padEnd(14)} ${what}`);

export const readOptions = (argv: readonly string[]): BenchOptions =>
  new Command('npm run bench --')
    .description(
      'Compares onboardings with a minimal workflow on real servers, and writes docs/performance.md with its charts.',
    )
    .option('--quick', 'measure only the main figures on one server, in under three minutes; write no files', false)
    .option('--json', 'print the main figures as one line of JSON at the end', false)
    .option('--page', 'measure nothing, and write the page from docs/performance.json', false)
    .addOption(
      new Option('--server <kind>', 'the Temporal server to measure on; with --quick the default is production')
        .choices(['production', 'development', 'both'])
        .default('both'),
    )
    .option('--only <parts>', 'a comma-separated list of the parts below', parts, [])
    .option('--rounds <n>', 'number of measurements of each ratio', wholeNumber(LEAST_ROUNDS), LEAST_ROUNDS)
    .option('--soak-minutes <n>', 'duration of the soak test', wholeNumber(1), 15)
    .addHelpText('after', `\nParts:\n${partsHelp.join('\n')}`)
    .parse([...argv], { from: 'user' })
    .opts<BenchOptions>();
