import { chmod, copyFile, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { madeOnce } from './cache.js';
import type { Way } from './finding.js';

/** A closed network may drop packets instead of refusing them, so a download needs a time limit. */
const DOWNLOAD_TIMEOUT_MS = 60_000;

type Download = (options: { type: 'cached-download'; downloadDir: string }) => Promise<TestWorkflowEnvironment>;

const withTimeout = async <A>(timeoutMs: number, work: Promise<A>): Promise<A> => {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`timed out after ${timeoutMs / 1_000} s`)), timeoutMs);
  });
  try {
    return await Promise.race([work, timeout]);
  } finally {
    clearTimeout(timer);
  }
};

/**
 * Downloads a server with the Temporal SDK into the cache. The SDK downloads only when it starts a server, so it starts
 * one and stops it.
 */
export const downloaded = (name: string, file: string, download: Download): Way => ({
  name: "the Temporal SDK's download",
  find: async (progress) => {
    progress(`Looking for a download of ${name}`);
    const downloadDir = await mkdtemp(join(tmpdir(), 'verifik-onboarding-download-'));
    try {
      const environment = await withTimeout(DOWNLOAD_TIMEOUT_MS, download({ type: 'cached-download', downloadDir }));
      await environment.teardown();
      const [executable] = await readdir(downloadDir);
      if (executable === undefined) throw new Error('the download folder is empty');
      const directory = await madeOnce(name, async (target) => {
        await copyFile(join(downloadDir, executable), join(target, file));
        await chmod(join(target, file), 0o755);
      });
      return join(directory, file);
    } finally {
      await rm(downloadDir, { recursive: true, force: true });
    }
  },
});
