import { existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { beforeAll, describe, expect, it } from 'vitest';
import { findForbiddenValues } from '../../tools/chaos/judging/forbidden-values.js';
import { cacheDir } from '../../tools/servers/cache.js';

const MAIN = new URL('../../dist/tools/demo/main.js', import.meta.url).pathname;

const HOME = mkdtempSync(join(tmpdir(), 'onboarding-home-'));

/** Settings of a user who works with another Temporal server, in the shell and in the home folder. */
const SHELL = {
  ...{ HOME, XDG_CONFIG_HOME: join(HOME, '.config'), NODE_ENV: 'production' },
  ...{ TEMPORAL_ADDRESS: '127.0.0.1:1', TEMPORAL_NAMESPACE: 'other', TEMPORAL_PROFILE: 'other' },
  ...{
    TEMPORAL_API_KEY: 'other',
    TEMPORAL_TLS: 'true',
    TEMPORAL_TLS_CLIENT_CERT_PATH: '/nowhere',
    TEMPORAL_ENV: 'other',
  },
  ...{ ONBOARDING_TASK_QUEUE: 'other', ONBOARDING_CONTACT_KEY_FILE: '/nowhere', ONBOARDING_ENCRYPTION_KEYS: '{}' },
  ...{ ONBOARDING_ENCRYPTION_KEYS_FILE: '/nowhere', ONBOARDING_CONFIG: '/nowhere' },
  ...{ VERIFIK_BASE_URL: 'http://127.0.0.1:1', VERIFIK_CLIENT_TOKEN_FILE: '/nowhere' },
  ...{ GATEWAY_CONFIG: '/nowhere', CODEC_SERVER_CONFIG: '/nowhere', CODEC_SERVER_JWKS_URL: 'other' },
  VERIFIK_ONBOARDING_CACHE: cacheDir(),
};

const CONFIGURATION = '[profile.default]\naddress = "127.0.0.1:1"\napi_key = "other"\n[profile.default.tls]\n';

beforeAll(() => {
  mkdirSync(join(HOME, '.config', 'temporalio'), { recursive: true });
  writeFileSync(join(HOME, '.config', 'temporalio', 'temporal.toml'), CONFIGURATION);
});

const start = (...args: string[]) => execa(process.execPath, [MAIN, ...args], { reject: false, env: SHELL });

const lastLine = (stdout: string): unknown => JSON.parse(stdout.split('\n').at(-1) ?? '');

/** Lists what still runs of a start: its worker process, and the printed addresses that still respond. */
const stillRunning = async (stdout: string): Promise<readonly string[]> => {
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
    expect(await stillRunning(stdout)).toEqual([]);
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

  it.each([
    ['resume', 'storm', 'email,phone,document,biometric', 'client', {}],
    // The callbacks: registered, one for each check, and the end.
    ['recreate', 'flaky', 'email,document', 'http', { via: 'http', callbacks: 4 }],
  ])(
    'verifies several applicants with behaviour %s, faults %s, checks %s, via %s',
    async (behaviour, faults, required, via, expected) => {
      const how = ['--behaviour', behaviour, '--faults', faults, '--require', required, '--via', via];
      const args = [...how, '--applicants', '3'];
      const { stdout, exitCode } = await start('--once', '--json', ...args);
      expect(
        stdout
          .split('\n')
          .slice(-3)
          .map((line) => JSON.parse(line)),
      ).toMatchObject(Array.from({ length: 3 }, () => ({ outcome: 'verified', ...expected })));
      expect(exitCode).toBe(0);
      expect(await stillRunning(stdout)).toEqual([]);
    },
  );

  it('audits and reverifies a population, and the counts of both batches add up', async () => {
    const { stdout, exitCode } = await start('--once', '--json', '--batch', '12');
    expect(exitCode).toBe(0);
    expect(lastLine(stdout)).toMatchObject({
      audit: { total: 12, results: { match: 10, mismatch: 2 } },
      reverify: { total: 12, results: { started: 12 }, onboardings: { verified: 12 } },
    });
    expect(await stillRunning(stdout)).toEqual([]);
  });

  it('runs until SIGINT, has a playground that links to the codec server, and leaves no process', async () => {
    const running = start();
    let output = '';
    await new Promise<void>((resolve) => {
      running.stdout.on('data', (chunk: Buffer) => {
        output += chunk.toString();
        if (output.includes('press Ctrl-C to stop all servers')) resolve();
      });
    });
    const [, playground] = output.match(/^playground (\S+)$/m) ?? [];
    const [, codecServer] = output.match(/^codec {6}([^\s,]+),/m) ?? [];
    const config = await fetch(`${playground}playground/config.json`);
    expect(await config.json()).toMatchObject({ gateway: true, codecServer });
    expect(codecServer).toBeDefined();
    running.kill('SIGINT');
    const { stdout } = await running;
    expect(stdout).toContain('stopping');
    expect(await stillRunning(stdout)).toEqual([]);
  });

  it.each([
    [['--require', 'face'], 'Expected some of email, phone, document, biometric'],
    [['--applicants', '0'], 'Expected a whole number of at least 1'],
    [['--behaviour', 'forget'], 'Allowed choices are recreate, resume'],
  ])('rejects %j with an error that says what is expected', async (args, said) => {
    const { stderr, exitCode } = await start(...args);
    expect(stderr).toContain(said);
    expect(exitCode).toBe(1);
  });
});
