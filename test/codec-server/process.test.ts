import { mkdtempSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { afterEach, describe, expect, it } from 'vitest';
import { newKeysFile } from '../support/encryption-keys.js';
import { bearer, newToken, writeTokens } from './running.js';

const MAIN = fileURLToPath(new URL('../../dist/codec-server/main.js', import.meta.url));

const start = (env: Record<string, string>) => execa('node', [MAIN], { env, reject: false });

const ending: (() => void)[] = [];

afterEach(() => {
  for (const end of ending.splice(0)) end();
});

const tokensFileWith = (...entries: readonly unknown[]): string => {
  const path = join(mkdtempSync(join(tmpdir(), 'codec-server-')), 'tokens.json');
  writeTokens(path, ...entries);
  return path;
};

const OPERATOR = newToken('operator', 'masked').entry;

const ANYWHERE = { CODEC_SERVER_ADDRESS: '127.0.0.1:0', CODEC_SERVER_METRICS_ADDRESS: '127.0.0.1:0' };

describe('the process of the codec server', () => {
  it.each([
    ['there are no credentials', {}, 'CODEC_SERVER_TOKENS_FILE or CODEC_SERVER_JWKS_URL'],
    ['a setting is wrong', { CODEC_SERVER_TOKENS_FILE: '/x', ONBOARDING_LOG_LEVEL: 'loud' }, 'ONBOARDING_LOG_LEVEL'],
    ['the file of tokens is missing', { CODEC_SERVER_TOKENS_FILE: '/nowhere.json' }, 'The file of tokens'],
    ['the file of tokens is wrong', { CODEC_SERVER_TOKENS_FILE: tokensFileWith({ name: 'x', role: 'all' }) }, '0.role'],
    [
      'a token has two roles',
      {
        CODEC_SERVER_TOKENS_FILE: tokensFileWith(
          { ...OPERATOR, role: 'masked' },
          { ...OPERATOR, name: 'again', role: 'personal-data' },
        ),
      },
      '1.sha256: expected another one than that of entry 0',
    ],
    [
      'the file of tokens is empty',
      { CODEC_SERVER_TOKENS_FILE: tokensFileWith() },
      'expected a list of one or more tokens',
    ],
    [
      'the keys are missing',
      { CODEC_SERVER_TOKENS_FILE: tokensFileWith(OPERATOR), ONBOARDING_ENCRYPTION_KEYS_FILE: '/nowhere.json' },
      'ONBOARDING_ENCRYPTION_KEYS_FILE',
    ],
  ])('does not start if %s, and says so', async (_what, env, words) => {
    const { exitCode, stderr } = await start({ ...ANYWHERE, ONBOARDING_ENCRYPTION_KEYS_FILE: newKeysFile(), ...env });
    expect(stderr).toContain(words);
    expect(exitCode).toBe(78);
  });

  it.each(['SIGTERM', 'SIGINT'] as const)('completes requests in flight on %s, and stops', async (signal) => {
    const { token, entry } = newToken('operator', 'masked');
    const server = start({
      ...ANYWHERE,
      NODE_ENV: 'production',
      CODEC_SERVER_TOKENS_FILE: tokensFileWith(entry),
      ONBOARDING_ENCRYPTION_KEYS_FILE: newKeysFile(),
    });
    ending.push(() => server.kill('SIGKILL'));
    let said = '';
    server.stdout.on('data', (text: Buffer) => {
      said += text.toString();
    });
    await expect.poll(() => said).toContain('codec server started');
    const { url, metrics } = JSON.parse(said);
    expect((await fetch(`${url}/readyz`)).status).toBe(200);

    const headers = { 'content-type': 'application/json', ...bearer(token) };
    const asking = request(`${url}/decode`, { method: 'POST', headers });
    const answered = new Promise<number | undefined>((resolve, reject) => {
      asking.on('response', (response) => resolve(response.resume().statusCode)).on('error', reject);
    });
    // A response on another connection shows that the server has received the headers and half of the body.
    await new Promise((resolve) => asking.write('{"payloads":', resolve));
    expect((await fetch(`${metrics}/metrics`)).status).toBe(200);
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    server.kill(signal);
    await expect.poll(() => said).toContain('codec server stopping');
    asking.end('[]}');
    expect(await answered).toBe(200);
    expect(await server).toMatchObject({ exitCode: 0 });
    expect(said).toContain('codec server stopped');
  });
});
