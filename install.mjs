// Runs `npm ci` unless node_modules has the packages of package-lock.json. If its argument is `build`, builds unless
// nothing has changed since the last build. Runs before `npm start`, `npm test` and `npm run check`, so it uses nothing
// but Node itself.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const { engines } = JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8'));
const needed = engines.node.match(/\d+/g).map(Number);
const present = process.versions.node.split('.').map(Number);
const older = needed.map((part, index) => present[index] - part).find((difference) => difference !== 0) < 0;
if (older) {
  console.error(`Node ${process.versions.node} is too old: this project needs ${engines.node}.`);
  process.exit(1);
}

const INSTALLED = new URL('node_modules/.package-lock.json', import.meta.url);

const packagesOf = (lockfile) => JSON.parse(readFileSync(lockfile, 'utf8')).packages;

/** Returns the packages in node_modules; none if the installation was interrupted. */
const installedPackages = () => {
  try {
    return packagesOf(INSTALLED);
  } catch {
    return {};
  }
};

/** True if node_modules has every package of package-lock.json. Optional ones may be for other platforms. */
const isComplete = () => {
  const installed = installedPackages();
  return Object.entries(packagesOf(new URL('package-lock.json', import.meta.url))).every(
    ([path, { version, integrity, optional }]) =>
      path === '' ||
      optional ||
      (existsSync(new URL(path, import.meta.url)) &&
        installed[path]?.version === version &&
        installed[path]?.integrity === integrity),
  );
};

// The environment and the user's .npmrc may leave out packages.
const INCLUDED = ['prod', 'dev', 'optional', 'peer'].map((kind) => `--include=${kind}`);

const PROJECT = fileURLToPath(new URL('.', import.meta.url));
const DIGEST = createHash('sha256').update(PROJECT).digest('hex').slice(0, 16);
const NAME = `verifik-onboarding-install-${DIGEST}`;
const FILE = join(tmpdir(), `${NAME}.sock`);
// Linux and Windows have names without a file, which end with their process. A file stays after a crash.
const SOCKET = { linux: `\0${NAME}`, win32: `\\\\.\\pipe\\${NAME}` }[process.platform] ?? FILE;

/** Waits until another process that installs and builds here has ended. Resolves at once without one. */
const othersEnd = async () => {
  const connection = connect(SOCKET);
  const ended = new Promise((resolve) => connection.on('error', () => {}).once('close', resolve));
  try {
    await once(connection, 'connect');
    console.error('Waiting for another process that installs or builds this project …');
  } catch ({ code }) {
    if (code === 'ECONNREFUSED') rmSync(FILE, { force: true });
  }
  await ended;
};

/** Two processes must not install or build at once. The operating system closes the socket, even after a crash. */
const lock = async () => {
  for (;;) {
    try {
      const server = createServer();
      await once(server.listen(SOCKET), 'listening');
      return;
    } catch (error) {
      if (error.code !== 'EADDRINUSE') throw error;
      await othersEnd();
    }
  }
};

/** The hash of the sources that the last build was made of. `npm run build` deletes it. */
const BUILT = join(PROJECT, 'dist', '.sources');

/** Hashes everything that the build reads, and the versions of the packages. */
const hashSources = () => {
  const { include } = JSON.parse(readFileSync(join(PROJECT, 'tsconfig.build.json'), 'utf8'));
  const settings = readdirSync(PROJECT).filter((name) => name.endsWith('.json'));
  const files = [...include, 'packages']
    .flatMap((folder) => readdirSync(join(PROJECT, folder), { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile() && !/[\\/](dist|node_modules)([\\/]|$)/.test(relative(PROJECT, entry.parentPath)))
    .map((entry) => relative(PROJECT, join(entry.parentPath, entry.name)));
  const hash = createHash('sha256');
  for (const name of [...settings, ...files].sort()) hash.update(`${name}\0`).update(readFileSync(join(PROJECT, name)));
  return hash.digest('hex');
};

const builtHash = () => (existsSync(BUILT) ? readFileSync(BUILT, 'utf8') : undefined);

/** Builds unless the last build was made of the same sources. Returns the exit code. */
const build = () => {
  const hash = hashSources();
  if (hash === builtHash()) return 0;
  console.error('Building …');
  const status = npm(['run', '--silent', 'build']);
  if (status === 0) {
    mkdirSync(join(PROJECT, 'dist'), { recursive: true });
    writeFileSync(BUILT, hash);
  }
  return status;
};

const npm = (args) =>
  spawnSync('npm', args, { cwd: PROJECT, stdio: ['ignore', 2, 2], shell: process.platform === 'win32' }).status;

await lock();
if (!isComplete()) {
  console.error('Installing dependencies …');
  // npm writes this file last, so that an interrupted installation is incomplete.
  rmSync(INSTALLED, { force: true });
  const status = npm(['ci', ...INCLUDED, '--no-audit', '--no-fund', '--loglevel=error']);
  if (status !== 0) {
    console.error('npm ci failed; its output is above. Fix the cause and run the command again.');
    process.exit(status ?? 1);
  }
}
const status = process.argv[2] === 'build' ? build() : 0;
rmSync(FILE, { force: true });
process.exit(status ?? 1);
