import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { execa } from 'execa';
import type { Progress } from './progress.js';

export const isExecutable = (path: string): Promise<boolean> =>
  access(path, constants.X_OK).then(
    () => true,
    () => false,
  );

export const findOnPath = async (command: string): Promise<string | undefined> => {
  for (const directory of (process.env['PATH'] ?? '').split(delimiter)) {
    const path = join(directory, command);
    if (await isExecutable(path)) return path;
  }
  return undefined;
};

const LOCK_TIMEOUT_S = 120;

/** Runs apt-get. Waits while another process, such as an automatic upgrade, holds one of its locks. */
const aptGet = async (...args: readonly string[]): Promise<void> => {
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  const options = ['-qq', '-o', `DPkg::Lock::Timeout=${LOCK_TIMEOUT_S}`];
  const deadline = performance.now() + LOCK_TIMEOUT_S * 1_000;
  for (;;) {
    const result = await execa('apt-get', [...options, ...args], { env, reject: false });
    if (!result.failed) return;
    // The option above does not apply to the lock of the package lists.
    if (!result.stderr.includes('Could not get lock') || performance.now() > deadline) throw result;
    await pause(1_000);
  }
};

/**
 * Installs Debian packages.
 *
 * @throws Error that names the missing command and its packages, if this process is not root or the system has no
 * apt-get.
 */
export const installPackages = async (
  missing: string,
  packages: readonly string[],
  progress: Progress,
): Promise<void> => {
  const mayInstall = process.getuid?.() === 0 && (await findOnPath('apt-get')) !== undefined;
  if (!mayInstall) throw new Error(`${missing} is missing (on Debian: apt-get install ${packages.join(' ')})`);
  progress(`Installing ${packages.join(' ')}`);
  await aptGet('update');
  await aptGet('install', '-y', '--no-install-recommends', ...packages);
};

/**
 * Finds a command on PATH, and installs its Debian packages if it is missing.
 *
 * @throws Error that names the missing command and its packages, if they cannot be installed.
 */
export const ensureCommand = async (
  command: string,
  packages: readonly string[],
  progress: Progress,
): Promise<string> => {
  const install = () => installPackages(command, packages, progress);
  const path = (await findOnPath(command)) ?? (await install().then(() => findOnPath(command)));
  if (path === undefined) throw new Error(`${command} is still missing after installing ${packages.join(' ')}`);
  return path;
};
