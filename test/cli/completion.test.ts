import { existsSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';
import { inPipes, MAIN, onTerminal } from './running.js';

const isInstalled = (program: string): boolean =>
  (process.env['PATH'] ?? '').split(delimiter).some((folder) => existsSync(join(folder, program)));

const NODE = `'${process.execPath}' '${MAIN}'`;

/** How each shell is started, and a command that completes with the real one, and prints its arguments otherwise. */
const SHELLS = {
  bash: {
    command: (folder: string) => ['bash', '--noprofile', '--rcfile', join(folder, '.zshrc'), '-i'],
    setUp: `verifik-onboarding() { if [[ $1 == complete ]]; then ${NODE} "$@"; else echo "ran:$*"; fi; }
PS1='ready> '`,
  },
  zsh: {
    command: () => ['zsh', '-d', '-i'],
    setUp: `autoload -U compinit; compinit -u -D; PS1='ready> '; unsetopt PROMPT_SP
verifik-onboarding() { if [[ $1 == complete ]]; then ${NODE} "$@"; else echo "ran:$*"; fi }`,
  },
  fish: {
    command: (folder: string) => ['fish', '--no-config', '--init-command', `source ${join(folder, '.zshrc')}`],
    setUp: `function verifik-onboarding; if test "$argv[1]" = complete; ${NODE} $argv; else; echo "ran:$argv"; end; end
function fish_prompt; echo 'ready> '; end`,
  },
};

/** Starts an interactive shell that has sourced the completion script twice. */
const openShell = async (shell: keyof typeof SHELLS) => {
  const folder = mkdtempSync(join(tmpdir(), 'onboarding-completion-'));
  const script = join(folder, 'script');
  writeFileSync(script, (await inPipes(['completion', shell])).stdout);
  const { command, setUp } = SHELLS[shell];
  const lines = [setUp, `source ${script}`, `source ${script} || echo failed`, ''];
  writeFileSync(join(folder, '.zshrc'), lines.join('\n'));
  const terminal = onTerminal(command(folder), { ZDOTDIR: folder, HOME: folder });
  onTestFinished(terminal.kill);
  const screen = () => stripVTControlCharacters(terminal.screen());
  /** Waits until the shell reads the next line. */
  const prompted = () => expect.poll(screen, { timeout: 10_000 }).toMatch(/ready> \s*$/);
  await prompted();
  expect(screen()).not.toContain('failed');
  return { ...terminal, screen, prompted, folder };
};

describe.each(['bash', 'zsh', 'fish'] as const)('completion in %s', (shell) => {
  it.skipIf(!isInstalled(shell))('completes commands, options and values, and evaluates nothing typed', async () => {
    const { press, type, screen, prompted, folder } = await openShell(shell);
    const marker = join(folder, 'was-evaluated');
    for (const [index, word] of [`'$(touch ${marker})'`, `\`touch ${marker}\``].entries()) {
      press(`verifik-onboarding status ${word} \t`);
      // Removes the line, which the shell would evaluate.
      press('\x15');
      type(`echo after''-${index}`);
      await expect.poll(screen).toContain(`after-${index}`);
      await prompted();
    }
    expect(existsSync(marker)).toBe(false);
    for (const [typed, completed] of [
      ['stat\t', 'status'],
      ['list --stat\tver\t', 'list --status verified'],
      ['list --status=ver\t', 'list --status=verified'],
      ['list --addr\ta:1', 'list --address a:1'],
      ['signal x bio\t', 'signal x biometric'],
    ] as const) {
      type(`verifik-onboarding ${typed}`);
      await expect.poll(screen).toMatch(new RegExp(`ran:${completed} ?\\r?\\n`));
      await prompted();
    }
  });
});

it('in PowerShell passes words on as an array, and evaluates none', async () => {
  const { stdout } = await inPipes(['completion', 'powershell']);
  expect(stdout).toContain("& 'verifik-onboarding' complete '--' @words");
  expect(stdout).not.toContain('Invoke-Expression');
});
