import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, open, rename, rm, utimes } from 'node:fs/promises';
import { dirname } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { type FileKind, unwritable } from './errors.js';

/** What marks a file that is not whole yet. A crash may leave it behind: nobody reads it. */
export const UNFINISHED = '.tmp';

let lastStamp = 0;

// File systems keep times as coarsely as some milliseconds, and of two files that overlap the later one has to be told.
const nextStamp = (): number => {
  lastStamp = Math.max(Date.now(), lastStamp + 1);
  return lastStamp;
};

const syncFolder = async (folder: string): Promise<void> => {
  // Windows opens no folders.
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  await handle.sync().finally(() => handle.close());
};

export type Chunks = AsyncIterable<string | Uint8Array> | Iterable<string | Uint8Array>;

/**
 * Writes a file as a whole or not at all, and makes it last: a crash leaves the file as it was. An error of the chunks' own comes
 * through as it is.
 *
 * @throws BatchStoreError
 */
export const writeAtomically = async (kind: FileKind, path: string, chunks: Chunks): Promise<void> => {
  const unfinished = `${path}.${randomUUID()}${UNFINISHED}`;
  let failure: { readonly of: unknown } | undefined;
  async function* watched() {
    try {
      yield* chunks;
    } catch (error) {
      failure = { of: error };
      throw error;
    }
  }
  try {
    await mkdir(dirname(path), { recursive: true });
    await pipeline(watched, createWriteStream(unfinished, { flags: 'wx', flush: true }));
    const stamp = new Date(nextStamp());
    await utimes(unfinished, stamp, stamp);
    await rename(unfinished, path);
    await syncFolder(dirname(path));
  } catch (error) {
    await rm(unfinished, { force: true }).catch(() => undefined);
    throw failure === undefined ? unwritable(kind, error) : failure.of;
  }
};
