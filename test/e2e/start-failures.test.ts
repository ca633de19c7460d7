import { existsSync, mkdirSync, mkdtempSync, readdirSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { commandOf, start, stillRunning } from './started-demo.js';

const folder = mkdtempSync(join(tmpdir(), 'onboarding-start-'));

/** Resolves when all servers of a demo run. */
const allRun = (demo: ReturnType<typeof start>): Promise<void> =>
  new Promise((resolve, reject) => {
    let output = '';
    demo.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString();
      if (output.includes('All servers run until')) resolve();
    });
    void demo.then(({ stderr }) => reject(new Error(`the demo has ended: ${stderr}`)));
  });

it('a demo alone has its database file, and ends with an error and its logs if its Temporal server exits', async () => {
  mkdirSync(join(folder, 'real'));
  symlinkSync(join(folder, 'real'), join(folder, 'link'));
  const [file, sameFile] = [join(folder, 'real', 'temporal.db'), join(folder, 'link', 'temporal.db')];
  const demo = start('--db', file);
  await allRun(demo);
  const servers = stillRunning();
  const second = await start('--once', '--db', sameFile);
  expect(second.stderr).toContain(`--db ${file}: another demo uses this file`);
  expect(second.exitCode).toBe(1);
  expect(stillRunning()).toEqual(servers);
  const temporal = servers.find((pid) => commandOf(pid).includes('start-dev'));
  process.kill(Number(temporal), 'SIGKILL');
  const { exitCode, stderr } = await demo;
  expect(stderr).toContain('The Temporal server has exited.');
  expect(exitCode).toBe(1);
  expect(stillRunning()).toEqual([]);
  const [, logs = ''] = stderr.match(/^The logs are in (.*)$/m) ?? [];
  expect(readdirSync(logs)).toEqual(expect.arrayContaining(['gateway.log', 'worker.log']));
});

it('a database file in a folder that does not exist is an error that names the folder', async () => {
  const missing = join(folder, 'missing');
  const { exitCode, stderr } = await start('--once', '--db', join(missing, 'temporal.db'));
  expect(stderr).toContain(`the folder ${missing} does not exist`);
  expect(exitCode).toBe(1);
  expect(existsSync(missing)).toBe(false);
});
