import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Way } from './finding.js';
import { built, executableFile, inCache, PLATFORM, recipe, run } from './finding.js';
import { ensureCommand } from './packages.js';

/** Executables that are built from one set of pinned Go modules. */
export interface GoBuild {
  /** The cache directory's name, with the version. */
  readonly name: string;
  /** The folder in `tools/servers` with `go.mod` and `go.sum`. */
  readonly recipe: string;
  readonly packages: Readonly<Record<string, string>>;
}

// Strips the symbol and debug tables, which makes an executable a third smaller. Stack traces stay complete.
const FLAGS = ['-trimpath', '-ldflags=-s -w'];

const compile =
  ({ recipe: folder, packages }: GoBuild): Parameters<typeof built>[3] =>
  async (target, progress) => {
    await ensureCommand('go', ['golang-go'], progress);
    for (const file of ['go.mod', 'go.sum']) await copyFile(join(recipe(folder), file), join(target, file));
    const env = { GOFLAGS: '-mod=mod', GOTOOLCHAIN: 'auto' };
    for (const [executable, path] of Object.entries(packages))
      await run('go', ['build', ...FLAGS, '-o', executableFile(executable), path], target, env);
  };

const directoryOf = ({ name }: GoBuild): string => `${name}-${PLATFORM}`;

export const goBuildInCache = (build: GoBuild, executable: string): Way =>
  inCache(directoryOf(build), executableFile(executable));

/** Builds an executable with `go build`. GOTOOLCHAIN lets Go fetch the version that a module requires. */
export const goBuild = (build: GoBuild, executable: string): Way =>
  built(directoryOf(build), executableFile(executable), 'go build from pinned modules', compile(build));
