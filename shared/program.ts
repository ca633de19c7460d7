import { Command } from 'commander';
import { packageVersion } from './package-files.js';

/** A program without arguments. */
export interface Program {
  /** The command that runs it. */
  readonly command: string;
  readonly description: string;
  /** The document that lists the environment variables that are its settings. */
  readonly docs?: string;
}

const WRONG_USAGE = 2;

/**
 * Answers `--help` and `--version`, and ends the process with exit code 2 if there are other arguments, which it does
 * not repeat: one may be a secret.
 */
export const refuseArguments = ({ command, description, docs }: Program): void => {
  const settings = docs === undefined ? '' : ` Its settings are environment variables: see ${docs}.`;
  new Command(command)
    .usage('[--help | --version]')
    .description(`${description}\n\nIt takes no arguments.${settings}`)
    .version(packageVersion(), '-V, --version', 'show the version')
    .helpOption('-h, --help', 'show this help')
    .configureOutput({ outputError: (_message, write) => write(`error: ${command} takes no arguments: see --help\n`) })
    .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : WRONG_USAGE))
    .parse();
};
