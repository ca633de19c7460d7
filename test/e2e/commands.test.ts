import { join } from 'node:path';
import { execa } from 'execa';
import { describe, expect, it } from 'vitest';

const DIST = new URL('../../dist/', import.meta.url).pathname;

const run = (file: string, args: readonly string[], env: Record<string, string> = {}) =>
  execa(process.execPath, [join(DIST, file), ...args], { reject: false, env });

describe('npm run worker', () => {
  it('names every invalid setting without its value, and exits with 78', async () => {
    const env = { VERIFIK_CLIENT_TOKEN: 'se cret', ONBOARDING_LOG_LEVEL: 'loud', VERIFIK_CLIENT_TOKEN_FILE: '' };
    const { stderr, exitCode } = await run('worker/main.js', [], env);
    expect(exitCode).toBe(78);
    expect(stderr).toContain('VERIFIK_CLIENT_TOKEN: expected a secret of at least 8 characters, without white space');
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
    expect(stderr).toContain(
      'ONBOARDING_ENCRYPTION_KEYS_FILE (/nowhere/keys.json): expected a file that can be read (no such',
    );
    expect(exitCode).toBe(78);
  });
});
