import { chmod, copyFile, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { execa } from 'execa';
import { cacheDir, exists, madeOnce } from './cache.js';
import { ensureCommand } from './packages.js';
import { firstThatWorks, type Progress, type Way } from './ways.js';

/** The servers' versions: each names a directory of the cache. The module and Maven files beside this one pin the same. */
const TEMPORAL_CLI_VERSION = '1.5.1';
const TIME_SKIPPING_VERSION = '1.38.0';

/** A download that has not come by then will not: a closed network may drop packets rather than refuse them. */
const DOWNLOAD_TIMEOUT_MS = 60_000;

const PLATFORM = `${process.platform}-${process.arch}`;

/** Compiled code is in `dist/devserver`, and what is built from stays in `devserver`: the compiler copies no other files. */
const recipe = (name: string): string => {
  const beside = fileURLToPath(new URL(`./${name}`, import.meta.url));
  return beside.replace(/([\\/])dist([\\/]devserver[\\/])/, '$1$2').replace(/[\\/]{2}/, '/');
};

const onPath = (command: string, args: readonly string[]): Way => ({
  name: `${command} on PATH`,
  find: async () => {
    await execa(command, args);
    return command;
  },
});

const inCache = (name: string, file: string): Way => ({
  name: "the project's cache",
  find: async () => {
    const path = join(cacheDir(), name, file);
    if (await exists(path)) return path;
    throw new Error(`nothing at ${path}`);
  },
});

type Download = (options: { type: 'cached-download'; downloadDir: string }) => Promise<TestWorkflowEnvironment>;

const withTimeout = async <A>(timeoutMs: number, work: Promise<A>): Promise<A> => {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`nothing within ${timeoutMs / 1_000} s`)), timeoutMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
};

/** The SDK downloads a server only by starting it: it is started once, and what it left is kept. */
const downloaded = (name: string, file: string, download: Download): Way => ({
  name: "the Temporal SDK's download",
  find: async (progress) => {
    progress(`Looking for a download of ${name}`);
    const downloadDir = await mkdtemp(join(tmpdir(), 'verifik-onboarding-download-'));
    try {
      const environment = await withTimeout(DOWNLOAD_TIMEOUT_MS, download({ type: 'cached-download', downloadDir }));
      await environment.teardown();
      const [executable] = await readdir(downloadDir);
      if (executable === undefined) throw new Error('the download left nothing');
      const directory = await madeOnce(name, async (target) => {
        await copyFile(join(downloadDir, executable), join(target, file));
        await chmod(join(target, file), 0o755);
      });
      return join(directory, file);
    } finally {
      await rm(downloadDir, { recursive: true, force: true });
    }
  },
});

type Build = (target: string, progress: Progress) => Promise<void>;

const built = (name: string, file: string, how: string, build: Build): Way => ({
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

const run = async (command: string, args: readonly string[], cwd: string): Promise<void> => {
  try {
    await execa(command, args, { cwd, env: { GOFLAGS: '-mod=mod', GOTOOLCHAIN: 'auto' } });
  } catch (error) {
    throw reason(error);
  }
};

const CLI = `temporal-cli-${TEMPORAL_CLI_VERSION}-${PLATFORM}`;
const CLI_FILE = process.platform === 'win32' ? 'temporal.exe' : 'temporal';

/** The official `temporal` CLI, which holds a development server with its UI. */
export const findTemporalCli = (progress: Progress): Promise<string> =>
  firstThatWorks(
    'the Temporal CLI',
    [
      onPath('temporal', ['--version']),
      inCache(CLI, CLI_FILE),
      downloaded(CLI, CLI_FILE, (executable) => TestWorkflowEnvironment.createLocal({ server: { executable } })),
      built(CLI, CLI_FILE, 'go build from pinned modules', async (target, progress) => {
        await ensureCommand('go', ['golang-go'], progress);
        await copyFile(join(recipe('temporal-cli'), 'go.mod'), join(target, 'go.mod'));
        await copyFile(join(recipe('temporal-cli'), 'go.sum'), join(target, 'go.sum'));
        await run('go', ['build', '-o', CLI_FILE, 'github.com/temporalio/cli/cmd/temporal'], target);
      }),
    ],
    'Install the Temporal CLI (https://docs.temporal.io/cli) or Go 1.21 or later, or set TEMPORAL_ADDRESS to a server that runs.',
    progress,
  );

const TIME_SKIPPING = `time-skipping-server-${TIME_SKIPPING_VERSION}`;
const TIME_SKIPPING_FILE = 'temporal-test-server';

// `exec`, so that stopping the script stops the server.
const SCRIPT = '#!/bin/sh\nexec java -cp "$(dirname "$0")/jars/*" io.temporal.testserver.TestServer "$@"\n';

/** Temporal's test server, whose clock jumps to the next timer when nothing else is to be done. */
export const findTimeSkippingServer = (progress: Progress): Promise<string> =>
  firstThatWorks(
    "Temporal's time-skipping test server",
    [
      inCache(TIME_SKIPPING, TIME_SKIPPING_FILE),
      downloaded(TIME_SKIPPING, TIME_SKIPPING_FILE, (executable) =>
        TestWorkflowEnvironment.createTimeSkipping({ server: { executable } }),
      ),
      built(TIME_SKIPPING, TIME_SKIPPING_FILE, 'jars by Maven, run by Java', async (target, progress) => {
        await ensureCommand('java', ['default-jre-headless'], progress);
        await ensureCommand('mvn', ['maven'], progress);
        const pom = join(recipe('time-skipping'), 'pom.xml');
        await run(
          'mvn',
          ['-q', '-B', '-f', pom, 'dependency:copy-dependencies', `-DoutputDirectory=${join(target, 'jars')}`],
          target,
        );
        await writeFile(join(target, TIME_SKIPPING_FILE), SCRIPT, { mode: 0o755 });
      }),
    ],
    'Install Java 11 or later with Maven. Only the tests need this server.',
    progress,
  );
