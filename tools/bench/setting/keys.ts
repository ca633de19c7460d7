import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A file in the folder with a key ring of one key. */
export const newKeysFile = async (folder: string): Promise<string> => {
  const file = join(folder, 'keys.json');
  const keys = { bench: randomBytes(32).toString('base64') };
  await writeFile(file, JSON.stringify({ current: 'bench', keys }), { mode: 0o600 });
  return file;
};
