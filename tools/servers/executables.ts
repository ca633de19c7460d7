import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { built, executableFile, inCache, onPath, PLATFORM, recipe, run } from './finding.js';
import { type GoBuild, goBuild, goBuildInCache } from './go-modules.js';
import { ensureCommand } from './packages.js';
import { downloaded } from './sdk-download.js';
import { firstThatWorks, type Progress } from './ways.js';

/** The servers' versions: each names a directory of the cache. The module and Maven files beside this one pin the same. */
const TEMPORAL_CLI_VERSION = '1.5.1';
const TIME_SKIPPING_VERSION = '1.38.0';
const TOXIPROXY_VERSION = '2.5.0';

const CLI: GoBuild = {
  name: `temporal-cli-${TEMPORAL_CLI_VERSION}`,
  recipe: 'temporal-cli',
  packages: { temporal: 'github.com/temporalio/cli/cmd/temporal' },
};

/** The official `temporal` CLI, which holds a development server with its UI. */
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

const TOXIPROXY: GoBuild = {
  name: `toxiproxy-${TOXIPROXY_VERSION}`,
  recipe: 'toxiproxy',
  packages: { 'toxiproxy-server': 'github.com/Shopify/toxiproxy/v2/cmd/server' },
};

/** Toxiproxy, which stands between a process and what it talks to over TCP, and delays, cuts or throttles it. */
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
