import { Command, InvalidArgumentError, Option } from 'commander';
import { wholeNumber } from '../processes/whole-number.js';
import { PARTS, type Part } from './parts.js';
import type { ServerKind } from './setting/temporal-server.js';

/** What `npm run bench` can be told. */
export interface BenchOptions {
  readonly quick: boolean;
  readonly json: boolean;
  /** Measures nothing, and writes the page anew. */
  readonly page: boolean;
  readonly server: ServerKind | 'both';
  /** Those that are to be measured; all of them where there are none. */
  readonly only: readonly Part[];
  readonly rounds: number;
  readonly soakMinutes: number;
}

/** Fewer rounds tell nothing of how far they lie apart. */
const LEAST_ROUNDS = 5;

const isPart = (name: string): name is Part => Object.hasOwn(PARTS, name);

const parts = (text: string): readonly Part[] => {
  const names = text.split(',').map((name) => name.trim());
  return names.map((name) => {
    if (!isPart(name)) throw new InvalidArgumentError(`Expected some of ${Object.keys(PARTS).join(', ')}.`);
    return name;
  });
};

const partsHelp = Object.entries(PARTS).map(([name, { what }]) => `  ${name.padEnd(14)} ${what}`);

export const readOptions = (argv: readonly string[]): BenchOptions =>
  new Command('npm run bench --')
    .description(
      'Measures onboardings beside a bare workflow on real servers, and writes docs/performance.md with its charts.',
    )
    .option('--quick', 'the main figures alone, on one server, in less than three minutes; writes nothing', false)
    .option('--json', 'end with one line of JSON', false)
    .option('--page', 'measure nothing: write the page anew from docs/performance.json', false)
    .addOption(
      new Option('--server <kind>', 'which Temporal server; by default both, with --quick the production server')
        .choices(['production', 'development', 'both'])
        .default('both'),
    )
    .option('--only <parts>', 'some of the parts below, with commas between them', parts, [])
    .option('--rounds <n>', 'how often each ratio is measured', wholeNumber(LEAST_ROUNDS), LEAST_ROUNDS)
    .option('--soak-minutes <n>', 'how long the soak takes', wholeNumber(1), 15)
    .addHelpText('after', `\nParts:\n${partsHelp.join('\n')}`)
    .parse([...argv], { from: 'user' })
    .opts<BenchOptions>();
