import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { beforeAll, describe, expect, it } from 'vitest';

const PROJECT = mkdtempSync(join(tmpdir(), 'onboarding-install-'));

const inProject = (...path: string[]): string => join(PROJECT, ...path);

const writeJson = (path: string, content: object): void => writeFileSync(inProject(path), JSON.stringify(content));

/** An environment and a `.npmrc` that leave out development dependencies. */
const SHELL = { NODE_ENV: 'production', npm_config_omit: 'dev', npm_config_offline: 'true' };

const run = (command: string, ...args: string[]) => execa(command, args, { cwd: PROJECT, env: SHELL });

/** Runs install.mjs. Returns the installed packages, and true if it had to install them. */
const install = async () => {
  const { stderr } = await run(process.execPath, 'install.mjs');
  return { packages: readdirSync(inProject('node_modules')).sort(), hasRun: stderr.startsWith('Installing') };
};

const INSTALLED = inProject('node_modules', '.package-lock.json');

const COMPLETE = ['.package-lock.json', 'tool', 'used'];

beforeAll(async () => {
  for (const name of ['used', 'tool']) {
    mkdirSync(inProject(name));
    writeJson(`${name}/package.json`, { name, version: '1.0.0' });
  }
  const scripts = { build: "node -e \"fs.mkdirSync('building'); setTimeout(() => fs.rmdirSync('building'), 500)\"" };
  const dependencies = { dependencies: { used: 'file:used' }, devDependencies: { tool: 'file:tool' } };
  writeJson('package.json', {
    name: 'project',
    version: '1.0.0',
    engines: { node: '>=20.19.0' },
    scripts,
    ...dependencies,
  });
  writeJson('tsconfig.build.json', { include: ['used'] });
  mkdirSync(inProject('packages'));
  cpSync(new URL('../../install.mjs', import.meta.url), inProject('install.mjs'));
  await run('npm', 'install', '--package-lock-only', '--include=dev');
  writeFileSync(inProject('.npmrc'), 'omit=dev\n');
});

describe('the installation', () => {
  it('has the development dependencies whatever the shell leaves out, and is not repeated', async () => {
    expect(await install()).toEqual({ packages: COMPLETE, hasRun: true });
    expect(await install()).toEqual({ packages: COMPLETE, hasRun: false });
  });

  it.each([
    ['npm has left out the development dependencies', () => run('npm', 'ci')],
    ['a package is missing', () => rmSync(inProject('node_modules', 'tool'))],
    ['npm was interrupted', () => writeFileSync(INSTALLED, '{"packages')],
    [
      'a package has another version',
      () => writeFileSync(INSTALLED, readFileSync(INSTALLED, 'utf8').replaceAll('1.0.', '0.9.')),
    ],
  ])('is repeated if %s', async (_case, damage) => {
    await damage();
    expect(await install()).toEqual({ packages: COMPLETE, hasRun: true });
  });

  it('and the build happen once at a time, also after a process that crashed', async () => {
    rmSync(inProject('node_modules'), { recursive: true });
    const crashed = execa(process.execPath, ['install.mjs', 'build'], { cwd: PROJECT, env: SHELL, reject: false });
    await expect.poll(() => existsSync(inProject('building'))).toBe(true);
    crashed.kill('SIGKILL');
    await crashed;
    await expect.poll(() => existsSync(inProject('building'))).toBe(false);
    // A second build at once would fail, because the folder exists.
    const builds = await Promise.all([1, 2, 3].map(() => run(process.execPath, 'install.mjs', 'build')));
    expect(builds.filter(({ stderr }) => stderr.includes('Waiting for another process')).length).toBeGreaterThan(0);
    expect(builds.filter(({ stderr }) => stderr.includes('Building …'))).toHaveLength(1);
  });

  it('builds again if a source, a setting or the build has changed, or the last build failed', async () => {
    const hasBuilt = async () => {
      const { stderr } = await execa(process.execPath, ['install.mjs', 'build'], {
        ...{ cwd: PROJECT, env: SHELL, reject: false },
      });
      return stderr.includes('Building …');
    };
    expect(await hasBuilt()).toBe(false);
    writeFileSync(inProject('used', 'index.ts'), 'export const used = 1;');
    expect([await hasBuilt(), await hasBuilt()]).toEqual([true, false]);
    writeJson('tsconfig.json', {});
    expect([await hasBuilt(), await hasBuilt()]).toEqual([true, false]);
    rmSync(inProject('dist'), { recursive: true });
    expect([await hasBuilt(), await hasBuilt()]).toEqual([true, false]);
    // The build fails, because the folder exists.
    mkdirSync(inProject('building'));
    writeFileSync(inProject('used', 'index.ts'), 'export const used = 2;');
    expect([await hasBuilt(), await hasBuilt()]).toEqual([true, true]);
  });
});
