import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as E from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import { readSettings, withoutSettings } from '../../shared/config.js';
import { listenAddress } from '../../shared/listening.js';
import { BaseUrl, count, HttpUrl, LogLevel, optional, Secret, setting } from '../../shared/settings.js';
import { temporalConfig } from '../../shared/temporal-config.js';

const TABLE = {
  url: setting('THE_URL', HttpUrl, 'https://example.com', 'Where it is.'),
  secret: optional('THE_SECRET', Secret, 'A secret.'),
  address: listenAddress('THE_ADDRESS', '127.0.0.1:80', 'Where it listens.'),
  timeoutMs: setting('THE_TIMEOUT_MS', count(100, 1_000), 500, 'How long.'),
  logLevel: setting('THE_LOG_LEVEL', LogLevel, 'info', 'How much.'),
};

const read = (env: Record<string, string>) => readSettings(TABLE, 'THE_FILE', env);

const fileWith = (text: string): string => {
  const path = join(mkdtempSync(join(tmpdir(), 'onboarding-config-')), 'config.json');
  writeFileSync(path, text);
  return path;
};

const wrong = (env: Record<string, string>) => {
  const settings = read(env);
  return E.isLeft(settings) ? settings.left.map(({ field, expected }) => `${field}: ${expected}`) : [];
};

describe('reading a configuration', () => {
  it('takes the environment before the file, and the file before the default', () => {
    const file = fileWith(JSON.stringify({ url: 'https://from-file.example', logLevel: 'warn', timeoutMs: 200 }));
    expect(read({ THE_FILE: file, THE_URL: 'https://from-env.example', THE_ADDRESS: '' })).toEqual(
      E.right({
        url: 'https://from-env.example',
        secret: undefined,
        address: { text: '127.0.0.1:80', env: 'THE_ADDRESS', isDefault: true },
        timeoutMs: 200,
        logLevel: 'warn',
      }),
    );
  });

  it('names every wrong setting at once, and repeats no value', () => {
    const env = { THE_URL: 'ftp://somewhere', THE_SECRET: 'se cret', THE_TIMEOUT_MS: 'soon', THE_LOG_LEVEL: 'loud' };
    const errors = wrong(env);
    expect(errors).toEqual([
      'THE_URL: an http or https URL without credentials or fragment',
      'THE_SECRET: a secret of at least 8 characters, without white space',
      'THE_TIMEOUT_MS: a whole number from 100 to 1000',
      'THE_LOG_LEVEL: debug, info, warn or error',
    ]);
    for (const address of ['nowhere', '127.0.0.1:70000', '127.0.0.1:x'])
      expect(wrong({ THE_ADDRESS: address })).toEqual(['THE_ADDRESS: an address such as 127.0.0.1:9464']);
    for (const value of Object.values(env)) expect(errors.join('\n')).not.toContain(value);
  });

  it.each(['https://somebody:secret@example.com', 'https://example.com/#a', 'https://example.com/#'])(
    'refuses the URL %s, whose requests would fail or differ',
    (url) => {
      expect(wrong({ THE_URL: url })).toHaveLength(1);
      expect(BaseUrl.is(url)).toBe(false);
    },
  );

  it('allows a query only in a URL to which no path is appended', () => {
    for (const url of ['https://example.com/keys?policy=a', 'https://example.com/?']) {
      expect(wrong({ THE_URL: url })).toEqual([]);
      expect(BaseUrl.is(url)).toBe(false);
    }
  });

  it('reports a file that is missing, not JSON, not an object, or has a wrong or misspelt setting', () => {
    expect(wrong({ THE_FILE: '/nowhere.json' })).toEqual([
      'THE_FILE (/nowhere.json): a file that can be read (no such file or directory)',
    ]);
    expect(wrong({ THE_FILE: '/' })).toEqual(['THE_FILE (/): a file that can be read (is a directory)']);
    for (const [text, expected] of [
      ['{\n  "timeoutMs": 1 0\n}', 'JSON (wrong at line 2, column 18)'],
      ['[]', 'a JSON object'],
      ['null', 'a JSON object'],
    ] as const) {
      const file = fileWith(text);
      expect(wrong({ THE_FILE: file })).toEqual([`THE_FILE (${file}): ${expected}`]);
    }
    for (const [key, expected] of [
      ['timeout', 'no such setting'],
      ['toString', 'no such setting'],
      ['timeoutMs', 'a whole number from 100 to 1000'],
    ] as const) {
      const file = fileWith(`{"${key}": 1}`);
      expect(wrong({ THE_FILE: file })).toEqual([`${key} (${file}): ${expected}`]);
    }
  });
});

describe('an environment without settings', () => {
  it('has no setting of this project, Temporal and OpenTelemetry, and keeps everything else', () => {
    const kept = { PATH: '/bin', XDG_DATA_HOME: '/data', NODE_ENV: 'production', VERIFIK_ONBOARDING_CACHE: '/cache' };
    const settings = {
      ...{ TEMPORAL_ADDRESS: 'a:1', TEMPORAL_NAMESPACE: 'a', TEMPORAL_PROFILE: 'a', TEMPORAL_API_KEY: 'a' },
      ...{ TEMPORAL_TLS: 'true', TEMPORAL_TLS_CLIENT_CERT_PATH: '/a', TEMPORAL_GRPC_META_A: 'a', TEMPORAL_DEBUG: '1' },
      ...{ ONBOARDING_TASK_QUEUE: 'a', VERIFIK_BASE_URL: 'http://a', GATEWAY_CONFIG: '/a', CODEC_SERVER_ORIGINS: 'a' },
      ...{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://a' },
    };
    const { TEMPORAL_CONFIG_FILE = '', ...rest } = withoutSettings({
      ...kept,
      ...settings,
      TEMPORAL_CONFIG_FILE: '/a.toml',
    });
    expect(rest).toEqual(kept);
    const env = { HOME: '/root', TEMPORAL_CONFIG_FILE };
    expect(temporalConfig(env)).toEqual({ connectionOptions: { address: '127.0.0.1:7233' }, namespace: 'default' });
  });
});
