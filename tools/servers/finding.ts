import { mkdir, readdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { execa } from 'execa';
import { madeOnce } from './cache.js';
import type { Progress } from './progress.js';

/** A way to find or make a server's executable. */
export interface Way {
  /** The name in error messages, such as `temporal on PATH`. */
  readonly name: string;
  /** Resolves to the executable's path. Rejects with the reason if the way fails. */
  readonly find: (progress: Progress) => Promise<string>;
}

/**
 * Tries the ways in order and resolves to the first executable. `name` and `help` are for the error.
 *
 * @throws Error that lists why each way failed, and what to install.
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
      failures.push(`  - ${way}: ${(error instanceof Error ? error.message : String(error)).trim()}`);
    }
  }
  throw new Error(`Cannot find or build ${name}. Tried:\n${failures.join('\n')}\n${help}`);
};

/**
 * Resolves the folder of a build recipe. Recipes stay in `tools/servers`: the compiler copies only code to
 * `dist/tools/servers`.
 */
export const recipe = (name: string): string => {
  const beside = fileURLToPath(new URL(`./${name}`, import.meta.url));
  return beside.replace(/([\\/])dist([\\/]tools[\\/]servers[\\/])/, '$1$2');
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

/**
 * Uses an executable in the cache, or builds it there. `how` describes the build in messages. `build` fills the
 * directory `target`.
 */
export const built = (
  name: string,
  file: string,
  how: string,
  build: (target: string, progress: Progress) => Promise<void>,
): Way => ({
  name: how,
  find: async (progress) => {
    const directory = await madeOnce(name, async (target) => {
      progress(`Preparing ${name} (${how}); this happens once`);
      await build(target, progress);
    });
    return join(directory, file);
  },
});

/** Runs a step of a build. Rejects with the first line of the error and the last three lines of stderr. */
export const run = async (
  command: string,
  args: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>> = {},
): Promise<void> => {
  const { failed, shortMessage = '', stderr } = await execa(command, args, { cwd, env, reject: false });
  const lines = [...shortMessage.split('\n').slice(0, 1), ...(stderr ?? '').trim().split('\n').slice(-3)];
  if (failed) throw new Error(lines.join(' ').trim());
};

/** A closed network may drop packets instead of refusing them, so a download needs a time limit. */
const DOWNLOAD_TIMEOUT_MS = 60_000;

type Download = (options: { type: 'cached-download'; downloadDir: string }) => Promise<TestWorkflowEnvironment>;

/**
 * Uses an executable in the cache, or downloads it there with the Temporal SDK. The SDK downloads only when it starts a
 * server, so it starts one and stops it.
 */
export const downloaded = (name: string, file: string, download: Download): Way =>
  built(name, file, "the Temporal SDK's download", async (target) => {
    const downloadDir = join(target, 'download');
    await mkdir(downloadDir);
    const cancel = new AbortController();
    const timeout = pause(DOWNLOAD_TIMEOUT_MS, undefined, { signal: cancel.signal }).then(() => {
      throw new Error(`timed out after ${DOWNLOAD_TIMEOUT_MS / 1_000} s`);
    });
    try {
      const environment = await Promise.race([download({ type: 'cached-download', downloadDir }), timeout]);
      await environment.teardown();
    } finally {
      cancel.abort();
    }
    const [executable] = await readdir(downloadDir);
    if (executable === undefined) throw new Error('the download folder is empty');
    await rename(join(downloadDir, executable), join(target, file));
  });
