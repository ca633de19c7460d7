import { mkdir, mkdtemp, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import lockfile from 'proper-lockfile';
import { cacheFolder } from '../../shared/folders.js';

export const exists = async (path: string): Promise<boolean> => (await stat(path).catch(() => undefined)) !== undefined;

/** proper-lockfile refreshes a lock while its process lives. A lock older than this was left by a process that died. */
const STALE_LOCK_MS = 60_000;

/**
 * Creates a directory in the cache unless it exists. `make` fills a temporary directory, which is renamed when
 * complete. Concurrent processes wait for the first one.
 */
export const madeOnce = async (name: string, make: (directory: string) => Promise<void>): Promise<string> => {
  const root = cacheFolder();
  const directory = join(root, name);
  if (await exists(directory)) return directory;
  await mkdir(root, { recursive: true });
  const release = await lockfile.lock(root, {
    lockfilePath: `${directory}.lock`,
    stale: STALE_LOCK_MS,
    // Half an hour. The longest build took a quarter of an hour.
    retries: { retries: 3_600, factor: 1, minTimeout: 500 },
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
