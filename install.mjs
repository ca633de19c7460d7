// Runs `npm ci` if package-lock.json is newer than node_modules. Runs before `npm start`, `npm test` and `npm run
// check`, so it uses nothing but Node itself.
import { spawnSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';

const { engines } = JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8'));
const needed = engines.node.match(/\d+/g).map(Number);
const present = process.versions.node.split('.').map(Number);
const older = needed.map((part, index) => present[index] - part).find((difference) => difference !== 0) < 0;
if (older) {
  console.error(`Node ${process.versions.node} is too old: this project needs ${engines.node}.`);
  process.exit(1);
}

const modified = (file) => statSync(new URL(file, import.meta.url), { throwIfNoEntry: false })?.mtimeMs ?? 0;

if (modified('node_modules/.package-lock.json') < modified('package-lock.json')) {
  console.error('Installing dependencies …');
  const { status } = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: new URL('.', import.meta.url),
    stdio: ['ignore', 2, 2],
    shell: process.platform === 'win32',
  });
  if (status !== 0) {
    console.error('npm ci failed; its output is above. Fix the cause and run the command again.');
    process.exit(status ?? 1);
  }
}
