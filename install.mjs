// Runs `npm ci` unless node_modules has the packages of package-lock.json. Runs before `npm start`, `npm test` and
// `npm run check`, so it uses nothing but Node itself.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';

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

if (!isComplete()) {
  console.error('Installing dependencies …');
  // npm writes this file last, so that an interrupted installation is incomplete.
  rmSync(INSTALLED, { force: true });
  const { status } = spawnSync('npm', ['ci', ...INCLUDED, '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: new URL('.', import.meta.url),
    stdio: ['ignore', 2, 2],
    shell: process.platform === 'win32',
  });
  if (status !== 0) {
    console.error('npm ci failed; its output is above. Fix the cause and run the command again.');
    process.exit(status ?? 1);
  }
}
