import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporalConfig } from '../../shared/temporal-config.js';

const fileWith = (content: string): string => {
  const path = join(mkdtempSync(join(tmpdir(), 'temporal-')), 'temporal.toml');
  writeFileSync(path, content);
  return path;
};

describe("Temporal's settings", () => {
  it('have defaults, also for variables that are empty', () => {
    const names = ['ADDRESS', 'NAMESPACE', 'API_KEY', 'TLS', 'TLS_CLIENT_CERT_PATH', 'CONFIG_FILE', 'PROFILE'];
    const empty = Object.fromEntries(names.map((name) => [`TEMPORAL_${name}`, '']));
    const { connectionOptions, namespace } = temporalConfig(empty);
    expect(connectionOptions).toMatchObject({ address: '127.0.0.1:7233', apiKey: undefined, tls: undefined });
    expect(namespace).toBe('default');
  });

  it('come from a profile of the configuration file', () => {
    const file = fileWith('[profile.eu]\naddress = "eu.example.com:7233"\nnamespace = "onboarding"\n');
    expect(temporalConfig({ TEMPORAL_CONFIG_FILE: file, TEMPORAL_PROFILE: 'eu' })).toMatchObject({
      connectionOptions: { address: 'eu.example.com:7233' },
      namespace: 'onboarding',
    });
  });

  it.each([
    [{ TEMPORAL_CONFIG_FILE: '/nowhere.toml' }, 'TEMPORAL_CONFIG_FILE (/nowhere.toml): expected a file that exists'],
    [{ TEMPORAL_CONFIG_FILE: fileWith('api_key = "a-secret') }, 'temporal.toml): expected TOML (wrong at line 1, '],
    [{ TEMPORAL_PROFILE: 'elsewhere' }, "TEMPORAL_PROFILE: expected a profile in Temporal's configuration"],
    [
      { TEMPORAL_TLS_CLIENT_CERT_PATH: '/nowhere.pem', TEMPORAL_TLS_CLIENT_KEY_DATA: 'a-secret' },
      'TEMPORAL_TLS_CLIENT_CERT_PATH (/nowhere.pem): expected a file that can be read',
    ],
    [{ TEMPORAL_TLS_CLIENT_KEY_DATA: 'a-secret' }, 'TEMPORAL_TLS_CLIENT_KEY_…: expected both or neither'],
    [{ TEMPORAL_TLS: 'yes' }, 'TEMPORAL_TLS: expected true or false'],
    [{ TEMPORAL_ADDRESS: 'https://example.com/path' }, 'TEMPORAL_ADDRESS: expected a host and a port'],
  ])('are refused with %j, naming the variable and no secret', (env, message) => {
    const reading = () => temporalConfig(env);
    expect(reading).toThrow(message);
    expect(reading).not.toThrow('a-secret');
  });
});
