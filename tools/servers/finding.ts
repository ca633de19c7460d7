import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { cacheDir, exists, madeOnce } from './cache.js';
import type { Progress, Way } from './ways.js';

/** What is built for one platform is kept under its name: a cache may be shared by several. */
export const PLATFORM = `${process.platform}-${process.arch}`;

/** The name of an executable's file on this platform. */
export const executableFile = (name: string): string => (process.platform === 'win32' ? `${name}.exe` : name);

/** Compiled code is in `dist/tools/servers`, and what is built from stays in `tools/servers`: the compiler copies no other files. */
export const recipe = (name: string): string => {
  const beside = fileURLToPath(new URL(`./${name}`, import.meta.url));
  return beside.replace(/([\\/])dist([\\/]tools[\\/]servers[\\/])/, '$1$2').replace(/[\\/]{2}/, '/');
};

/** The command of this name on PATH. `args` make it end at once, such as `--version`; it has to say `version` where one is asked for. */
export const onPath = (command: string, args: readonly string[], version?: string): Way => ({
  name: `${command}${version === undefined ? '' : ` ${version}`} on PATH`,
  find: async () => {
    const { stdout } = await execa(command, args);
    if (version !== undefined && !stdout.split(/\s+/).includes(version))
      throw new Error(`it is of another version: ${stdout}`);
    return command;
  },
});

/** What an earlier run left in the cache. */
export const inCache = (name: string, file: string): Way => ({
  name: "the project's cache",
  find: async () => {
    const path = join(cacheDir(), name, file);
    if (await exists(path)) return path;
    throw new Error(`nothing at ${path}`);
  },
});

type Build = (target: string, progress: Progress) => Promise<void>;

/** Built into the cache, once. `how` says by what, in words. */
export const built = (name: string, file: string, how: string, build: Build): Way => ({
  name: how,
  find: async (progress) => {
    progress(`Building ${name} (${how}); this happens once`);
    return join(await madeOnce(name, (target) => build(target, progress)), file);
  },
});

const reason = (error: unknown): Error => {
  const text = error instanceof Error && 'shortMessage' in error ? String(error.shortMessage) : String(error);
  const stderr =
    error instanceof Error && 'stderr' in error ? String(error.stderr).trim().split('\n').slice(-3).join(' ') : '';
  return new Error(`${text.split('\n')[0]} ${stderr}`.trim());
};

/** Runs a step of a build. Rejects with the first and the last of what it said. */
export const run = async (
  command: string,
  args: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>> = {},
): Promise<void> => {
  try {
    await execa(command, args, { cwd, env });
  } catch (error) {
    throw reason(error);
  }
};
