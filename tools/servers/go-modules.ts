import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { built, executableFile, inCache, PLATFORM, recipe, run } from './finding.js';
import { ensureCommand } from './packages.js';
import type { Way } from './ways.js';

/** Executables that are built together from one set of pinned Go modules. */
export interface GoBuild {
  /** The cache's directory for it: what it is, and its version. */
  readonly name: string;
  /** The folder of this room with its `go.mod` and `go.sum`. */
  readonly recipe: string;
  /** By the name of each executable, the package that it is built from. */
  readonly packages: Readonly<Record<string, string>>;
}

// Without the tables of symbols and of debugging an executable is a third smaller. What it tells of its own crash stays whole.
const FLAGS = ['-trimpath', '-ldflags=-s -w'];

const build =
  ({ recipe: folder, packages }: GoBuild): Parameters<typeof built>[3] =>
  async (target, progress) => {
    await ensureCommand('go', ['golang-go'], progress);
    for (const file of ['go.mod', 'go.sum']) await copyFile(join(recipe(folder), file), join(target, file));
    const env = { GOFLAGS: '-mod=mod', GOTOOLCHAIN: 'auto' };
    for (const [executable, path] of Object.entries(packages))
      await run('go', ['build', ...FLAGS, '-o', executableFile(executable), path], target, env);
  };

const directoryOf = ({ name }: GoBuild): string => `${name}-${PLATFORM}`;

/** An executable of a build that was made before. */
export const goBuildInCache = (build: GoBuild, executable: string): Way =>
  inCache(directoryOf(build), executableFile(executable));

/** `go build`, which fetches the modules, and Go's own newer version where they ask for one. */
export const goBuild = (what: GoBuild, executable: string): Way =>
  built(directoryOf(what), executableFile(executable), 'go build from pinned modules', build(what));
