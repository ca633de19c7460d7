import { describe, expect, it } from 'vitest';
import { SECOND_MS } from '../../shared/time.js';
import { compose, read } from './files.js';
import { KNOWN_SETTINGS, PROCESSES } from './known-settings.js';

const secondsOf = (duration = ''): number => {
  const [, count, unit] = /^(\d+)([sm])$/.exec(duration) ?? [];
  return Number(count) * (unit === 'm' ? 60 : 1);
};

describe('compose.yaml', () => {
  it('sets only known settings of each process', () => {
    for (const name of PROCESSES)
      expect(KNOWN_SETTINGS[name]).toEqual(
        expect.arrayContaining(Object.keys(compose.services[name]?.environment ?? {})),
      );
  });

  it('gives each process a grace period for draining, and has a readiness check', () => {
    const graceMs = Number(compose.services['worker']?.environment?.['ONBOARDING_SHUTDOWN_GRACE_MS']);
    const drainMs = Number(compose.services['gateway']?.environment?.['GATEWAY_DRAIN_MS']);
    expect(secondsOf(compose.services['worker']?.stop_grace_period) * SECOND_MS).toBeGreaterThan(graceMs);
    expect(secondsOf(compose.services['gateway']?.stop_grace_period) * SECOND_MS).toBeGreaterThan(drainMs);
    for (const name of PROCESSES) expect(compose.services[name]?.healthcheck).toBeDefined();
  });

  it('pins every image, and uses only variables that .env.example has with the same default', () => {
    for (const { image } of Object.values(compose.services)) expect(image).toMatch(/:(v?\d+\.\d+|\$\{\w+:-v?\d+\.\d+)/);
    const example = new Map(
      read('deploy/.env.example')
        .split('\n')
        .filter((line) => /^[A-Z]/.test(line))
        .map((line): [string, string] => [line.split('=')[0] ?? '', line.slice(line.indexOf('=') + 1)]),
    );
    const used = [...read('deploy/compose.yaml').matchAll(/\$\{(\w+):-([^}]*)\}/g)].map(([, name = '', value = '']) => [
      name,
      value,
    ]);
    for (const [name = '', value] of used) expect({ [name]: example.get(name) }).toEqual({ [name]: value });
    expect(new Set(used.map(([name]) => name))).toEqual(new Set(example.keys()));
  });

  it('has its secrets in files that are excluded from git and the image', () => {
    const used = Object.values(compose.services).flatMap(({ secrets = [] }) => secrets);
    expect(new Set(used)).toEqual(new Set(Object.keys(compose.secrets)));
    for (const { file } of Object.values(compose.secrets)) expect(file).toMatch(/^\.\/secrets\//);
    expect(read('.gitignore').split('\n')).toEqual(expect.arrayContaining(['deploy/secrets/', 'deploy/.env']));
    const [all] = read('.dockerignore')
      .split('\n')
      .filter((line) => !line.startsWith('#'));
    expect(all).toBe('*');
    const made = read('deploy/make-secrets.sh');
    for (const { file } of Object.values(compose.secrets))
      expect(made).toContain(file.replace('./secrets/', 'missing '));
  });
});
