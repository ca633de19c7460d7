import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { execa } from 'execa';
import type { Progress } from './ways.js';

/** True where the file is there and may be run. */
export const mayRun = (path: string): Promise<boolean> =>
  access(path, constants.X_OK).then(
    () => true,
    () => false,
  );

/** Where the command of this name is, if it is there and may be run. */
export const findOnPath = async (command: string): Promise<string | undefined> => {
  for (const directory of (process.env['PATH'] ?? '').split(delimiter)) {
    const path = join(directory, command);
    if (await mayRun(path)) return path;
  }
  return undefined;
};

/**
 * Installs packages where we may: as root, on Debian and its kin.
 *
 * @throws Error saying what is missing and what to install, where we may not.
 */
export const installPackages = async (
  missing: string,
  packages: readonly string[],
  progress: Progress,
): Promise<void> => {
  const mayInstall = process.getuid?.() === 0 && (await findOnPath('apt-get')) !== undefined;
  if (!mayInstall) throw new Error(`there is no ${missing} (on Debian: apt-get install ${packages.join(' ')})`);
  progress(`Installing ${packages.join(' ')}`);
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  await execa('apt-get', ['update', '-qq'], { env });
  await execa('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...packages], { env });
};

/**
 * Makes sure of a command, and answers with its path. Where it is missing and we may, its packages are installed.
 *
 * @throws Error saying what is missing and what to install, where we may not.
 */
export const ensureCommand = async (
  command: string,
  packages: readonly string[],
  progress: Progress,
): Promise<string> => {
  const present = await findOnPath(command);
  if (present !== undefined) return present;
  await installPackages(command, packages, progress);
  const installed = await findOnPath(command);
  if (installed === undefined) throw new Error(`there is no ${command}, though ${packages.join(' ')} was installed`);
  return installed;
};
