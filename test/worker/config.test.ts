import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as E from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import { readConfig as readCliConfig } from '../../cli/config.js';
import { defaultBatchFolder } from '../../shared/folders.js';
import { readConfig } from '../../worker/config.js';

const TOKEN = 'a-client-token-that-is-secret';

const wrong = (env: Record<string, string>) => {
  const read = readConfig(env);
  return E.isLeft(read) ? read.left.map(({ field, expected }) => `${field}: ${expected}`) : [];
};

describe("the worker's configuration", () => {
  it('requires only the client token in development', async () => {
    const read = readConfig({ VERIFIK_CLIENT_TOKEN: TOKEN });
    expect(E.isRight(read) && (await read.right.clientToken?.read())).toBe(TOKEN);
    expect(read).toEqual(
      E.right({
        verifikClientToken: TOKEN,
        verifikBaseUrl: 'https://api.verifik.co',
        verifikTimeoutMs: 30_000,
        taskQueue: 'verifik-onboarding',
        verifikCallsPerSecond: 20,
        batchFolder: defaultBatchFolder({}),
        workflowBundle: undefined,
        slots: { kind: 'fixed', workflowTasks: 40, activities: 100 },
        cachedWorkflows: expect.any(Number),
        workflowThread: 'fast',
        shutdownGraceMs: 30_000,
        healthAddress: { text: '127.0.0.1:8090', env: 'ONBOARDING_HEALTH_ADDRESS', isDefault: true },
        metricsAddress: { text: '127.0.0.1:9464', env: 'ONBOARDING_METRICS_ADDRESS', isDefault: true },
        logLevel: 'info',
        tracesDisabled: false,
        clientToken: { read: expect.any(Function) },
        keyProvider: { read: expect.any(Function) },
        production: false,
      }),
    );
  });

  it('has by default the folder of batches of the command line, outside of any checkout', () => {
    const env = { VERIFIK_CLIENT_TOKEN: TOKEN, XDG_DATA_HOME: '/home/somebody/.data' };
    const batchFolder = '/home/somebody/.data/verifik-onboarding/batches';
    expect(readConfig(env)).toMatchObject({ right: { batchFolder } });
    expect(readCliConfig(env)).toMatchObject({ right: { batchFolder } });
  });

  it('refuses a folder of batches that is a file or below one, and allows one that does not exist yet', () => {
    const folder = mkdtempSync(join(tmpdir(), 'onboarding-config-'));
    const file = join(folder, 'file');
    writeFileSync(file, '');
    const wrongFolder = (path: string) => wrong({ VERIFIK_CLIENT_TOKEN: TOKEN, ONBOARDING_BATCH_FOLDER: path });
    for (const path of [file, join(file, 'batches')])
      expect(wrongFolder(path)).toEqual([
        `ONBOARDING_BATCH_FOLDER (${path}): a folder that can be written to (not a directory)`,
      ]);
    expect(wrongFolder(folder)).toEqual([]);
    expect(wrongFolder(join(folder, 'none', 'yet'))).toEqual([]);
  });

  it('names all invalid settings at once, without their values', () => {
    const env = {
      VERIFIK_CLIENT_TOKEN: 'se cret',
      VERIFIK_BASE_URL: 'ftp://somewhere',
      VERIFIK_TIMEOUT_MS: 'soon',
      ONBOARDING_LOG_LEVEL: 'loud',
    };
    const errors = wrong(env);
    expect(errors).toEqual([
      'VERIFIK_BASE_URL: an http or https URL without credentials, query or fragment',
      'VERIFIK_CLIENT_TOKEN: a secret of at least 8 characters, without white space',
      'VERIFIK_TIMEOUT_MS: a whole number from 100 to 120000',
      'ONBOARDING_LOG_LEVEL: debug, info, warn or error',
    ]);
    for (const value of Object.values(env)) expect(errors.join('\n')).not.toContain(value);
  });

  it.each([
    ['VERIFIK_BASE_URL', 'https://somebody:secret@api.verifik.co'],
    ['VERIFIK_BASE_URL', 'https://api.verifik.co?region=a'],
    ['VERIFIK_BASE_URL', 'https://api.verifik.co/#a'],
    ['OTEL_EXPORTER_OTLP_ENDPOINT', 'https://somebody:secret@collector.example.com'],
    ['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', 'https://collector.example.com/v1/traces?key=secret'],
  ])('refuses a %s of %s, which the calls could not use', (name, url) => {
    expect(wrong({ VERIFIK_CLIENT_TOKEN: TOKEN, [name]: url })).toEqual([
      `${name}: an http or https URL without credentials, query or fragment`,
    ]);
  });

  it('requires exactly one source of the client token', () => {
    const field = 'VERIFIK_CLIENT_TOKEN or VERIFIK_CLIENT_TOKEN_FILE';
    expect(wrong({})).toEqual([`${field}: the client's API token at Verifik, or a file that holds it`]);
    expect(wrong({ VERIFIK_CLIENT_TOKEN: TOKEN, VERIFIK_CLIENT_TOKEN_FILE: '/run/token' })).toEqual([
      `${field}: one of the two, not both`,
    ]);
  });

  it.each([
    ['is missing', undefined, 'a file that can be read (no such file or directory)'],
    ['is empty', ' \n', 'a file with a secret of at least 8 characters, without white space'],
  ])('is rejected if the token file %s', (_what, content, expected) => {
    const path = join(mkdtempSync(join(tmpdir(), 'onboarding-config-')), 'token');
    if (content !== undefined) writeFileSync(path, content);
    expect(wrong({ VERIFIK_CLIENT_TOKEN_FILE: path })).toEqual([`VERIFIK_CLIENT_TOKEN_FILE (${path}): ${expected}`]);
  });

  it('reads the token file again each time, without the line break at its end', async () => {
    const path = join(mkdtempSync(join(tmpdir(), 'onboarding-config-')), 'token');
    writeFileSync(path, `${TOKEN}\n`);
    const read = readConfig({ VERIFIK_CLIENT_TOKEN_FILE: path });
    writeFileSync(path, 'the-next-token\n');
    expect(E.isRight(read) && (await read.right.clientToken?.read())).toBe('the-next-token');
  });

  it('requires encryption keys in production, and names them together with other missing settings', () => {
    expect(wrong({ NODE_ENV: 'production' })).toEqual([
      "VERIFIK_CLIENT_TOKEN or VERIFIK_CLIENT_TOKEN_FILE: the client's API token at Verifik, or a file that holds it",
      expect.stringMatching(
        /^ONBOARDING_ENCRYPTION_KEYS or ONBOARDING_ENCRYPTION_KEYS_FILE: the keys that encrypt payloads/,
      ),
    ]);
  });

  it('accepts the deployment versions that the server accepts', () => {
    const versionOf = (deploymentName: string, buildId: string) =>
      readConfig({
        VERIFIK_CLIENT_TOKEN: TOKEN,
        TEMPORAL_DEPLOYMENT_NAME: deploymentName,
        TEMPORAL_WORKER_BUILD_ID: buildId,
      });
    expect(versionOf('', '')).toMatchObject({ right: { deploymentVersion: undefined } });
    // The Worker Controller's format: the Kubernetes namespace and name, the image's tag and a hash.
    const version = { deploymentName: 'production/onboarding', buildId: 'v1.5.1-7f9d' };
    expect(versionOf(version.deploymentName, version.buildId)).toMatchObject({ right: { deploymentVersion: version } });
    const name = expect.stringMatching(/^TEMPORAL_DEPLOYMENT_NAME: a name of at most 108/);
    const id = expect.stringMatching(/^TEMPORAL_WORKER_BUILD_ID: an id of at most 108/);
    for (const bad of ['a.b', 'a:b', '__a', 'a b', 'a'.repeat(109)])
      expect(wrong({ TEMPORAL_DEPLOYMENT_NAME: bad, TEMPORAL_WORKER_BUILD_ID: '1' })).toContainEqual(name);
    for (const bad of ['__a', 'a b', 'a'.repeat(109)])
      expect(wrong({ TEMPORAL_DEPLOYMENT_NAME: 'a', TEMPORAL_WORKER_BUILD_ID: bad })).toContainEqual(id);
  });

  it('requires a deployment and a build, or neither', () => {
    const given = { VERIFIK_CLIENT_TOKEN: TOKEN };
    expect(wrong({ ...given, TEMPORAL_DEPLOYMENT_NAME: 'onboarding' })).toEqual([
      'TEMPORAL_WORKER_BUILD_ID: an id, as TEMPORAL_DEPLOYMENT_NAME is set',
    ]);
    expect(wrong({ ...given, TEMPORAL_WORKER_BUILD_ID: '1' })).toEqual([
      'TEMPORAL_DEPLOYMENT_NAME: a name, as TEMPORAL_WORKER_BUILD_ID is set',
    ]);
  });

  it('can be read from a file', () => {
    const path = join(mkdtempSync(join(tmpdir(), 'onboarding-config-')), 'config.json');
    writeFileSync(path, JSON.stringify({ taskQueue: 'from-file', verifikClientToken: TOKEN }));
    expect(readConfig({ ONBOARDING_CONFIG: path })).toMatchObject({ right: { taskQueue: 'from-file' } });
  });
});
