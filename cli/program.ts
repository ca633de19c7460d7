import { Command, CommanderError } from 'commander';
import { documentPath, packageVersion } from '../shared/package-files.js';
import { type AddCommand, addConnectionOptions } from './command.js';
import { addCompletion } from './completion.js';
import type { CliContext } from './context.js';
import { CliFailure, reportFailure } from './failures.js';

const DESCRIPTION = `Start, follow and decide onboardings at Verifik. Settings and exit codes: ${documentPath('cli.md')}`;

/** Removes the value of an unknown option from commander's message: `--email=…` may be personal data. */
const withoutValue = (message: string): string => {
  const [first = '', ...others] = message.replace(/^error: /, '').split('\n');
  const [named] = /^unknown option '(--[\w-]*|-\w?)/.exec(first) ?? [];
  const suggestion = others.findLast((line) => line.startsWith('(Did you mean '));
  return [named === undefined ? first : `${named}'`, suggestion].filter((part) => part !== undefined).join(' ');
};

/** Writes a failure to standard error, as JSON with `--json`, and sets the exit code. */
export const showFailure = async (context: CliContext, args: readonly string[], thrown: unknown): Promise<void> => {
  const { exit, line, error } = await reportFailure(thrown);
  context.terminal.note(args.includes('--json') ? JSON.stringify({ error }) : line);
  context.exitWith(exit);
};

export const runProgram = async (
  commands: readonly AddCommand[],
  context: CliContext,
  args: readonly string[],
): Promise<void> => {
  const program = new Command('verifik-onboarding')
    .description(DESCRIPTION)
    .version(packageVersion(), '-V, --version', 'show the version')
    .exitOverride()
    .configureOutput({ writeOut: (text) => context.terminal.line(text.trimEnd()), outputError: () => undefined })
    .configureHelp({ showGlobalOptions: true });
  addConnectionOptions(program, context);
  for (const add of commands) add(program, context);
  addCompletion(program, context);
  try {
    await program.parseAsync(args, { from: 'user' });
  } catch (thrown) {
    const isCommander = thrown instanceof CommanderError;
    if (isCommander && thrown.exitCode === 0) return;
    // Without a command, commander has shown the help.
    if (isCommander && thrown.code === 'commander.help') return context.exitWith('usage');
    await showFailure(context, args, isCommander ? new CliFailure('usage', withoutValue(thrown.message)) : thrown);
  }
};
