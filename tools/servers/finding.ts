import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { cacheDir, exists, madeOnce } from './cache.js';

/** A way to find or make a server's executable. */
export interface Way {
  /** The name in error messages, such as `temporal on PATH`. */
  readonly name: string;
  /** Resolves to the executable's path. Rejects with the reason if the way fails. */
  readonly find: (progress: Progress) => Promise<string>;
}

export type Progress = (step: string) => void;

/** Lists why each way failed, and what to install. */
export class NoServerError extends Error {
  override readonly name = 'NoServerError';
}

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error)).trim();

/**
 * Tries the ways in order and resolves to the first executable. `name` and `help` are for the error.
 *
 * @throws NoServerError if every way fails.
 */
export const firstThatWorks = async (
  name: string,
  ways: readonly Way[],
  help: string,
  progress: Progress,
): Promise<string> => {
  const failures: string[] = [];
  for (const { name: way, find } of ways) {
    try {
      return await find(progress);
    } catch (error) {
      failures.push(`  - ${way}: ${reasonOf(error)}`);
    }
  }
  throw new NoServerError(`Cannot find or build ${name}. Tried:\n${failures.join('\n')}\n${help}`);
};

/** Shows a long step on standard error: with the elapsed time on a terminal, as one line elsewhere. */
export const showProgress = (): { readonly progress: Progress; readonly done: () => void } => {
  const { stderr } = process;
  let timer: NodeJS.Timeout | undefined;
  const done = () => {
    clearInterval(timer);
    if (timer !== undefined && stderr.isTTY) stderr.write('\n');
    timer = undefined;
  };
  const progress: Progress = (step) => {
    done();
    if (!stderr.isTTY) {
      stderr.write(`${step} …\n`);
      return;
    }
    const since = Date.now();
    const show = () => void stderr.write(`\r${step} … ${Math.round((Date.now() - since) / 1_000)} s`);
    show();
    timer = setInterval(show, 1_000);
  };
  return { progress, done };
};

/** Part of the cache's directory names: several platforms may share one cache. */
export const PLATFORM = `${process.platform}-${process.arch}`;

export const executableFile = (name: string): string => (process.platform === 'win32' ? `${name}.exe` : name);

/**
 * Resolves the folder of a build recipe. Recipes stay in `tools/servers`: the compiler copies only code to
 * `dist/tools/servers`.
 */
export const recipe = (name: string): string => {
  const beside = fileURLToPath(new URL(`./${name}`, import.meta.url));
  return beside.replace(/([\\/])dist([\\/]tools[\\/]servers[\\/])/, '$1$2').replace(/[\\/]{2}/, '/');
};
/**
 * Looks for a command on PATH. `args` make it print and exit, such as `--version`; the output must contain `version` if
 * set.
 */
export const onPath = (command: string, args: readonly string[], version?: string): Way => ({
  name: `${command}${version === undefined ? '' : ` ${version}`} on PATH`,
  find: async () => {
    const { stdout } = await execa(command, args);
    if (version !== undefined && !stdout.split(/\s+/).includes(version))
      throw new Error(`expected version ${version}, but it says: ${stdout}`);
    return command;
  },
});

/** Looks for the result of an earlier build or download in the cache. */
export const inCache = (name: string, file: string): Way => ({
  name: "the project's cache",
  find: async () => {
    const path = join(cacheDir(), name, file);
    if (await exists(path)) return path;
    throw new Error(`nothing at ${path}`);
  },
});

type Build = (target: string, progress: Progress) => Promise<void>;

/** Builds an executable into the cache. `how` describes the build in messages. */
export const built = (name: string, file: string, how: string, build: Build): Way => ({
  name: how,
  find: async (progress) => {
    progress(`Building ${name} (${how}); this happens once`);
    return join(await madeOnce(name, (target) => build(target, progress)), file);
  },
});

/** Keeps the first line of the error and the last three lines of stderr. */
const shortError = (error: unknown): Error => {
  const text = error instanceof Error && 'shortMessage' in error ? String(error.shortMessage) : String(error);
  const stderr =
    error instanceof Error && 'stderr' in error ? String(error.stderr).trim().split('\n').slice(-3).join(' ') : '';
  return new Error(`${text.split('\n')[0]} ${stderr}`.trim());
};

export const run = async (
  command: string,
  args: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>> = {},
): Promise<void> => {
  try {
    await execa(command, args, { cwd, env });
  } catch (error) {
    throw shortError(error);
  }
};
