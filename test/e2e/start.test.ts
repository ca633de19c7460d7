import { existsSync, mkdtempSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findForbiddenValues } from '../../tools/chaos/judging/forbidden-values.js';
import { type Ended, type Env, inPipes } from '../cli/running.js';
import { CACHE, commandOf, run, SHELL, start, stillRunning } from './started-demo.js';

const lastLine = (stdout: string): unknown => JSON.parse(stdout.split('\n').at(-1) ?? '');

describe('npm start', () => {
  it('ends with verified, prints the run as JSON, leaves no process, and stores no personal data in readable form', async () => {
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
    expect(stillRunning()).toEqual([]);
    const { applicant, workflowId } = JSON.parse(stdout.split('\n').at(-1) ?? '');
    // SQLite writes new data to its write-ahead log first.
    const stored = Buffer.concat(
      [db, `${db}-wal`].filter((file) => existsSync(file)).map((file) => readFileSync(file)),
    );
    expect(stored.includes(workflowId)).toBe(true);
    const personalData = Object.entries(applicant).map(([what, value]) => ({ what, value: String(value) }));
    expect(findForbiddenValues(stored, personalData)).toEqual([]);
    expect(stored.toString('latin1')).not.toMatch(/eyJ[\w-]{8,}\.[\w-]{8,}/);
  });

  it('verifies several applicants over HTTP, with resumed registrations, faults, and checks of their own', async () => {
    const how = ['--behaviour', 'resume', '--faults', 'flaky', '--require', 'email,document', '--via', 'http'];
    const { stdout, exitCode } = await start('--once', '--json', ...how, '--applicants', '3');
    const runs = stdout.split('\n').slice(-3);
    // The callbacks: registered, one for each check, and the end.
    const expected = { outcome: 'verified', via: 'http', callbacks: 4 };
    expect(runs.map((line) => JSON.parse(line))).toMatchObject([expected, expected, expected]);
    expect(exitCode).toBe(0);
    expect(stillRunning()).toEqual([]);
  });

  it('audits and reverifies a population, and the counts of both batches add up', async () => {
    const { stdout, exitCode } = await start('--once', '--json', '--batch', '12');
    expect(exitCode).toBe(0);
    expect(lastLine(stdout)).toMatchObject({
      audit: { total: 12, results: { match: 10, mismatch: 2 } },
      reverify: { total: 12, results: { started: 12 }, onboardings: { verified: 12 } },
    });
    expect(stillRunning()).toEqual([]);
    const reports = [...stdout.matchAll(/ report (\S+)/g)].map(([, path = '']) => path);
    expect(reports.map((path) => existsSync(path))).toEqual([true, true]);
  });

  it.each([
    [['--require', 'face'], 'Expected some of email, phone, document, biometric'],
    [['--applicants', '0'], 'Expected a whole number of at least 1'],
    [['--batch', '5', '--applicants', '2'], "option '--batch <n>' cannot be used with option '--applicants <n>'"],
  ])('rejects %j with an error that says what is expected', async (args, said) => {
    const { stderr, exitCode } = await start(...args);
    expect(stderr).toContain(said);
    expect(exitCode).toBe(1);
  });
});

const TAKEN = [7233, 8080, 8233];

describe('npm start, after the outcome', () => {
  const taken = TAKEN.map(() => createServer());
  let running: ReturnType<typeof start>;
  let output = '';
  const row = (name: string): string =>
    output.match(new RegExp(`^  ${name} {2,}([^\\s,]+)`, 'm'))?.[1] ?? `no ${name} in: ${output}`;
  const cli = (args: readonly string[], env: Env = {}): Promise<Ended> => inPipes(args, { ...SHELL, ...env });
  const demoFile = (): string => join(CACHE, readdirSync(CACHE).find((name) => name.startsWith('demo-')) ?? 'none');

  beforeAll(async () => {
    // An error means that the port is taken already.
    for (const [index, port] of TAKEN.entries()) taken[index]?.on('error', () => undefined).listen(port, '127.0.0.1');
    // Without its pre-script, which installs and builds everything.
    running = run('npm', ['start', '--ignore-scripts', '--silent'], { detached: true });
    await new Promise<void>((resolve) => {
      running.stdout.on('data', (chunk: Buffer) => {
        output += chunk.toString();
        if (output.includes('npx verifik-onboarding list')) resolve();
      });
    });
  });

  afterAll(() => {
    running.kill('SIGTERM');
    for (const server of taken) server.close();
  });

  it('says once of each port that is taken which one is used instead', () => {
    for (const port of TAKEN) expect(output.split(`port ${port} is taken`)).toHaveLength(2);
    expect(row('Temporal')).not.toBe('127.0.0.1:7233');
  });

  it('prints a request to copy that starts an onboarding, and the playground has a gateway', async () => {
    const [, command = ''] = output.match(/^ {2}(curl .*?)\n\n/ms) ?? [];
    const { stdout } = await execa('bash', ['-c', `${command} --silent`]);
    expect(JSON.parse(stdout)).toMatchObject({ id: 'customer-4711', token: expect.any(String) });
    const config = await fetch(`${row('playground')}/playground/config.json`);
    expect(await config.json()).toMatchObject({ gateway: true, temporalUi: new URL(row('Temporal UI')).origin });
  });

  it('lets the command line find the servers, which are all in order', async () => {
    const { stdout, stderr } = await cli(['list', '--json']);
    expect(stderr).toContain(`using the demo at ${row('Temporal')} (npm start, pid `);
    expect(stdout).toContain('"onboarding-demo:customer-4711"');
    const doctor = await cli(['doctor', '--json']);
    const others = JSON.parse(doctor.stdout).findings.filter(({ state }: { state: string }) => state !== 'ok');
    expect(others).toMatchObject([{ about: 'policies', state: 'skipped' }]);
    expect(statSync(demoFile()).mode & 0o777).toBe(0o600);
  });

  it('has a UI with a codec server that needs no sign-in, and rejects pages of other origins', async () => {
    const ui = new URL(row('Temporal UI')).origin;
    const settings = await fetch(`${ui}/api/v1/settings`);
    expect(await settings.json()).toMatchObject({ Codec: { Endpoint: row('codec server') } });
    const workflow = `${ui}/api/v1/namespaces/default/workflows/onboarding-demo:customer-4711`;
    const history: unknown = await (await fetch(`${workflow}/history`)).json();
    const encrypted = JSON.stringify(history).match(/\{"metadata":\{[^}]*\},"data":"[^"]*"\}/g) ?? [];
    const decode = (origin: string) =>
      fetch(`${row('codec server')}/decode`, {
        method: 'POST',
        headers: { origin, 'content-type': 'application/json', 'x-namespace': 'default' },
        body: `{"payloads": [${encrypted.join(',')}]}`,
      });
    for (const origin of [ui, ui.replace('127.0.0.1', 'localhost')]) {
      const decoded = await (await decode(origin)).text();
      const texts = [...decoded.matchAll(/"data":"([^"]+)"/g)].map(([, data = '']) => atob(data));
      expect(texts.join('\n')).toContain('The Applicant');
    }
    expect((await decode('http://example.com')).status).toBe(403);
  });

  it.each([
    ['worker', () => fetch(row('metrics'))],
    [
      'codec server',
      () => {
        const headers = { origin: new URL(row('Temporal UI')).origin, 'content-type': 'application/json' };
        const init = { method: 'POST', headers: { ...headers, 'x-namespace': 'default' }, body: '{"payloads": []}' };
        return fetch(`${row('codec server')}/decode`, init);
      },
    ],
  ])('starts a %s again that was killed, at the same address', async (service, request) => {
    const isOk = async () => (await request().catch(() => undefined))?.ok;
    const program = `${service.replace(' ', '-')}/main.js`;
    const processes = () => stillRunning().filter((pid) => commandOf(pid).includes(program));
    expect(await isOk()).toBe(true);
    const [killed] = processes();
    process.kill(Number(killed), 'SIGKILL');
    await expect.poll(() => output, { timeout: 10_000 }).toContain(`the ${service} has exited, and is started again`);
    await expect.poll(isOk, { timeout: 20_000 }).toBe(true);
    expect(processes()).not.toEqual([killed]);
  });

  it('leaves no process and no file after Ctrl-C, which npm and the demo receive, and npm passes on', async () => {
    const file = demoFile();
    expect(stillRunning().length).toBeGreaterThan(3);
    process.kill(-(running.pid ?? 0), 'SIGINT');
    expect((await running).exitCode).toBe(0);
    expect(stillRunning()).toEqual([]);
    expect(existsSync(file)).toBe(false);
    expect(existsSync(row('logs'))).toBe(false);
  });
});
