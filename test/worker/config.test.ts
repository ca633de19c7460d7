import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as E from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import { readConfig } from '../../worker/config.js';

const TOKEN = 'a-client-token-that-is-secret';

const fileWith = (text: string): string => {
  const path = join(mkdtempSync(join(tmpdir(), 'onboarding-config-')), 'config.json');
  writeFileSync(path, text);
  return path;
};

const wrong = (env: Record<string, string>) => {
  const read = readConfig(env);
  return E.isLeft(read) ? read.left.map(({ field, expected }) => `${field}: ${expected}`) : [];
};

describe("the worker's configuration", () => {
  it('needs nothing but the client token', () => {
    expect(readConfig({ VERIFIK_CLIENT_TOKEN: TOKEN })).toEqual(
      E.right({
        verifikBaseUrl: 'https://api.verifik.co',
        verifikTimeoutMs: 30_000,
        taskQueue: 'verifik-onboarding',
        workflowBundle: undefined,
        maxCachedWorkflows: undefined,
        shutdownGraceMs: 30_000,
        healthAddress: '127.0.0.1:8090',
        metricsAddress: '127.0.0.1:9464',
        logLevel: 'info',
        clientToken: { from: 'variable', token: TOKEN },
      }),
    );
  });

  it('takes the environment before the file, and the file before the default', () => {
    const file = fileWith(JSON.stringify({ taskQueue: 'from-file', logLevel: 'warn', verifikTimeoutMs: 5_000 }));
    const env = { ONBOARDING_CONFIG: file, ONBOARDING_TASK_QUEUE: 'from-env', VERIFIK_CLIENT_TOKEN: TOKEN };
    expect(readConfig(env)).toMatchObject({
      right: { taskQueue: 'from-env', logLevel: 'warn', verifikTimeoutMs: 5_000, shutdownGraceMs: 30_000 },
    });
  });

  it('names every wrong setting at once, and repeats no value', () => {
    const env = {
      VERIFIK_CLIENT_TOKEN: 'se cret',
      VERIFIK_BASE_URL: 'ftp://somewhere',
      VERIFIK_TIMEOUT_MS: 'soon',
      ONBOARDING_LOG_LEVEL: 'loud',
    };
    const errors = wrong(env);
    expect(errors).toEqual([
      'VERIFIK_BASE_URL: an http or https URL',
      'VERIFIK_CLIENT_TOKEN: a secret without white space',
      'VERIFIK_TIMEOUT_MS: a whole number from 100 to 120000',
      'ONBOARDING_LOG_LEVEL: debug, info, warn or error',
    ]);
    for (const value of Object.values(env)) expect(errors.join('\n')).not.toContain(value);
  });

  it('wants exactly one source of the client token', () => {
    const field = 'VERIFIK_CLIENT_TOKEN or VERIFIK_CLIENT_TOKEN_FILE';
    expect(wrong({})).toEqual([`${field}: the client's API token at Verifik, or a file that holds it`]);
    expect(wrong({ VERIFIK_CLIENT_TOKEN: TOKEN, VERIFIK_CLIENT_TOKEN_FILE: '/run/token' })).toEqual([
      `${field}: one of the two, not both`,
    ]);
  });

  it('tells a file that is missing, no JSON, no object or has a misspelt setting', () => {
    expect(wrong({ ONBOARDING_CONFIG: '/nowhere.json' })).toEqual([
      'ONBOARDING_CONFIG (/nowhere.json): a file that exists',
    ]);
    for (const text of ['{', '[]', 'null']) {
      const file = fileWith(text);
      expect(wrong({ ONBOARDING_CONFIG: file })).toEqual([`ONBOARDING_CONFIG (${file}): a JSON object`]);
    }
    expect(wrong({ ONBOARDING_CONFIG: fileWith('{"taskQeue": "x"}') })).toEqual([
      'taskQeue (in the file): no such setting',
    ]);
    expect(wrong({ ONBOARDING_CONFIG: fileWith('{"verifikTimeoutMs": 1}'), VERIFIK_CLIENT_TOKEN: TOKEN })).toEqual([
      'verifikTimeoutMs (in the file): a whole number from 100 to 120000',
    ]);
  });
});
