import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { startDevServer } from '../../tools/servers/index.js';
import { openRealServers, type RealServers } from './real-servers.js';

const DIST = new URL('../../dist/', import.meta.url).pathname;

let real: RealServers;

beforeAll(async () => {
  real = await openRealServers();
});

afterAll(() => real.close());

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

  it.each([
    [
      'no keys',
      {},
      'ONBOARDING_ENCRYPTION_KEYS or ONBOARDING_ENCRYPTION_KEYS_FILE: expected the keys that encrypt payloads',
    ],
    [
      'a file of keys that is not there',
      { ONBOARDING_ENCRYPTION_KEYS_FILE: '/nowhere/keys.json' },
      'does not name a readable file',
    ],
  ])('exits with 78 in production with %s', async (_what, keys, said) => {
    const env = {
      VERIFIK_CLIENT_TOKEN: 'a-client-token',
      NODE_ENV: 'production',
      ONBOARDING_METRICS_ADDRESS: '127.0.0.1:0',
      ...keys,
    };
    const { stderr, exitCode } = await run('worker/main.js', [], env);
    expect(stderr).toContain(said);
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
    const server = await startDevServer({
      headless: true,
      searchAttributes: [{ name: 'OnboardingStatus', type: 'INT' }],
    });
    onTestFinished(() => server.stop());
    const { stderr, exitCode } = await run('worker/setup.js', [], { TEMPORAL_ADDRESS: server.address });
    expect(stderr).toContain('Namespace default: OnboardingStatus: expected type KEYWORD, found another');
    expect(exitCode).toBe(1);
    const away = await run('worker/setup.js', [], { TEMPORAL_ADDRESS: '127.0.0.1:1' });
    expect(away.stderr).toMatch(/^The search attributes could not be registered\. .{1,200}$/);
  });
});
