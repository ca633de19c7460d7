import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { EXITS } from '../../cli/exit-codes.js';
import { workflowIdOfBatch } from '../../contract/revalidation.js';
import { openRealServers, type RealServers } from '../e2e/real-servers.js';
import { newKey, writeKeys } from '../support/encryption-keys.js';
import { atTerminal, type Ended, type Env, inPipes, inThisProcess, useEnv } from './running.js';

let real: RealServers;
let env: Env;
let restoreEnv: (() => void) | undefined;
let everybody: readonly string[];

const MANY = 200;
const open = new Set<() => void>();

beforeAll(async () => {
  real = await openRealServers();
  await real.sandbox.control.population({ count: MANY, drift: { expired: 2, forgotten: 1 } });
  everybody = await real.sandbox.control.ids();
  await real.startWorker({ callsPerSecond: 500, contactKey: 'a-key-for-the-tests' });
  env = {
    TEMPORAL_ADDRESS: real.address,
    ONBOARDING_ENCRYPTION_KEYS_FILE: real.keysFile,
    ONBOARDING_BATCH_FOLDER: join(dirname(real.logFile), 'batches'),
  };
  restoreEnv = useEnv(env);
});

afterEach(() => {
  for (const kill of open) kill();
  open.clear();
});

afterAll(async () => {
  restoreEnv?.();
  await real?.close();
});

const run = (args: readonly string[], change?: Env): Promise<Ended> =>
  change === undefined && !args.includes('report') ? inThisProcess(args) : inPipes(args, { ...env, ...change });

const runJson = async (args: readonly string[]) => {
  const { stdout, stderr, exitCode } = await run([...args, '--json']);
  const lines = stdout.split('\n').filter((line) => line !== '');
  return {
    exitCode,
    documents: lines.map((line) => JSON.parse(line)),
    error: stderr === '' ? undefined : JSON.parse(stderr).error,
  };
};

const sit = (args: readonly string[]) => {
  const terminal = atTerminal(args, env);
  open.add(terminal.kill);
  return terminal;
};

const fileWith = (name: string, content: string): string => {
  const path = join(mkdtempSync(join(tmpdir(), 'onboarding-cli-')), name);
  writeFileSync(path, content);
  return path;
};

const UNREADABLE = fileWith('ids.csv', 'phone;registro\n3001234567;x\n');

const start = (id: string, ...flags: readonly string[]) =>
  run(['batch', 'start', '--id', id, '--mode', 'audit', ...flags]);

describe('a batch on the command line', () => {
  it('can be started, watched to its end and reported', async () => {
    const { stdout, exitCode } = await start('whole', '--project', real.sandbox.project, '--watch');
    expect(exitCode).toBe(EXITS.ok.code);
    const lines = stdout.split('\n');
    expect(lines.at(-2)).toMatch(/^\S+Z ended; 100 % {2}199 of 199; /);
    expect(lines.at(-1)).toBe('whole has ended; 199 registrations (197 unknownHere, 2 expired)');
    const again = await run(['batch', 'watch', 'whole']);
    expect(again.stdout.split('\n')).toEqual([expect.stringMatching(/ ended; /), lines.at(-1)]);
    const report = await run(['batch', 'report', 'whole']);
    expect(report.stdout).toContain('unknownHere');
    const path = join(mkdtempSync(join(tmpdir(), 'onboarding-cli-')), 'report.csv');
    expect(await run(['batch', 'report', 'whole', '-o', path])).toMatchObject({ exitCode: 0, stdout: '' });
    expect(readFileSync(path, 'utf8').trim().split('\n').length).toBeGreaterThanOrEqual(199);
    const { stdout: json } = await run(['batch', 'report', 'whole', '--json']);
    expect(JSON.stringify(JSON.parse(json))).toContain('"unknownHere":197');
    expect(await run(['batch', 'report', 'whole', '-o', '/nowhere/report.csv'])).toMatchObject({
      exitCode: EXITS.usage.code,
      stderr: 'error: --output (/nowhere/report.csv): expected a file that can be written (no such file or directory)',
    });
    const html = await run(['batch', 'report', 'whole', '--format', 'html']);
    expect(html.stdout).toMatch(/^<!doctype html>/i);
  });

  it('accepts a file of ids, and rejects another file under the same id', async () => {
    const [first = ''] = everybody;
    const rows = [...everybody.slice(0, 20), first.toUpperCase(), 'not an id'].map((id) => `Ana Ayala,${id}\n`);
    const file = fileWith('ids.csv', `name,id\n${rows.join('')}`);
    const flags = ['--ids-file', file, '--rate', '100'];
    const understood = `The file has 21 ids, 1 of them repeated: ${everybody.slice(0, 5).join(', ')}, …\nLines without an id, which are skipped: 1 (23)`;
    const begun = await start('filed', ...flags);
    expect(begun).toMatchObject({ exitCode: 0, stdout: `filed was started.\n${understood}` });
    const { documents, exitCode } = await runJson(['batch', 'watch', 'filed']);
    expect(exitCode).toBe(0);
    expect(documents.at(-1).result).toMatchObject({ batch: 'filed', results: { repeated: 1 }, total: 21, badLines: 1 });
    expect(documents.at(-2)).toMatchObject({ status: 'ended', scan: { counts: { total: 21 } } });
    expect(documents.at(-2).request).toBeUndefined();
    const again = await runJson(['batch', 'start', '--id', 'filed', '--mode', 'audit', ...flags]);
    expect(again.documents).toMatchObject([{ existed: true, file: { ids: 21, badLines: 1, firstBadLines: [23] } }]);
    const folder = join(env['ONBOARDING_BATCH_FOLDER'] ?? '', 'filed');
    expect(readFileSync(join(folder, 'source'), 'utf8')).toContain(everybody[19]);
    const paths = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    for (const { parentPath, name } of paths)
      expect(readFileSync(join(parentPath, name), 'utf8')).not.toContain('Ayala');
    const other = await start('filed', '--ids-file', fileWith('ids.csv', `${first}\n`), '--rate', '100');
    expect(other).toMatchObject({ exitCode: EXITS.refused.code, stderr: expect.stringContaining('another file') });
  });

  it('is shown with a bar and counts on a terminal while it is paused, changed and resumed', async () => {
    const flags = ['--ids', everybody.join(','), '--rate', '5'];
    const watching = sit(['batch', 'start', '--id', 'drawn', '--mode', 'audit', ...flags, '--watch']);
    const screen = () => stripVTControlCharacters(watching.screen());
    await expect.poll(screen).toMatch(/█+░+ \d+ % {2}\d+ of 200/);
    await expect.poll(screen).toMatch(/at most 5 calls a second, done in \d+ second/);
    expect(await run(['batch', 'pause', 'drawn'])).toMatchObject({ exitCode: 0, stdout: 'drawn is pausing.' });
    await expect.poll(screen).toContain('drawn: paused');
    // The current chunk still writes its results.
    const handle = real.temporal.workflow.getHandle(workflowIdOfBatch('drawn'));
    await expect.poll(async () => (await handle.describe()).raw.pendingActivities).toEqual([]);
    const soFar = await run(['batch', 'report', 'drawn', '--json']);
    expect(soFar.stderr).toBe('The batch has not completed (paused): the report contains its results so far.');
    const { total, unfinished, results, endedAt } = JSON.parse(soFar.stdout);
    const sum = Object.values<number>(results).reduce((a, b) => a + b, 0);
    expect({ unfinished, sum, endedAt }).toEqual({ unfinished: 'paused', sum: total, endedAt: undefined });
    const rows = (await run(['batch', 'report', 'drawn', '--format', 'csv'])).stdout.split('\n');
    expect(rows).toHaveLength(total + 2);
    expect(rows.at(-1)).toBe(`,,unfinished,,,,,,it is paused: ${total} registrations so far`);
    const { documents } = await runJson(['batch', 'rate', 'drawn', '100.5']);
    expect(documents).toEqual([{ batch: 'drawn', callsPerSecond: 100.5 }]);
    expect(await run(['batch', 'resume', 'drawn'])).toMatchObject({ exitCode: 0 });
    const { exitCode } = await watching.ended;
    expect(exitCode).toBe(0);
    expect(screen()).toMatch(/unknownHere +197 +Verifik has the registration, but no onboarding of it is known/);
    expect(screen()).toContain('drawn has ended; 200 registrations');
  });

  it('that finds nothing in the list says so, and `watch` exits with `notFound`', async () => {
    const warning = "Nothing was found. The source was Verifik's list of project elsewhere: check its ids and filters.";
    expect(await start('nothing', '--project', 'elsewhere', '--watch')).toMatchObject({
      exitCode: EXITS.notFound.code,
      stderr: `Warning: ${warning}`,
    });
    expect((await run(['batch', 'status', 'nothing'])).stdout).toContain(`warning       ${warning}`);
    expect((await run(['batch', 'report', 'nothing'])).stdout).toContain(`Warning: ${warning}`);
    const due = await start('none-due', '--due-within', '1m', '--project', 'elsewhere', '--watch');
    expect(due).toMatchObject({ exitCode: 0, stderr: expect.stringContaining('Warning: Nothing was found.') });
  });

  it('is listed with its onboardings by a process that does not have their keys', async () => {
    const [id = ''] = everybody.slice(20);
    const flags = ['--mode', 'reverify', '--checks', 'document', '--ids', id];
    expect(await run(['batch', 'start', '--id', 'foreign', ...flags])).toMatchObject({ exitCode: 0 });
    const keysFile = fileWith('keys.json', '');
    writeKeys(keysFile, 'another', { another: newKey() });
    const listed = async (...args: readonly string[]) => {
      const { stdout, stderr } = await run([...args, '--json'], { ONBOARDING_ENCRYPTION_KEYS_FILE: keysFile });
      expect(stderr).toBe('');
      return stdout.split('\n').filter((line) => line !== '');
    };
    await expect.poll(() => listed('list')).toContainEqual(expect.stringContaining(`"workflowId":"reverify-${id}"`));
    const batches = (await listed('batch', 'list')).map((line) => JSON.parse(line));
    expect(batches.find(({ batch }) => batch === 'foreign')).toMatchObject({ execution: 'RUNNING' });
    expect(await listed('review', 'list')).toEqual([]);
    expect(await run(['batch', 'cancel', 'foreign', '--withdraw'])).toMatchObject({ exitCode: 0 });
  });

  it('that is cancelled withdraws its onboardings, and `watch` exits with `stopped`', async () => {
    const ids = everybody.slice(10, 14).join(',');
    const flags = ['--mode', 'reverify', '--checks', 'email,document', '--tariff', 'document=4', '--rate', '100'];
    expect(await run(['batch', 'start', '--id', 'asked', '--ids', ids, ...flags])).toMatchObject({ exitCode: 0 });
    const status = async () => (await runJson(['batch', 'status', 'asked'])).documents[0];
    await expect.poll(status).toMatchObject({ status: 'waiting', onboardings: { running: 4 } });
    const watching = run(['batch', 'watch', 'asked']);
    expect(await run(['batch', 'cancel', 'asked', '--withdraw'])).toMatchObject({ exitCode: 0 });
    const { exitCode, stdout } = await watching;
    expect(exitCode).toBe(EXITS.stopped.code);
    expect(stdout).toContain('asked was cancelled; 4 registrations (4 started); 20 credits; onboardings: 4 withdrawn');
    expect((await run(['batch', 'status', 'asked'])).stdout).toContain('asked: cancelled');
    expect(await run(['batch', 'pause', 'asked'])).toMatchObject({
      exitCode: EXITS.refused.code,
      stderr: 'error: The batch has already ended: see its status or its report.',
    });
  });

  it('is listed by status', async () => {
    await start('listed', '--ids', everybody.join(','), '--rate', '0.5');
    const listed = async (...flags: readonly string[]) =>
      (await runJson(['batch', 'list', ...flags])).documents.filter(({ batch }) => batch === 'listed');
    await expect.poll(() => listed('--running')).toMatchObject([{ status: 'scanning', mode: 'audit' }]);
    expect(await listed('--status', 'ended')).toEqual([]);
    expect((await run(['batch', 'list'])).stdout).toMatch(/\nlisted +audit +scanning /);
    expect((await run(['batch', 'list', '--limit', '1'])).stderr).toContain('There are more');
    await real.temporal.workflow.getHandle(workflowIdOfBatch('listed')).terminate();
    expect((await run(['batch', 'status', 'listed'])).stdout).toContain('listed: terminated (scanning before)');
    expect((await run(['batch', 'report', 'listed'])).stdout).toContain(
      '**Ended**: not yet: it was stopped in Temporal',
    );
  });

  it.each([
    ['no id', ['--mode', 'audit', '--project', 'p'], '--id: expected this option: the batch'],
    ['no mode', ['--id', 'x', '--project', 'p'], '--mode: expected audit or reverify'],
    ['no source', ['--id', 'x', '--mode', 'audit'], '--project: expected one of --project, --due-within'],
    [
      'two sources',
      ['--id', 'x', '--mode', 'audit', '--due-within', '30d', '--ids', '65f0a1b2c3d4e5f601234567'],
      '--project: expected one of',
    ],
    [
      'a status for due customers',
      ['--id', 'x', '--mode', 'audit', '--due-within', '30d', '--project', 'p', '--status', 'failed'],
      '--status: expected this option only together with --project',
    ],
    ['no checks', ['--id', 'x', '--mode', 'reverify', '--project', 'p'], '--checks: expected at least one of'],
    [
      'a rate below one a minute',
      ['--id', 'x', '--mode', 'audit', '--project', 'p', '--rate', '0.016'],
      '--rate: expected a number from 0.017 (one call a minute)',
    ],
    [
      'an invalid day',
      ['--id', 'x', '--mode', 'audit', '--project', 'p', '--created-after', '31.1.2026'],
      '--created-after: expected a date',
    ],
    [
      'an empty range of dates',
      [
        ...['--id', 'x', '--mode', 'audit', '--project', 'p'],
        '--created-after',
        '2026-02-01',
        '--created-before',
        '2026-01-01',
      ],
      '--created-before: expected a time after --created-after',
    ],
    [
      'a status for ids',
      ['--id', 'x', '--mode', 'audit', '--ids', '65f0a1b2c3d4e5f601234567', '--status', 'failed'],
      '--status: expected this option only together with --project',
    ],
    [
      'an invalid price',
      ['--id', 'x', '--mode', 'audit', '--project', 'p', '--tariff', 'email'],
      '--tariff: expected prices such as',
    ],
    [
      'a file of an unknown format',
      ['--id', 'x', '--mode', 'audit', '--ids-file', 'ids.txt'],
      '--ids-file (ids.txt): expected a file whose name',
    ],
    [
      'a file whose header is not understood',
      ['--id', 'x', '--mode', 'audit', '--ids-file', UNREADABLE],
      `--ids-file (${UNREADABLE}): expected a header with the column appRegistrationId`,
    ],
    [
      'a missing file',
      ['--id', 'x', '--mode', 'audit', '--ids-file', 'nowhere.csv'],
      '--ids-file (nowhere.csv): expected a file that can be read (no such file or directory)',
    ],
  ] as const)('is rejected with %s', async (_what, flags, message) => {
    const { exitCode, stderr } = await run(['batch', 'start', ...flags]);
    expect(stderr).toContain(`error: ${message}`);
    expect(exitCode).toBe(EXITS.usage.code);
  });

  it('without a worker is watched no longer than the timeout', async () => {
    const nobody = { ONBOARDING_TASK_QUEUE: 'nobody' };
    const flags = ['--id', 'unserved', '--mode', 'audit', '--ids', '65f0a1b2c3d4e5f601234567'];
    expect(await run(['batch', 'start', ...flags], nobody)).toMatchObject({ exitCode: 0 });
    const from = Date.now();
    const { exitCode } = await run(['batch', 'watch', 'unserved', '--timeout', '2'], nobody);
    expect(exitCode).toBe(EXITS.unavailable.code);
    expect(Date.now() - from).toBeLessThan(20_000);
  });

  it('that does not exist, or has no report, causes the exit code `notFound`', async () => {
    const notFound = EXITS.notFound.code;
    const stderr =
      'error: there is no batch with this id. Check the id and the namespace. See verifik-onboarding batch list.';
    for (const command of ['status', 'watch', 'cancel'])
      expect(await run(['batch', command, 'nobody'])).toMatchObject({ exitCode: notFound, stderr });
    const report = await run(['batch', 'report', 'nobody']);
    expect(report).toMatchObject({
      exitCode: notFound,
      stderr: expect.stringMatching(/^error: There is no batch with this id .*ONBOARDING_BATCH_FOLDER/),
    });
    expect(await run(['batch', 'status'])).toMatchObject({ exitCode: EXITS.usage.code });
  });
});

describe('a schedule on the command line', () => {
  it('can be created, shown, paused, resumed, triggered and deleted', async () => {
    const flags = [
      '--cron',
      '0 3 * * MON',
      '--time-zone',
      'america/bogota',
      '--mode',
      'audit',
      '--ids',
      '65f0a1b2c3d4e5f601234567',
    ];
    const create = () => run(['schedule', 'create', '--id', 'weekly', ...flags, '--note', 'each week']);
    const created = await create();
    expect(created).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('weekly was created.\nnext ') });
    expect(created.stdout.split('\n')).toHaveLength(6);
    expect(await create()).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('weekly exists already.') });
    const { stdout } = await run(['schedule', 'show', 'weekly']);
    expect(stdout).toContain('weekly: active (each week)');
    expect(stdout).toContain('0 3 * * MON (America/Bogota)');
    await expect.poll(async () => (await run(['schedule', 'list'])).stdout).toMatch(/\nweekly +0 3 \* \* MON/);
    await run(['schedule', 'pause', 'weekly', '--note', 'holidays']);
    const shown = async () => (await runJson(['schedule', 'show', 'weekly'])).documents[0];
    expect(await shown()).toMatchObject({ paused: true, note: 'holidays', request: { mode: 'audit' } });
    await run(['schedule', 'resume', 'weekly']);
    await run(['schedule', 'trigger', 'weekly']);
    await expect.poll(shown).toMatchObject({ paused: false, started: 1, last: [{ batch: expect.any(String) }] });
    const { last } = await shown();
    expect((await run(['batch', 'watch', last[0].batch])).exitCode).toBe(0);
    expect(await run(['schedule', 'delete', 'weekly'])).toMatchObject({ exitCode: 0, stdout: 'weekly was deleted.' });
    expect(await run(['schedule', 'show', 'weekly'])).toMatchObject({
      exitCode: EXITS.notFound.code,
      stderr: expect.stringMatching(/no schedule with this id\. .* See verifik-onboarding schedule list\.$/),
    });
  });

  it.each([
    ['no time', ['--mode', 'audit', '--project', 'p'], '--cron: expected cron or every'],
    [
      'an invalid cron expression',
      ['--cron', 'x', '--mode', 'audit', '--project', 'p'],
      '--cron: expected five fields',
    ],
    [
      'an unknown time zone',
      ['--cron', '@daily', '--time-zone', 'Bogota', '--mode', 'audit', '--project', 'p'],
      '--time-zone: expected a time zone',
    ],
    ['an invalid interval', ['--every', '6', '--mode', 'audit', '--project', 'p'], '--every: expected a duration'],
    [
      'a delay that is too long',
      ['--every', '6h', '--jitter', '2d', '--mode', 'audit', '--project', 'p'],
      '--jitter: expected a duration in m, h or d from 0m to 1d',
    ],
    [
      'a window that is too short',
      ['--every', '6h', '--catch-up', '0m', '--mode', 'audit', '--project', 'p'],
      '--catch-up: expected a duration in m, h or d from 1m to 366d',
    ],
    ['no checks', ['--every', '6h', '--mode', 'reverify', '--project', 'p'], '--checks: expected at least one'],
  ] as const)('is rejected with %s', async (_what, flags, message) => {
    const { exitCode, stderr } = await run(['schedule', 'create', '--id', 'wrong', ...flags]);
    expect(stderr).toContain(`error: ${message}`);
    expect(exitCode).toBe(EXITS.usage.code);
  });
});
