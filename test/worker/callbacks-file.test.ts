import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { expect, it } from 'vitest';

const WORKER = new URL('../../dist/worker/main.js', import.meta.url).pathname;

it.each([
  ['does not exist', undefined, 'expected a file that can be read (no such'],
  [
    'is invalid',
    '{"endpoints": {"service": {"url": "https://service.example.com"}}}',
    'endpoints.service.secrets: expected',
  ],
])('a worker whose file of endpoints %s does not start, and logs the reason', async (_what, content, said) => {
  const file = join(mkdtempSync(join(tmpdir(), 'onboarding-callbacks-')), 'callbacks.json');
  if (content !== undefined) writeFileSync(file, content);
  const { stderr, exitCode } = await execa(process.execPath, [WORKER], {
    reject: false,
    env: {
      VERIFIK_CLIENT_TOKEN: 'a-client-token',
      ONBOARDING_CALLBACKS_FILE: file,
      ONBOARDING_METRICS_ADDRESS: '127.0.0.1:0',
    },
  });
  expect(stderr).toContain(`The file of endpoints is wrong. ONBOARDING_CALLBACKS_FILE (${file}): `);
  expect(stderr).toContain(said);
  expect(stderr).not.toContain('service.example.com');
  expect(exitCode).toBe(78);
});
