import { mkdir, mkdtemp, rename, rm, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';
import lockfile from 'proper-lockfile';

/** Where built servers are kept: outside the checkout, so that every clone has them. */
export const cacheDir = (env: NodeJS.ProcessEnv = process.env): string => {
  const chosen = env['VERIFIK_ONBOARDING_CACHE'];
  if (chosen) return resolve(chosen);
  // A cache home that is empty or relative is to be ignored (XDG Base Directory Specification).
  const home = env['XDG_CACHE_HOME'];
  return join(home && isAbsolute(home) ? home : join(homedir(), '.cache'), 'verifik-onboarding');
};

export const exists = async (path: string): Promise<boolean> => (await stat(path).catch(() => undefined)) !== undefined;

/** Longer than any build: a lock that is older was left behind by a process that died. */
const STALE_LOCK_MS = 60_000;

/**
 * Makes a directory in the cache once: `make` fills a temporary one, which takes its place only when it is whole. Processes that want
 * the same at the same time wait for the first.
 */
export const madeOnce = async (name: string, make: (directory: string) => Promise<void>): Promise<string> => {
  const root = cacheDir();
  const directory = join(root, name);
  if (await exists(directory)) return directory;
  await mkdir(root, { recursive: true });
  const release = await lockfile.lock(root, {
    lockfilePath: `${directory}.lock`,
    stale: STALE_LOCK_MS,
    retries: { retries: 1_200, factor: 1, minTimeout: 500 },
  });
  try {
    if (await exists(directory)) return directory;
    const temporary = await mkdtemp(`${directory}.making-`);
    try {
      await make(temporary);
      await rename(temporary, directory);
    } finally {
      await rm(temporary, { recursive: true, force: true });
    }
    return directory;
  } finally {
    await release();
  }
};
