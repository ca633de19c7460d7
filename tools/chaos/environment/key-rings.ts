import { randomBytes } from 'node:crypto';
import { rename, writeFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import type { KeyProvider } from '../../../codec/index.js';

/** The key ring files of all processes. Their contents differ during a rotation. */
export interface KeyRings {
  /** All keys of the run, including former ones. Secret. */
  readonly keys: () => readonly string[];
  /** Provides all keys, to decrypt the payloads of any process. */
  readonly provider: KeyProvider;
  /**
   * Makes a new key current in one ring after the other, spread over `overMs`. If hasty, the key is not distributed
   * first, so that some processes encrypt with a key that others do not have yet.
   */
  rotate(hasty: boolean, overMs: number): Promise<void>;
}

/** Creates the files with a first key. */
export const makeKeyRings = async (files: readonly string[]): Promise<KeyRings> => {
  const keys: Record<string, string> = {};
  const add = (): string => {
    const id = `key-${Object.keys(keys).length + 1}`;
    keys[id] = randomBytes(32).toString('base64');
    return id;
  };
  const write = async (file: string, current: string): Promise<void> => {
    // The rename is atomic: no process reads half a file.
    await writeFile(`${file}.new`, JSON.stringify({ current, keys }), { mode: 0o600 });
    await rename(`${file}.new`, file);
  };
  let current = add();
  for (const file of files) await write(file, current);
  return {
    keys: () => Object.values(keys),
    provider: {
      read: async () => ({
        current,
        keys: new Map(Object.entries(keys).map(([id, key]) => [id, Buffer.from(key, 'base64')])),
      }),
    },
    rotate: async (hasty, overMs) => {
      const former = current;
      current = add();
      if (!hasty) for (const file of files) await write(file, former);
      for (const file of files) {
        await pause(overMs / files.length);
        await write(file, current);
      }
    },
  };
};
