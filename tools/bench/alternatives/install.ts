import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';

// The compiler does not copy the programs of the alternatives to `dist/`.
const ALTERNATIVES = fileURLToPath(
  new URL(import.meta.url.endsWith('.ts') ? './' : '../../../../tools/bench/alternatives/', import.meta.url),
);

export const folderOf = (alternative: string): string => join(ALTERNATIVES, alternative);

const modifiedAt = async (file: string): Promise<number> =>
  (await stat(file).catch(() => undefined))?.mtimeMs ?? Number.NEGATIVE_INFINITY;

/** Installs the packages of the lockfile, unless they are up to date. Does not run install scripts. */
export const install = async (alternative: string): Promise<void> => {
  const cwd = folderOf(alternative);
  const installedAt = await modifiedAt(join(cwd, 'node_modules', '.package-lock.json'));
  if (installedAt >= (await modifiedAt(join(cwd, 'package-lock.json')))) return;
  await execa('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], { cwd });
};
