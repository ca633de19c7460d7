import tab from '@bomb.sh/tab/commander';
import type { Command } from 'commander';
import { oneOf } from '../shared/decoding.js';
import { examplesText } from './command.js';
import { COMPLETION_SCRIPTS, SHELLS } from './completion-scripts.js';
import type { CliContext } from './context.js';

const Shell = oneOf(SHELLS);

/** Adds `completion <shell>`, and the hidden `complete` that its scripts call, for the commands added before. */
export const addCompletion = (program: Command, { terminal }: CliContext): void => {
  const completed = tab(program, { completionCommandName: 'completion' });
  // The options of the program may follow every command.
  const globalOptions = [...completed.options.values()].filter(({ isBoolean }) => isBoolean !== true);
  for (const command of completed.commands.values())
    for (const { value, description } of globalOptions) command.option(value, description, () => undefined);
  program.commands
    .find((command) => command.name() === 'completion')
    ?.description('Print the completion script for a shell.')
    // The library's own scripts evaluate the words that were typed.
    .action((shell: unknown) => {
      if (Shell.is(shell)) terminal.line(COMPLETION_SCRIPTS[shell].trim());
    })
    .addHelpText(
      'after',
      examplesText({
        'source <(verifik-onboarding completion bash)': 'In ~/.bashrc.',
        'source <(verifik-onboarding completion zsh)': 'In ~/.zshrc, after compinit.',
        'verifik-onboarding completion fish > ~/.config/fish/completions/verifik-onboarding.fish': 'Run it once.',
        'verifik-onboarding completion powershell | Out-String | Invoke-Expression': 'In $PROFILE.',
      }),
    );
};
