import tab from '@bomb.sh/tab/commander';
import type { Command } from 'commander';

/**
 * Adds `completion <shell>`, and the hidden `complete` that its scripts call. Covers the commands that were added
 * before.
 */
export const addCompletion = (program: Command): void => {
  tab(program, { completionCommandName: 'completion' });
  const completion = program.commands.find((command) => command.name() === 'completion');
  completion
    ?.description('Print the completion script for a shell.')
    .addHelpText(
      'after',
      [
        '',
        'Examples:',
        '  $ source <(onboarding completion bash)',
        '      In ~/.bashrc; needs the package bash-completion.',
        '  $ source <(onboarding completion zsh)',
        '      In ~/.zshrc, after compinit.',
        '  $ onboarding completion fish > ~/.config/fish/completions/onboarding.fish',
        '      Run it once.',
      ].join('\n'),
    );
};
