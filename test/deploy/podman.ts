import { copyFile, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { cacheFolder } from '../../shared/folders.js';
import { ensureCommand } from '../../tools/servers/packages.js';
import { read, TOP } from './files.js';

const quiet = () => undefined;

const [, NODE = ''] = /^ARG NODE_VERSION=(.+)$/m.exec(read('deploy/Dockerfile')) ?? [];

/** The npm of this Node. */
const NPM = '11.19.0';

const BASE = `docker.io/library/node:${NODE}-bookworm-slim`;

export const IMAGE = 'localhost/verifik-onboarding:checked';

/** Its own storage keeps the images apart from the user's. */
const STORAGE = ['--root', join(cacheFolder(), 'images'), '--runroot', join(cacheFolder(), 'containers')];

/** runc, unlike crun, also runs on systems with both versions of cgroups. */
export const PODMAN = {
  command: 'podman',
  options: [...STORAGE, '--runtime', 'runc', '--log-level', 'error'],
} as const;

/** The defaults of Podman exceed what root may set in some containers and virtual machines. */
export const LIMITS = ['--ulimit', 'nofile=4096:4096', '--ulimit', 'nproc=4096:4096'];

const runPodman = execa({ cwd: TOP, all: true });

/** Runs a command of Podman. Resolves to its exit code and its output, also if it fails. */
export const podman = async (...args: readonly string[]) => {
  const { exitCode, all } = await runPodman(PODMAN.command, [...PODMAN.options, ...args], { reject: false });
  return { exitCode, output: all };
};

/** Runs a command of Podman. Resolves to its standard output, and rejects if it fails. */
export const podmanOutput = async (...args: readonly string[]): Promise<string> =>
  (await runPodman(PODMAN.command, [...PODMAN.options, ...args])).stdout;

/** Creates a stand-in for Node's image from the packages of Debian and npm, as `BASE`. */
const createStandIn = async (): Promise<void> => {
  const folder = await mkdtemp(join(tmpdir(), 'node-image-'));
  const [root, tar] = [join(folder, 'root'), join(folder, 'root.tar')];
  const local = join(root, 'usr/local');
  await execa(await ensureCommand('debootstrap', ['debootstrap'], quiet), ['--variant=minbase', 'bookworm', root]);
  const node = `node-linux-${process.arch}`;
  await execa('npm', ['install', '--global', '--prefix', local, `${node}@${NODE}`, `npm@${NPM}`], { cwd: folder });
  // Not a link, because npm looks for its configuration near the executable.
  await rename(join(local, 'lib/node_modules', node, 'bin/node'), join(local, 'bin/node'));
  await execa(await ensureCommand('useradd', ['passwd'], quiet), [
    '--root',
    root,
    '--uid',
    '1000',
    '--create-home',
    'node',
  ]);
  await execa('tar', ['-C', root, '-cf', tar, '.']);
  await podmanOutput('import', '--change', 'ENV PATH=/usr/local/bin:/usr/bin:/bin', tar, BASE);
  await rm(folder, { recursive: true });
};

/** Writes this machine's npm configuration, such as its registry, to a folder for the `/usr/local/etc` of a build. */
const npmConfiguration = async (): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'npm-'));
  const get = async (key: string) => (await execa('npm', ['config', 'get', key], { cwd: folder })).stdout;
  const texts = ['globalconfig', 'userconfig'].map(async (key) => readFile(await get(key), 'utf8').catch(() => ''));
  const certificates = await get('cafile');
  if (certificates !== 'null') {
    await copyFile(certificates, join(folder, 'certificates'));
    texts.push(Promise.resolve('cafile=/usr/local/etc/certificates\n'));
  }
  await writeFile(join(folder, 'npmrc'), (await Promise.all(texts)).join('\n'));
  return folder;
};

/** Builds the image from the Dockerfile. Uses Node's image if its registry is reachable, and a stand-in otherwise. */
export const buildImage = async (): Promise<void> => {
  for (const command of ['runc', PODMAN.command]) await ensureCommand(command, [command], quiet);
  const exists = (await podman('image', 'exists', BASE)).exitCode === 0;
  if (!exists && (await podman('pull', BASE)).exitCode !== 0) await createStandIn();
  const isolation = ['--isolation', 'chroot', '--network', 'host', ...LIMITS];
  const npm = ['--volume', `${await npmConfiguration()}:/usr/local/etc:ro`];
  // Without a cache of layers, of which each build would leave more than 1 GB.
  await podmanOutput('build', '--layers=false', ...isolation, ...npm, '-f', 'deploy/Dockerfile', '-t', IMAGE, '.');
  await podmanOutput('image', 'prune', '--force');
};

/** Lists the files that the image adds to its base image. */
export const ownFiles = async (): Promise<readonly string[]> =>
  (await podmanOutput('diff', IMAGE, BASE))
    .split('\n')
    .filter((line) => line.startsWith('A '))
    .map((line) => line.slice(2));

/** The size that the image adds to its base image. */
export const ownBytes = async (): Promise<number> => {
  const [image = 0, base = 0] = (await podmanOutput('image', 'inspect', '--format', '{{.Size}}', IMAGE, BASE))
    .split('\n')
    .map(Number);
  return image - base;
};
