import { once } from 'node:events';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { msToTs } from '@temporalio/common/lib/time.js';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newToken } from '../codec-server/running.js';
import { newKey } from '../gateway/running.js';
import { openTemporal, type TemporalAlone } from '../gateway/temporal.js';
import { newFailingProvider, newKeysFile, PROVIDER_SECRET } from '../support/encryption-keys.js';

let alone: TemporalAlone;
let env: Record<string, string>;
const ending: (() => void)[] = [];

beforeAll(async () => {
  alone = await openTemporal();
  const folder = mkdtempSync(join(tmpdir(), 'startup-'));
  const [apiKeys, tokens] = [join(folder, 'api-keys.json'), join(folder, 'tokens.json')];
  writeFileSync(apiKeys, JSON.stringify([newKey('shop').entry]));
  writeFileSync(tokens, JSON.stringify([newToken('operator', 'masked').entry]));
  env = {
    NODE_ENV: 'production',
    TEMPORAL_ADDRESS: alone.server.address,
    ONBOARDING_ENCRYPTION_KEYS_FILE: newKeysFile(),
    ONBOARDING_CONTACT_KEY: 'a-key-for-the-tests',
    VERIFIK_CLIENT_TOKEN: 'a-client-token',
    GATEWAY_KEYS_FILE: apiKeys,
    CODEC_SERVER_TOKENS_FILE: tokens,
    GATEWAY_ADDRESS: '127.0.0.1:0',
    CODEC_SERVER_ADDRESS: '127.0.0.1:0',
  };
});

afterAll(async () => {
  for (const end of ending) end();
  await alone?.close();
});

type Service = 'worker' | 'gateway' | 'codec-server';

const compiled = (program: string): string => fileURLToPath(new URL(`../../dist/${program}.js`, import.meta.url));

/** Starts a service. Every line of its output must be JSON. */
const start = (service: Service, change: Record<string, string>) => {
  const running = execa('node', [compiled(`${service}/main`)], {
    env: { ...env, ...change },
    reject: false,
    all: true,
  });
  ending.push(() => running.kill('SIGKILL'));
  const entries: Record<string, unknown>[] = [];
  let rest = '';
  running.all.on('data', (chunk: Buffer) => {
    const lines = `${rest}${chunk}`.split('\n');
    rest = lines.pop() ?? '';
    entries.push(...lines.map((line) => JSON.parse(line)));
  });
  const entry = (msg: string) => entries.find((one) => one['msg'] === msg);
  return { running, entries, entry };
};

/** Listens at a free port and never answers. */
const listenSilently = async () => {
  const server = createServer();
  await once(server.listen(0, '127.0.0.1'), 'listening');
  ending.push(() => server.close());
  const { port = 0 } = Object(server.address());
  return { address: `127.0.0.1:${port}`, connected: once(server, 'connection') };
};

const AWS_KEY = 'aws-kms://arn:aws:kms:eu-west-1:123456789012:key/a-key';

const TAKEN: readonly (readonly [Service, string])[] = [
  ['worker', 'ONBOARDING_METRICS_ADDRESS'],
  ['worker', 'ONBOARDING_HEALTH_ADDRESS'],
  ['gateway', 'GATEWAY_ADDRESS'],
  ['codec-server', 'CODEC_SERVER_METRICS_ADDRESS'],
];

describe('a service', () => {
  it.concurrent.each(TAKEN)(
    '(%s) whose %s is taken exits with a message that names the setting',
    async (service, variable) => {
      const { address } = await listenSilently();
      const { running, entries } = start(service, { [variable]: address });
      expect(await running).toMatchObject({ exitCode: 78 });
      expect(entries.at(-1)).toMatchObject({
        level: 'fatal',
        msg: expect.stringContaining(`${variable}: expected a free address of this machine; ${address} is in use`),
      });
    },
  );

  it.concurrent.each([
    ['worker', '127.0.0.1:1', 'Connection refused'],
    ['gateway', '127.0.0.1:1', 'Failed to connect before the deadline'],
  ] as const)(
    '(%s) without Temporal at %s exits with a message that says what to check',
    async (service, at, reason) => {
      const { running, entries } = start(service, { TEMPORAL_ADDRESS: at });
      expect(await running).toMatchObject({ exitCode: 1 });
      const msg = `Temporal cannot be reached at ${at}: check that it runs, and TEMPORAL_ADDRESS, TEMPORAL_TLS… and TEMPORAL_API_KEY`;
      expect(entries.at(-1)).toEqual({ level: 'fatal', time: expect.anything(), reason, msg });
    },
  );

  it.concurrent('(worker) without the service of its key exits with a message that names the key', async () => {
    const { running, entries } = start('worker', {
      ONBOARDING_ENCRYPTION_KEYS_FILE: '',
      ONBOARDING_ENCRYPTION_KEYS: JSON.stringify({ current: '2026-11', keys: { '2026-11': AWS_KEY } }),
      ...{ AWS_ENDPOINT_URL: 'http://127.0.0.1:1', AWS_MAX_ATTEMPTS: '1' },
      ...{ AWS_ACCESS_KEY_ID: 'id', AWS_SECRET_ACCESS_KEY: 'secret' },
    });
    expect(await running).toMatchObject({ exitCode: 1 });
    const msg = 'The encryption key 2026-11 cannot be used: AWS KMS did not wrap a data key: ECONNREFUSED';
    expect(entries.at(-1)).toEqual({ level: 'fatal', time: expect.anything(), msg });
  });

  it.concurrent('(worker) exits if its namespace does not exist', async () => {
    const { running, entries } = start('worker', { TEMPORAL_NAMESPACE: 'nowhere' });
    expect(await running).toMatchObject({ exitCode: 78 });
    expect(entries.at(-1)?.['msg']).toContain('TEMPORAL_NAMESPACE: expected a namespace that exists, not nowhere');
  });

  it.concurrent('(gateway) exits if the search attributes are missing', async () => {
    const namespace = 'without-search-attributes';
    const workflowExecutionRetentionPeriod = msToTs('1 day');
    await alone.temporal.workflowService.registerNamespace({ namespace, workflowExecutionRetentionPeriod });
    const { running, entries } = start('gateway', { TEMPORAL_NAMESPACE: namespace });
    expect(await running).toMatchObject({ exitCode: 78 });
    expect(entries.at(-1)?.['msg']).toMatch(/OnboardingStatus \(KEYWORD\).*run verifik-onboarding setup/);
  });

  it.concurrent.each(['worker', 'gateway'] as const)(
    '(%s) that waits for Temporal stops on SIGTERM',
    async (service) => {
      const { address, connected } = await listenSilently();
      const { running, entry } = start(service, { TEMPORAL_ADDRESS: address });
      await connected;
      running.kill('SIGTERM');
      expect(await running).toMatchObject({ exitCode: 0 });
      expect(entry(`${service} stopped before it had started`)).toBeDefined();
    },
  );

  it.concurrent.each(['worker', 'gateway', 'codec-server'] as const)(
    '(%s) whose key provider fails names the setting, and does not repeat the error, which may contain a key',
    async (service) => {
      const ONBOARDING_KEY_PROVIDER_MODULE = newFailingProvider();
      const { running, entries } = start(service, {
        ONBOARDING_ENCRYPTION_KEYS_FILE: '',
        ONBOARDING_KEY_PROVIDER_MODULE,
      });
      expect(await running).toMatchObject({ exitCode: 78, all: expect.not.stringContaining(PROVIDER_SECRET) });
      expect(entries.at(-1)?.['msg']).toContain('ONBOARDING_KEY_PROVIDER_MODULE');
    },
  );

  it.concurrent.each(['worker', 'gateway'] as const)(
    '(%s) whose evidence keys are the encryption keys exits with a message that names the key',
    async (service) => {
      const keysFile = newKeysFile();
      const { running, entries } = start(service, {
        ONBOARDING_ENCRYPTION_KEYS_FILE: keysFile,
        ONBOARDING_EVIDENCE_KEYS_FILE: keysFile,
      });
      expect(await running).toMatchObject({ exitCode: 78 });
      expect(entries.at(-1)?.['msg']).toContain(
        `ONBOARDING_EVIDENCE_KEYS_FILE (${keysFile}) are wrong. keys.test: expected another key than the encryption key test`,
      );
    },
  );

  it.concurrent.each([
    ['/nowhere/bundle.js', 'a file that can be read (no such file or directory)'],
    [compiled('worker/bundle'), 'a workflow bundle, which npm run build writes'],
  ])('(worker) exits if %s is to be its workflow bundle', async (bundle, expected) => {
    const { running, entries } = start('worker', { ONBOARDING_WORKFLOW_BUNDLE: bundle });
    expect(await running).toMatchObject({ exitCode: 78 });
    expect(entries.at(-1)?.['msg']).toContain(`ONBOARDING_WORKFLOW_BUNDLE (${bundle}): expected ${expected}`);
  });
});

describe('two workers on one machine', () => {
  it('start with the default settings, and log no other warning', async () => {
    const workers = [start('worker', {}), start('worker', {})];
    for (const { entry } of workers) await expect.poll(() => entry('worker started')).toBeDefined();
    const used = workers.map(({ entry }) => entry('worker started'));
    for (const key of ['health', 'metrics'])
      expect(new Set(used.map((details) => String(details?.[key]))).size, key).toBe(2);
    for (const details of used) expect((await fetch(`${details?.['metrics']}/metrics`)).status).toBe(200);
    for (const { running } of workers) running.kill('SIGTERM');
    for (const { running } of workers) expect(await running).toMatchObject({ exitCode: 0 });
    const warnings = workers.flatMap(({ entries }) => entries.filter(({ level }) => level !== 'info'));
    expect(new Set(warnings.map(({ msg }) => msg))).toEqual(
      new Set(['the default port is in use, another one is chosen']),
    );
  });
});

describe('a program', () => {
  const run = (program: string, argument: string) =>
    execa('node', [compiled(program), argument], { env, reject: false });

  it.concurrent('has --help and --version', async () => {
    const [help, version] = await Promise.all(['--help', '--version'].map((argument) => run('worker/main', argument)));
    expect(help).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('docs/configuration.md') });
    expect(version).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+$/) });
  });

  it.concurrent.each(['worker/main', 'gateway/main', 'codec-server/main', 'worker/bundle'])(
    '(%s) refuses other arguments, and does not repeat them',
    async (program) => {
      const { exitCode, stdout, stderr } = await run(program, '--token=secret');
      expect(exitCode).toBe(2);
      expect(stdout).toBe('');
      expect(stderr).toMatch(/^error: .* takes no arguments: see --help$/);
    },
  );
});
