import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import {
  built,
  executableFile,
  firstThatWorks,
  inCache,
  onPath,
  PLATFORM,
  type Progress,
  recipe,
  run,
} from './finding.js';
import { type GoBuild, goBuild, goBuildInCache } from './go-modules.js';
import { ensureCommand, findOnPath } from './packages.js';
import { downloaded } from './sdk-download.js';

/**
 * Versions in the cache's directory names. Keep them equal to those in the `go.mod` and `pom.xml` files of the recipes.
 */
const TEMPORAL_CLI_VERSION = '1.5.1';
const SQLITE_VERSION = '1.51.0';
const TIME_SKIPPING_VERSION = '1.38.0';
const TOXIPROXY_VERSION = '2.5.0';

/**
 * With a later SQLite driver than the CLI's own (1.34.1), which lost the database for good when a call was cancelled:
 * every answer was "interrupted (9)" until the server was restarted. A build from Go modules has it; a downloaded
 * server does not.
 */
const CLI: GoBuild = {
  name: `temporal-cli-${TEMPORAL_CLI_VERSION}-sqlite-${SQLITE_VERSION}`,
  recipe: 'temporal-cli',
  packages: { temporal: 'github.com/temporalio/cli/cmd/temporal' },
};

export const findTemporalCli = (progress: Progress): Promise<string> =>
  firstThatWorks(
    'the Temporal CLI',
    [
      onPath('temporal', ['--version']),
      goBuildInCache(CLI, 'temporal'),
      downloaded(`${CLI.name}-${PLATFORM}`, executableFile('temporal'), (executable) =>
        TestWorkflowEnvironment.createLocal({ server: { executable } }),
      ),
      goBuild(CLI, 'temporal'),
    ],
    'Install the Temporal CLI (https://docs.temporal.io/cli) or Go 1.21 or later, or set TEMPORAL_ADDRESS to a running server.',
    progress,
  );

const TIME_SKIPPING = `time-skipping-server-${TIME_SKIPPING_VERSION}`;
const TIME_SKIPPING_FILE = 'temporal-test-server';

// `exec`, so that stopping the script stops the server.
const LAUNCHER = '#!/bin/sh\nexec java -cp "$(dirname "$0")/jars/*" io.temporal.testserver.TestServer "$@"\n';

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
        await writeFile(join(target, TIME_SKIPPING_FILE), LAUNCHER, { mode: 0o755 });
      }),
    ],
    'Install Java 11 or later with Maven. Only the tests need this server.',
    progress,
  );

const TOXIPROXY: GoBuild = {
  name: `toxiproxy-${TOXIPROXY_VERSION}`,
  recipe: 'toxiproxy',
  packages: { 'toxiproxy-server': 'github.com/Shopify/toxiproxy/v2/cmd/server' },
};

/** Finds Toxiproxy, a TCP proxy that adds latency, cuts connections and limits bandwidth. */
export const findToxiproxy = (progress: Progress): Promise<string> =>
  firstThatWorks(
    'Toxiproxy',
    [
      onPath('toxiproxy-server', ['-version']),
      goBuildInCache(TOXIPROXY, 'toxiproxy-server'),
      goBuild(TOXIPROXY, 'toxiproxy-server'),
    ],
    'Install Toxiproxy (https://github.com/Shopify/toxiproxy) or Go 1.21 or later.',
    progress,
  );

/** Commands of Chromium and browsers built on it. The first is Debian's. */
const BROWSERS = ['chromium', 'chromium-browser', 'google-chrome'] as const;

/** Finds the browser for the tests of the UI: one on PATH, or Debian's package. */
export const findChromium = async (progress: Progress): Promise<string> => {
  for (const command of BROWSERS) {
    const present = await findOnPath(command);
    if (present !== undefined) return present;
  }
  const [command] = BROWSERS;
  // The Temporal UI shows a checklist with emoji, which a minimal system has no font for.
  return ensureCommand(command, [command, 'fonts-noto-color-emoji'], progress);
};
