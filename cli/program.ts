import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as t from 'io-ts';
import type { CommandGroup } from './command.js';
import { addCompletion } from './commands/completion.js';
import type { CliContext } from './context.js';
import { CliFailure, reportFailure } from './failures.js';

const DESCRIPTION = 'Start, follow and decide onboardings at Verifik. See docs/cli.md for settings and exit codes.';

/** Removes option values from commander's message: `--email=…` may be personal data. */
const withoutValues = (message: string): string =>
  message
    .replace(/^error: /, '')
    .replace(/(--[\w-]+)=[^']*/g, '$1')
    .replace(/\s+/g, ' ');

const Package = t.type({ version: t.string });

const versionOf = (path: URL): string =>
  pipe(
    E.tryCatch(
      (): unknown => JSON.parse(readFileSync(path, 'utf8')),
      () => 'no package.json',
    ),
    E.chainW(Package.decode),
    E.match(
      () => 'unknown',
      ({ version }) => version,
    ),
  );

/** Creates the program. Completion covers the commands that were added before it. */
const createProgram = (groups: readonly CommandGroup[], context: CliContext): Command => {
  const program = new Command('onboarding')
    .description(DESCRIPTION)
    .version(versionOf(new URL('../../package.json', import.meta.url)), '-V, --version', 'show the version')
    .exitOverride()
    .configureOutput({ outputError: () => undefined });
  for (const add of groups) add(program, context);
  addCompletion(program);
  return program;
};

/** Writes a failure to standard error, as JSON with `--json`, and sets the exit code. */
export const showFailure = async (context: CliContext, args: readonly string[], thrown: unknown): Promise<void> => {
  const { exit, line, error } = await reportFailure(thrown);
  context.terminal.note(args.includes('--json') ? JSON.stringify({ error }) : line);
  context.exitWith(exit);
};

export const runProgram = async (
  groups: readonly CommandGroup[],
  context: CliContext,
  args: readonly string[],
): Promise<void> => {
  try {
    await createProgram(groups, context).parseAsync(args, { from: 'user' });
  } catch (thrown) {
    const isCommander = thrown instanceof CommanderError;
    if (isCommander && thrown.exitCode === 0) return;
    // Without a command, commander has shown the help.
    if (isCommander && thrown.code === 'commander.help') return context.exitWith('usage');
    await showFailure(context, args, isCommander ? new CliFailure('usage', withoutValues(thrown.message)) : thrown);
  }
};
