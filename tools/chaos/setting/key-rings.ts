import { randomBytes } from 'node:crypto';
import { rename, writeFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import type { KeyProvider } from '../../../codec/index.js';

/** The key rings of all processes, a file each: what is in them need not be the same at any moment. */
export interface KeyRings {
  /** Every key that there has been. Secrets. */
  readonly keys: () => readonly string[];
  /** All of them, for whoever reads what any process has written. */
  readonly provider: KeyProvider;
  /**
   * Puts a new key in use, in one ring after the other over the time. In haste: without handing it out first, so that some encrypt with
   * what others cannot read yet.
   */
  rotate(hasty: boolean, overMs: number): Promise<void>;
}

/** Makes the files, with a first key in each. */
export const makeKeyRings = async (files: readonly string[]): Promise<KeyRings> => {
  const keys: Record<string, string> = {};
  const add = (): string => {
    const id = `key-${Object.keys(keys).length + 1}`;
    keys[id] = randomBytes(32).toString('base64');
    return id;
  };
  const write = async (file: string, current: string): Promise<void> => {
    // Whoever reads it meanwhile reads it whole.
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
