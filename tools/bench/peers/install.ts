import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';

// What the peers are made of stays in `tools/bench/peers`: the compiler copies no such files.
const PEERS = fileURLToPath(
  new URL(import.meta.url.endsWith('.ts') ? './' : '../../../../tools/bench/peers/', import.meta.url),
);

export const folderOf = (peer: string): string => join(PEERS, peer);

const modifiedAt = async (file: string): Promise<number> =>
  (await stat(file).catch(() => undefined))?.mtimeMs ?? Number.NEGATIVE_INFINITY;

/** Installs what the peer's package-lock.json asks for, unless it is installed already. None of the packages may run a script for that. */
export const install = async (peer: string): Promise<void> => {
  const cwd = folderOf(peer);
  const installedAt = await modifiedAt(join(cwd, 'node_modules', '.package-lock.json'));
  if (installedAt >= (await modifiedAt(join(cwd, 'package-lock.json')))) return;
  await execa('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], { cwd });
};
