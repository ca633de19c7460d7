import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { execa } from 'execa';
import type { Progress } from './ways.js';

const isOnPath = async (command: string): Promise<boolean> => {
  const tries = (process.env['PATH'] ?? '')
    .split(delimiter)
    .map((directory) => access(join(directory, command), constants.X_OK));
  return (await Promise.allSettled(tries)).some(({ status }) => status === 'fulfilled');
};

/**
 * Makes sure of a command. Where it is missing and we may (as root, on Debian and its kin), its packages are installed.
 *
 * @throws Error saying what is missing and what to install, where we may not.
 */
export const ensureCommand = async (
  command: string,
  packages: readonly string[],
  progress: Progress,
): Promise<void> => {
  if (await isOnPath(command)) return;
  const mayInstall = process.getuid?.() === 0 && (await isOnPath('apt-get'));
  if (!mayInstall) throw new Error(`there is no ${command} (on Debian: apt-get install ${packages.join(' ')})`);
  progress(`Installing ${packages.join(' ')}`);
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  await execa('apt-get', ['update', '-qq'], { env });
  await execa('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...packages], { env });
  if (!(await isOnPath(command))) throw new Error(`there is no ${command}, though ${packages.join(' ')} was installed`);
};
