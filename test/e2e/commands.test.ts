import { join } from 'node:path';
import { execa } from 'execa';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startDevServer } from '../../tools/servers/index.js';
import { opened } from '../support/opened.js';
import { openRealServers } from './real-servers.js';

const DIST = new URL('../../dist/', import.meta.url).pathname;

const real = opened(() => openRealServers());

const run = (file: string, args: readonly string[], env: Record<string, string> = {}) =>
  execa(process.execPath, [join(DIST, file), ...args], { reject: false, env });

describe('npm run worker', () => {
  it('names every invalid setting without its value, and exits with 78', async () => {
    const env = { VERIFIK_CLIENT_TOKEN: 'se cret', ONBOARDING_LOG_LEVEL: 'loud', VERIFIK_CLIENT_TOKEN_FILE: '' };
    const { stderr, exitCode } = await run('worker/main.js', [], env);
    expect(exitCode).toBe(78);
    expect(stderr).toContain('VERIFIK_CLIENT_TOKEN: expected a secret without white space');
    expect(stderr).toContain('ONBOARDING_LOG_LEVEL: expected debug, info, warn or error');
    expect(stderr).not.toContain('se cret');
  });

  it('exits with 78 if the file of keys cannot be read', async () => {
    const env = {
      VERIFIK_CLIENT_TOKEN: 'a-client-token',
      ONBOARDING_METRICS_ADDRESS: '127.0.0.1:0',
      ONBOARDING_ENCRYPTION_KEYS_FILE: '/nowhere/keys.json',
    };
    const { stderr, exitCode } = await run('worker/main.js', [], env);
    expect(stderr).toContain('does not name a readable file');
    expect(exitCode).toBe(78);
  });

  it('logs an error and exits with 1 if Temporal is unreachable', async () => {
    const env = {
      VERIFIK_CLIENT_TOKEN: 'a-client-token',
      TEMPORAL_ADDRESS: '127.0.0.1:1',
      ONBOARDING_METRICS_ADDRESS: '127.0.0.1:0',
    };
    const { stdout, exitCode } = await run('worker/main.js', [], env);
    expect(exitCode).toBe(1);
    expect(stdout).toContain('"msg":"worker failed"');
  });
});

describe('npm run temporal:setup', () => {
  it('registers missing search attributes, and can be repeated', async () => {
    const env = { TEMPORAL_ADDRESS: real.address };
    const { stdout } = await run('worker/setup.js', [], env);
    expect(stdout).toMatch(/^Namespace default: 0 added, 12 there already\.$/);
  });

  it('fails for a namespace with a search attribute of another type, and for an unreachable address', async () => {
    const unreachable = run('worker/setup.js', [], { TEMPORAL_ADDRESS: '127.0.0.1:1' });
    const server = await startDevServer({
      headless: true,
      searchAttributes: [{ name: 'OnboardingStatus', type: 'INT' }],
    });
    onTestFinished(() => server.stop());
    const { stderr, exitCode } = await run('worker/setup.js', [], { TEMPORAL_ADDRESS: server.address });
    expect(stderr).toContain('Namespace default: OnboardingStatus: expected type KEYWORD, found another');
    expect(exitCode).toBe(1);
    expect((await unreachable).stderr).toMatch(/^The search attributes could not be registered\. .{1,200}$/);
  });
});
