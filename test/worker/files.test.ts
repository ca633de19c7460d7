import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { expect, it } from 'vitest';

const WORKER = new URL('../../dist/worker/main.js', import.meta.url).pathname;

it.each([
  ['endpoints', 'ONBOARDING_CALLBACKS_FILE', undefined, 'expected a file that can be read (no such'],
  [
    'endpoints',
    'ONBOARDING_CALLBACKS_FILE',
    '{"endpoints": {"service": {"url": "https://service.example.com"}}}',
    'endpoints.service.secrets: expected',
  ],
  ['policies', 'ONBOARDING_POLICIES_FILE', '{"policies": {"standard": {}}}', 'policies.standard.version: expected'],
  ['accounts', 'VERIFIK_ACCOUNTS_FILE', '{"accounts": {}}', 'accounts: expected at least one account'],
])('a worker whose file of %s (%s) is %j does not start, and logs the reason', async (what, env, content, said) => {
  const file = join(mkdtempSync(join(tmpdir(), 'onboarding-worker-')), 'file.json');
  if (content !== undefined) writeFileSync(file, content);
  const { stderr, exitCode } = await execa(process.execPath, [WORKER], {
    reject: false,
    env: {
      VERIFIK_CLIENT_TOKEN: 'a-client-token',
      [env]: file,
      ONBOARDING_METRICS_ADDRESS: '127.0.0.1:0',
    },
  });
  expect(stderr).toContain(`The file of ${what} is wrong. ${env} (${file}): `);
  expect(stderr).toContain(said);
  expect(stderr).not.toContain('service.example.com');
  expect(exitCode).toBe(78);
});
