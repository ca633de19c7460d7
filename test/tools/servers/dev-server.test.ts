import { mkdtempSync, readdirSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { Connection } from '@temporalio/client';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { cacheDir, madeOnce } from '../../../tools/servers/cache.js';
import { firstThatWorks } from '../../../tools/servers/finding.js';
import { freePort, startDevServer } from '../../../tools/servers/index.js';
import { ensureCommand } from '../../../tools/servers/packages.js';

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

describe('the development server', () => {
  it('serves with its UI, its namespace and its search attributes, and leaves no process when it is stopped', async () => {
    const server = await startDevServer({
      namespace: 'somewhere',
      port: await freePort(),
      uiPort: await freePort(),
      searchAttributes: [
        { name: 'CustomerTier', type: 'KEYWORD' },
        { name: 'CustomerTags', type: 'KEYWORD_LIST' },
      ],
    });
    const connection = await Connection.connect({ address: server.address });
    const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace: 'somewhere' });
    expect(Object.keys(customAttributes)).toEqual(expect.arrayContaining(['CustomerTier', 'CustomerTags']));
    await connection.close();
    expect((await fetch(server.uiUrl ?? '')).status).toBe(200);
    expect(isAlive(server.pid)).toBe(true);
    await server.stop();
    expect(isAlive(server.pid)).toBe(false);
  });

  it('that cannot start says so with its own last words', async () => {
    const occupied = createServer();
    await new Promise<void>((resolve) => occupied.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void occupied.close());
    const address = occupied.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    await expect(startDevServer({ port, headless: true })).rejects.toThrow(
      /exited before it served.*address already in use/s,
    );
  });
});

describe('a server', () => {
  it('that no way leads to is told with every way that was tried, and what would help', async () => {
    const failing = (name: string, reason: string) => ({ name, find: () => Promise.reject(new Error(reason)) });
    const ways = [failing('a first way', 'it is not there'), failing('a second way', 'it cannot be built')];
    const found = firstThatWorks('the server', ways, 'Install something.', () => undefined);
    await expect(found).rejects.toThrow(
      'Cannot find or build the server. Tried:\n  - a first way: it is not there\n  - a second way: it cannot be built\nInstall something.',
    );
    const working = { name: 'a third way', find: async () => '/the/server' };
    expect(await firstThatWorks('the server', [...ways, working], '', () => undefined)).toBe('/the/server');
  });

  it('that needs a command which is missing and cannot be installed says which, and what to install', async () => {
    vi.stubEnv('PATH', mkdtempSync(join(tmpdir(), 'onboarding-path-')));
    onTestFinished(() => void vi.unstubAllEnvs());
    await expect(ensureCommand('mvn', ['maven'], () => undefined)).rejects.toThrow(
      'mvn is missing (on Debian: apt-get install maven)',
    );
  });

  it('is kept outside the checkout, whatever the environment says of caches', () => {
    const home = join(homedir(), '.cache', 'verifik-onboarding');
    expect(cacheDir({})).toBe(home);
    for (const odd of ['', 'relative']) expect(cacheDir({ XDG_CACHE_HOME: odd })).toBe(home);
    expect(cacheDir({ XDG_CACHE_HOME: '/caches' })).toBe('/caches/verifik-onboarding');
    expect(cacheDir({ VERIFIK_ONBOARDING_CACHE: '/elsewhere' })).toBe('/elsewhere');
  });

  it('is made once, however many want it at the same time, and never half', async () => {
    vi.stubEnv('VERIFIK_ONBOARDING_CACHE', mkdtempSync(join(tmpdir(), 'onboarding-cache-')));
    onTestFinished(() => void vi.unstubAllEnvs());
    const fails = madeOnce('server', async (directory) => {
      await writeFile(join(directory, 'half'), '');
      throw new Error('the build failed');
    });
    await expect(fails).rejects.toThrow('the build failed');
    expect(readdirSync(cacheDir())).toEqual([]);
    let builds = 0;
    const make = () =>
      madeOnce('server', async (directory) => {
        builds += 1;
        await writeFile(join(directory, 'whole'), '');
      });
    const made = await Promise.all([make(), make(), make()]);
    expect(builds).toBe(1);
    expect(new Set(made).size).toBe(1);
    expect(readdirSync(made[0] ?? '')).toEqual(['whole']);
  });
});
