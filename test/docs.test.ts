import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { CLIENT_ERRORS } from '../client/errors.js';
import { REASONS } from '../domain/outcomes.js';
import { FAULT_KINDS } from '../sandbox/faults.js';
import { DEFAULT_SETTINGS } from '../sandbox/settings.js';
import { SETTINGS } from '../worker/settings.js';

const doc = (name: string) => readFileSync(new URL(`../docs/${name}`, import.meta.url), 'utf8');

describe('the documents', () => {
  it('list every setting of the worker with its default and meaning, and no other', () => {
    const rows = doc('configuration.md')
      .split('\n')
      .filter((line) => line.startsWith('| `'));
    expect(rows).toEqual(
      Object.entries(SETTINGS).map(([name, { env, fallback, meaning }]) => {
        const shown = fallback === undefined ? 'none' : `\`${fallback}\``;
        return `| \`${env}\` | \`${name}\` | ${shown} | ${meaning} |`;
      }),
    );
  });

  it('list every error that the client throws, and what to do about it', () => {
    const text = doc('client.md');
    for (const [type, advice] of Object.entries(CLIENT_ERRORS)) expect(text).toContain(`| \`${type}\` | ${advice} |`);
  });

  it('list every setting and every kind of fault of the sandbox', () => {
    const text = doc('sandbox.md');
    for (const name of Object.keys(DEFAULT_SETTINGS)) expect(text).toContain(`| \`${name}\` |`);
    for (const kind of FAULT_KINDS) expect(text).toContain(`\`${kind}\``);
  });

  it('list every reason for which an onboarding ends', () => {
    const text = doc('onboarding.md');
    for (const [reason, { outcome }] of Object.entries(REASONS))
      expect(text).toContain(`| \`${outcome}\` | \`${reason}\` |`);
  });
});
