import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as t from 'io-ts';
import { addCompletion } from './commands/completion.js';
import type { CliContext } from './context.js';
import { CliFailure, tellFailure } from './failures.js';
import type { CommandGroup } from './groups.js';

const DESCRIPTION =
  'Start, follow and decide onboardings at Verifik. docs/cli.md tells the settings and the exit codes.';

/** What commander refuses, without the values that were given: `--email=…` may be personal. */
const withoutValues = (message: string): string =>
  message
    .replace(/^error: /, '')
    .replace(/(--[\w-]+)=[^']*/g, '$1')
    .replace(/\s+/g, ' ');

const Package = t.type({ version: t.string });

/** The version of the package that this is built from. */
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

/** The program with all its commands. Shells complete what was added. */
const programOf = (groups: readonly CommandGroup[], context: CliContext): Command => {
  const program = new Command('onboarding')
    .description(DESCRIPTION)
    .version(versionOf(new URL('../../package.json', import.meta.url)), '-V, --version', 'show the version')
    .exitOverride()
    .configureOutput({ outputError: () => undefined });
  for (const add of groups) add(program, context);
  addCompletion(program);
  return program;
};

/** Tells a failure on standard error, as JSON where JSON was asked for; the exit code says which it was. */
export const tell = async (context: CliContext, args: readonly string[], thrown: unknown): Promise<void> => {
  const { exit, line, error } = await tellFailure(thrown);
  context.terminal.note(args.includes('--json') ? JSON.stringify({ error }) : line);
  context.exitWith(exit);
};

/** Runs what the arguments say. Failures are told, and none is thrown. */
export const runProgram = async (
  groups: readonly CommandGroup[],
  context: CliContext,
  args: readonly string[],
): Promise<void> => {
  try {
    await programOf(groups, context).parseAsync(args, { from: 'user' });
  } catch (thrown) {
    const isCommander = thrown instanceof CommanderError;
    if (isCommander && thrown.exitCode === 0) return;
    // Without a command there is help, and nothing else to say.
    if (isCommander && thrown.code === 'commander.help') return context.exitWith('usage');
    await tell(context, args, isCommander ? new CliFailure('usage', withoutValues(thrown.message)) : thrown);
  }
};
