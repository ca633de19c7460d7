import { mkdtempSync, readdirSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { Connection } from '@temporalio/client';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { cacheFolder } from '../../../shared/folders.js';
import { madeOnce } from '../../../tools/servers/cache.js';
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
  it('serves the UI, the namespace and the search attributes, and its process exits on stop', async () => {
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

  it('rejects with its own output if its port is in use', async () => {
    const blocker = createServer();
    await new Promise<void>((resolve) => blocker.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void blocker.close());
    const address = blocker.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    await expect(startDevServer({ port, headless: true })).rejects.toThrow(
      /exited before it served.*address already in use/s,
    );
  });
});

describe('finding a server', () => {
  it('fails with every way that was tried and a hint, and succeeds if one way works', async () => {
    const failing = (name: string, reason: string) => ({ name, find: () => Promise.reject(new Error(reason)) });
    const ways = [failing('a first way', 'it is not there'), failing('a second way', 'it cannot be built')];
    const found = firstThatWorks('the server', ways, 'Install something.', () => undefined);
    await expect(found).rejects.toThrow(
      'Cannot find or build the server. Tried:\n  - a first way: it is not there\n  - a second way: it cannot be built\nInstall something.',
    );
    const working = { name: 'a third way', find: async () => '/the/server' };
    expect(await firstThatWorks('the server', [...ways, working], '', () => undefined)).toBe('/the/server');
  });

  it('fails with the missing command and its package if the package cannot be installed', async () => {
    vi.stubEnv('PATH', mkdtempSync(join(tmpdir(), 'onboarding-path-')));
    onTestFinished(() => void vi.unstubAllEnvs());
    await expect(ensureCommand('mvn', ['maven'], () => undefined)).rejects.toThrow(
      'mvn is missing (on Debian: apt-get install maven)',
    );
  });

  it('uses a cache outside of the checkout, as the environment variables define it', () => {
    const home = join(homedir(), '.cache', 'verifik-onboarding');
    expect(cacheFolder({})).toBe(home);
    for (const odd of ['', 'relative']) expect(cacheFolder({ XDG_CACHE_HOME: odd })).toBe(home);
    expect(cacheFolder({ XDG_CACHE_HOME: '/caches' })).toBe('/caches/verifik-onboarding');
    expect(cacheFolder({ VERIFIK_ONBOARDING_CACHE: '/elsewhere' })).toBe('/elsewhere');
  });

  it('builds once for concurrent callers and leaves nothing of a failed build', async () => {
    vi.stubEnv('VERIFIK_ONBOARDING_CACHE', mkdtempSync(join(tmpdir(), 'onboarding-cache-')));
    onTestFinished(() => void vi.unstubAllEnvs());
    const fails = madeOnce('server', async (directory) => {
      await writeFile(join(directory, 'half'), '');
      throw new Error('the build failed');
    });
    await expect(fails).rejects.toThrow('the build failed');
    expect(readdirSync(cacheFolder())).toEqual([]);
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
