import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, open, rename, rm, utimes } from 'node:fs/promises';
import { dirname } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { type FileKind, unwritable } from './errors.js';

/** The suffix of temporary files. A crash may leave some behind, which are ignored. */
export const UNFINISHED = '.tmp';

let lastStamp = 0;

// File systems round times to milliseconds or more, but the later of two overlapping segments must have a later time.
const nextStamp = (): number => {
  lastStamp = Math.max(Date.now(), lastStamp + 1);
  return lastStamp;
};

const syncFolder = async (folder: string): Promise<void> => {
  // Windows cannot open folders.
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  await handle.sync().finally(() => handle.close());
};

/** Creates a folder, and those above it, that only the user of the process can open. */
export const createFolder = (folder: string) => mkdir(folder, { recursive: true, mode: 0o700 });

export type Chunks = AsyncIterable<string | Uint8Array> | Iterable<string | Uint8Array>;

/**
 * Writes a file of the user of the process, atomically and durably: a crash leaves the former content. Errors of
 * `chunks` are rethrown unchanged.
 *
 * @throws BatchStoreError
 */
export const writeAtomically = async (kind: FileKind, path: string, chunks: Chunks): Promise<void> => {
  const unfinished = `${path}.${randomUUID()}${UNFINISHED}`;
  let sourceFailure: { readonly error: unknown } | undefined;
  async function* observed() {
    try {
      yield* chunks;
    } catch (error) {
      sourceFailure = { error };
      throw error;
    }
  }
  try {
    await createFolder(dirname(path));
    await pipeline(observed, createWriteStream(unfinished, { flags: 'wx', flush: true, mode: 0o600 }));
    const stamp = new Date(nextStamp());
    await utimes(unfinished, stamp, stamp);
    await rename(unfinished, path);
    await syncFolder(dirname(path));
  } catch (error) {
    await rm(unfinished, { force: true }).catch(() => undefined);
    throw sourceFailure === undefined ? unwritable(kind, error) : sourceFailure.error;
  }
};
