import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { describe, expect, it } from 'vitest';
import { createControl } from '../../../tools/sandbox/index.js';

const MAIN = fileURLToPath(new URL('../../../dist/tools/sandbox/main.js', import.meta.url));
const run = (...args: readonly string[]) => execa('node', [MAIN, ...args], { reject: false });

describe('the standalone sandbox', () => {
  it.each(['SIGINT', 'SIGTERM'] as const)(
    'the sandbox prints its URL and settings, applies controls, and stops on %s',
    async (signal) => {
      const sandbox = run(
        '--port',
        '0',
        '--seed',
        '3',
        '--behaviour',
        'resume',
        '--faults',
        'flaky',
        '--set',
        'latencyMs=1',
      );
      let said = '';
      sandbox.stdout.on('data', (text: Buffer) => {
        said += text.toString();
      });
      await expect.poll(() => said, { timeout: 20_000 }).toContain('Controls: ');
      const [, url = ''] = said.match(/(http:\/\/127\.0\.0\.1:\d+)\/v2/) ?? [];
      const [, token = ''] = said.match(/Client token.*: (\S+)/) ?? [];
      const answer = await fetch(`${url}/v2/app-registrations`, { headers: { authorization: `Bearer ${token}` } });
      expect([200, 503]).toContain(answer.status);
      const control = createControl(url);
      expect(await control.settings()).toMatchObject({ reRegistration: 'resume', latencyMs: 1 });
      expect(said).toContain('"latencyMs":1');
      sandbox.kill(signal);
      expect(await sandbox).toMatchObject({ exitCode: 0 });
    },
  );

  it.each([
    [['--port', 'x'], 'Expected a whole number'],
    [['--set', 'latencyMs=-1'], 'latencyMs: expected a whole number from 0'],
    [['--set', 'nothing=1'], 'nothing: no such field'],
    [['--webhook-url', 'nowhere'], 'webhookUrl: expected an http or https URL'],
    [['--faults', 'rain'], 'Allowed choices are calm, flaky, storm'],
  ])('the sandbox does not start with %j and names the wrong field', async (args, words) => {
    const { exitCode, stderr } = await run(...args);
    expect(stderr).toContain(words);
    expect(exitCode).toBe(1);
  });
});
