import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { describe, expect, it } from 'vitest';
import { findNeedles } from '../support/needles.js';

const MAIN = new URL('../../dist/tools/demo/main.js', import.meta.url).pathname;

const start = (...args: string[]) =>
  execa(process.execPath, [MAIN, ...args], { reject: false, env: { TEMPORAL_ADDRESS: '' } });

const lastLine = (stdout: string): unknown => JSON.parse(stdout.split('\n').at(-1) ?? '');

/** The processes that a start told of: its worker, and whatever listens at the addresses it named. */
const leftBehind = async (stdout: string): Promise<readonly string[]> => {
  const [, worker] = stdout.match(/worker {5}process (\d+)/) ?? [];
  const alive = worker !== undefined && existsSync(`/proc/${worker}`) ? [`worker ${worker}`] : [];
  const urls = stdout.match(/http:\/\/127\.0\.0\.1:\d+/g) ?? [];
  const answering = await Promise.all(
    [...new Set(urls)].map((url) =>
      fetch(url).then(
        () => [url],
        () => [],
      ),
    ),
  );
  return [...alive, ...answering.flat()];
};

describe('npm start', () => {
  it('goes through to verified, prints the journey as JSON, leaves no process, and a database in which nothing of the applicant can be found', async () => {
    const db = join(mkdtempSync(join(tmpdir(), 'onboarding-start-')), 'temporal.db');
    const { stdout, exitCode } = await start('--once', '--json', '--db', db);
    expect(exitCode).toBe(0);
    expect(lastLine(stdout)).toMatchObject({
      workflowId: expect.stringMatching(/^onboarding-/),
      outcome: 'verified',
      events: expect.any(Number),
      startMs: expect.any(Number),
      applicant: {
        email: expect.stringContaining('@'),
        phone: expect.stringMatching(/^\d+$/),
        fullName: expect.any(String),
      },
    });
    expect(await leftBehind(stdout)).toEqual([]);
    const { applicant, workflowId } = JSON.parse(stdout.split('\n').at(-1) ?? '');
    // What is new stands in the log that SQLite writes first.
    const stored = Buffer.concat(
      [db, `${db}-wal`].filter((file) => existsSync(file)).map((file) => readFileSync(file)),
    );
    expect(stored.includes(workflowId)).toBe(true);
    const needles = Object.entries(applicant).map(([what, value]) => ({ what, value: String(value) }));
    expect(findNeedles(stored, needles)).toEqual([]);
    expect(stored.toString('latin1')).not.toMatch(/eyJ[\w-]{8,}\.[\w-]{8,}/);
  });

  it.each([
    ['resume', 'storm', 'email,phone,document,biometric', 'client', {}],
    // Registered, what each of the two checks came to, and the end.
    ['recreate', 'flaky', 'email,document', 'http', { via: 'http', callbacks: 4 }],
  ])(
    'goes through under %s, a %s sandbox and with %s required, by %s, for several applicants',
    async (behaviour, faults, required, via, told) => {
      const how = ['--behaviour', behaviour, '--faults', faults, '--require', required, '--via', via];
      const args = [...how, '--applicants', '3'];
      const { stdout, exitCode } = await start('--once', '--json', ...args);
      expect(
        stdout
          .split('\n')
          .slice(-3)
          .map((line) => JSON.parse(line)),
      ).toMatchObject(Array.from({ length: 3 }, () => ({ outcome: 'verified', ...told })));
      expect(exitCode).toBe(0);
      expect(await leftBehind(stdout)).toEqual([]);
    },
  );

  it('compares a population and has all of it asked again, with counts that add up', async () => {
    const { stdout, exitCode } = await start('--once', '--json', '--batch', '12');
    expect(exitCode).toBe(0);
    expect(lastLine(stdout)).toMatchObject({
      audit: { total: 12, results: { drifted: 2, unchanged: 10 } },
      reverify: { total: 12, results: { begun: 12 }, onboardings: { verified: 12 } },
    });
    expect(await leftBehind(stdout)).toEqual([]);
  });

  it('stays up until it is told to stop, with a playground that leads to the codec server, and leaves no process behind', async () => {
    const running = start();
    let told = '';
    await new Promise<void>((resolve) => {
      running.stdout.on('data', (chunk: Buffer) => {
        told += chunk.toString();
        if (told.includes('press Ctrl-C to stop all servers')) resolve();
      });
    });
    const [, playground] = told.match(/^playground (\S+)$/m) ?? [];
    const [, codecServer] = told.match(/^codec {6}([^\s,]+),/m) ?? [];
    const config = await fetch(`${playground}playground/config.json`);
    expect(await config.json()).toMatchObject({ gateway: true, codecServer });
    expect(codecServer).toBeDefined();
    running.kill('SIGINT');
    const { stdout } = await running;
    expect(stdout).toContain('stopping');
    expect(await leftBehind(stdout)).toEqual([]);
  });

  it.each([
    [['--require', 'face'], 'Expected some of email, phone, document, biometric'],
    [['--applicants', '0'], 'Expected a whole number of at least 1'],
    [['--behaviour', 'forget'], 'Allowed choices are recreate, resume'],
  ])('says what is wrong with %j', async (args, said) => {
    const { stderr, exitCode } = await start(...args);
    expect(stderr).toContain(said);
    expect(exitCode).toBe(1);
  });
});
