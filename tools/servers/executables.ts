import { copyFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { built, downloaded, firstThatWorks, onPath, recipe, run, type Way } from './finding.js';
import { ensureCommand, findOnPath } from './packages.js';
import type { Progress } from './progress.js';

/** Executables that are built from one set of pinned Go modules: the `go.mod` and `go.sum` of the recipe `name`. */
interface GoBuild {
  readonly name: string;
  /** Part of the cache's directory name. Keep it equal to the version in `go.mod`. */
  readonly version: string;
  /** The Go packages by the names of their executables. */
  readonly packages: Readonly<Record<string, string>>;
}

/**
 * With a later SQLite driver than the CLI's own (1.34.1), which lost the database for good when a call was cancelled:
 * every answer was "interrupted (9)" until the server was restarted. A build from Go modules has it; a downloaded
 * server does not.
 */
const CLI: GoBuild = {
  name: 'temporal-cli',
  version: '1.5.1-sqlite-1.51.0',
  packages: { temporal: 'github.com/temporalio/cli/cmd/temporal' },
};

const SERVER: GoBuild = {
  name: 'temporal-server',
  version: '1.32.0',
  packages: {
    'temporal-server': 'go.temporal.io/server/cmd/server',
    'temporal-sql-tool': 'go.temporal.io/server/cmd/tools/sql',
  },
};

const UI: GoBuild = {
  name: 'temporal-ui-server',
  version: '2.54.1',
  packages: { 'temporal-ui-server': 'github.com/temporalio/ui-server/v2/cmd/server' },
};

const TOXIPROXY: GoBuild = {
  name: 'toxiproxy',
  version: '2.5.0',
  packages: { 'toxiproxy-server': 'github.com/Shopify/toxiproxy/v2/cmd/server' },
};

const HELM: GoBuild = {
  name: 'helm',
  version: '4.3.2',
  packages: { helm: 'helm.sh/helm/v4/cmd/helm' },
};

const KUBERNETES: GoBuild = {
  name: 'kubernetes',
  version: '1.37.2',
  packages: {
    etcd: 'go.etcd.io/etcd/server/v3',
    'kube-apiserver': 'k8s.io/kubernetes/cmd/kube-apiserver',
    kubectl: 'k8s.io/kubernetes/cmd/kubectl',
  },
};

/** The cache's directory of a build. Several platforms may share one cache. */
const directoryOf = ({ name, version }: GoBuild): string => `${name}-${version}-${process.platform}-${process.arch}`;

const executableFile = (name: string): string => (process.platform === 'win32' ? `${name}.exe` : name);

// Strips the symbol and debug tables, which makes an executable a third smaller. Stack traces stay complete.
const GO_FLAGS = ['-trimpath', '-ldflags=-s -w'];

/** Builds an executable with `go build`. GOTOOLCHAIN lets Go fetch the version that a module requires. */
const goBuild = (build: GoBuild, executable: string): Way =>
  built(directoryOf(build), executableFile(executable), 'go build from pinned modules', async (target, progress) => {
    await ensureCommand('go', ['golang-go'], progress);
    for (const file of ['go.mod', 'go.sum']) await copyFile(join(recipe(build.name), file), join(target, file));
    const env = { GOFLAGS: '-mod=mod', GOTOOLCHAIN: 'auto' };
    for (const [name, path] of Object.entries(build.packages))
      await run('go', ['build', ...GO_FLAGS, '-o', executableFile(name), path], target, env);
  });

export const findTemporalCli = (progress: Progress): Promise<string> =>
  firstThatWorks(
    'the Temporal CLI',
    [
      onPath('temporal', ['--version']),
      downloaded(directoryOf(CLI), executableFile('temporal'), (executable) =>
        TestWorkflowEnvironment.createLocal({ server: { executable } }),
      ),
      goBuild(CLI, 'temporal'),
    ],
    'Install the Temporal CLI (https://docs.temporal.io/cli) or Go 1.21 or later.',
    progress,
  );

/**
 * Only the version of the build is accepted on PATH: the server must match its schema, and published measurements name
 * the version.
 */
const findVersion = (build: GoBuild, executable: string, what: string, progress: Progress): Promise<string> =>
  firstThatWorks(
    what,
    [onPath(executable, ['--version'], build.version), goBuild(build, executable)],
    `Install Go 1.21 or later, or put ${executable} ${build.version} on PATH.`,
    progress,
  );

export const findTemporalServer = (progress: Progress): Promise<string> =>
  findVersion(SERVER, 'temporal-server', 'the Temporal server', progress);

/** Finds the tool that creates and updates the server's database schema. It contains the schemas of its own version. */
export const findTemporalSqlTool = (progress: Progress): Promise<string> =>
  findVersion(SERVER, 'temporal-sql-tool', "the Temporal server's SQL tool", progress);

export const findTemporalUiServer = (progress: Progress): Promise<string> =>
  findVersion(UI, 'temporal-ui-server', "the Temporal UI's server", progress);

/** Finds Toxiproxy, a TCP proxy that adds latency, cuts connections and limits bandwidth. */
export const findToxiproxy = (progress: Progress): Promise<string> =>
  firstThatWorks(
    'Toxiproxy',
    [onPath('toxiproxy-server', ['-version']), goBuild(TOXIPROXY, 'toxiproxy-server')],
    'Install Toxiproxy (https://github.com/Shopify/toxiproxy) or Go 1.21 or later.',
    progress,
  );

/** Finds Helm, which renders the chart of `deploy/helm`. */
export const findHelm = (progress: Progress): Promise<string> =>
  firstThatWorks(
    'Helm',
    [onPath('helm', ['version', '--template', '{{.Version}}'], `v${HELM.version}`), goBuild(HELM, 'helm')],
    `Install Helm ${HELM.version} (https://helm.sh) or Go 1.21 or later. Only the tests of the chart need it.`,
    progress,
  );

interface Kubernetes {
  readonly apiServer: string;
  /** The API server's database. */
  readonly etcd: string;
  readonly kubectl: string;
}

/** Finds executables of Kubernetes, all of one build. */
export const findKubernetes = async (progress: Progress): Promise<Kubernetes> => {
  const find = (executable: string) =>
    firstThatWorks(executable, [goBuild(KUBERNETES, executable)], 'Install Go 1.21 or later.', progress);
  return { apiServer: await find('kube-apiserver'), etcd: await find('etcd'), kubectl: await find('kubectl') };
};

/** The version is equal to that in `pom.xml`. */
const TIME_SKIPPING = { directory: 'time-skipping-server-1.38.0', file: 'temporal-test-server' } as const;

// `exec`, so that stopping the script stops the server.
const LAUNCHER = '#!/bin/sh\nexec java -cp "$(dirname "$0")/jars/*" io.temporal.testserver.TestServer "$@"\n';

export const findTimeSkippingServer = (progress: Progress): Promise<string> => {
  const { directory, file } = TIME_SKIPPING;
  const jarsByMaven = built(directory, file, 'jars by Maven, run by Java', async (target, progress) => {
    await ensureCommand('java', ['default-jre-headless'], progress);
    await ensureCommand('mvn', ['maven'], progress);
    const copy = ['dependency:copy-dependencies', `-DoutputDirectory=${join(target, 'jars')}`];
    await run('mvn', ['-q', '-B', '-f', join(recipe('time-skipping-server'), 'pom.xml'), ...copy], target);
    await writeFile(join(target, file), LAUNCHER, { mode: 0o755 });
  });
  const bySdk = downloaded(directory, file, (executable) =>
    TestWorkflowEnvironment.createTimeSkipping({ server: { executable } }),
  );
  const help = 'Install Java 11 or later with Maven. Only the tests need this server.';
  return firstThatWorks("Temporal's time-skipping test server", [bySdk, jarsByMaven], help, progress);
};

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

/**
 * Finds the Python of a virtual environment with pinned packages. Run its programs as modules (`-m`): their scripts
 * contain the path of the environment, whose folder is renamed when it is complete.
 */
const findPythonWith = (what: string, packages: readonly string[], progress: Progress): Promise<string> => {
  const path = join('bin', 'python');
  const name = packages.join('-').replaceAll('==', '-');
  const byPip = built(name, path, 'pip', async (target, progress) => {
    const python = await ensureCommand('python3', ['python3', 'python3-venv'], progress);
    await run(python, ['-m', 'venv', target], target);
    await run(join(target, path), ['-m', 'pip', 'install', '--quiet', ...packages], target);
  });
  const help =
    'Install Python 3.11 or later with its venv module (on Debian: apt-get install python3-venv). Only one test needs it.';
  return firstThatWorks(what, [byPip], help, progress);
};

/**
 * Finds schemathesis, which tests an HTTP API against its OpenAPI document. Returns the executable and its first
 * arguments.
 */
export const findSchemathesis = async (progress: Progress): Promise<readonly [string, ...string[]]> => {
  const python = await findPythonWith('schemathesis', ['schemathesis==4.32.5'], progress);
  return [python, '-m', 'schemathesis.cli'];
};

/** Finds a Python with the module `openapi_python_client`, which generates clients, and the type checker `mypy`. */
export const findPythonGenerator = (progress: Progress): Promise<string> =>
  findPythonWith('openapi-python-client', ['openapi-python-client==0.29.1', 'mypy==2.4.1'], progress);
