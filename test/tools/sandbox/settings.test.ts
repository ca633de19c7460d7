import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { FAULT_KINDS } from '../../../tools/sandbox/faults/faults.js';
import { FAULT_PROFILES, SETTINGS, startSandbox } from '../../../tools/sandbox/index.js';
import { TARIFF } from '../../../tools/sandbox/ledger.js';
import { LIFETIMES_MS } from '../../../tools/sandbox/tokens.js';
import { ask, MINUTE_MS, openSandbox, register } from './vendor.js';

describe('settings', () => {
  it('settings have defaults and can be changed separately, at the start and later', async () => {
    const sandbox = await openSandbox({ settings: { createAnswer: 'nested' } });
    const before = await sandbox.control.settings();
    expect(Object.keys(before).sort()).toEqual(Object.keys(SETTINGS).sort());
    expect(before).toMatchObject({ createAnswer: 'nested', errorEnvelope: SETTINGS.errorEnvelope.fallback });
    expect(await sandbox.control.settings({ latencyMs: 1 })).toEqual({ ...before, latencyMs: 1 });
  });

  it.each([
    [{ resendLink: 'maybe' }, 'resendLink: expected offered or absent'],
    [{ resendlink: 'absent' }, 'resendlink: no such field'],
    [{ latencyMs: -1 }, 'latencyMs: expected a whole number from 0'],
    [{ webhookLossRate: 2 }, 'webhookLossRate: expected a number from 0 to 1'],
    [{ webhookUrl: 'ftp://example.com' }, 'webhookUrl: expected an http or https URL'],
    [{ mandatory: ['email', 'mood'] }, 'mandatory.1: expected email or phone or document or biometric'],
    [{ refusalStatuses: { liveness_failed: 200 } }, 'refusalStatuses.liveness_failed: expected an HTTP status'],
    [[], '(root): expected an object'],
  ])('invalid settings are refused with the name of the field and change nothing: %j', async (change, words) => {
    const sandbox = await openSandbox();
    const before = await sandbox.control.settings();
    const answer = await fetch(`${sandbox.url}/_sandbox/settings`, {
      method: 'PATCH',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(change),
    });
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ message: expect.stringContaining(words) });
    expect(await sandbox.control.settings()).toEqual(before);
  });

  it('the sandbox does not start with invalid settings', async () => {
    await expect(startSandbox({ settings: { webhookCopies: 0.5 } })).rejects.toThrow('webhookCopies: expected');
    await expect(startSandbox({ faults: [{ match: 'GET /nowhere', kind: 'hang' }] })).rejects.toThrow(
      '0: match: no such call',
    );
  });

  it.each([
    ['seed', { error: expect.any(String), message: 'cannot_resend_link_for_this_status' }],
    [
      'later',
      { message: '409:cannot_resend_link_for_this_status', code: 'cannot_resend_link_for_this_status', status: 409 },
    ],
    [
      'successFalse',
      { success: false, error: 'cannot_resend_link_for_this_status', code: 'cannot_resend_link_for_this_status' },
    ],
  ] as const)('errors use the configured envelope: %s', async (errorEnvelope, body) => {
    const sandbox = await openSandbox({ settings: { errorEnvelope } });
    const { _id } = await register(sandbox);
    await sandbox.control.setStatus(_id, 'FAILED');
    const answer = await ask(sandbox, sandbox.clientToken, `POST /app-registrations/${_id}/resend-link`, {});
    expect(answer.body).toEqual(body);
  });

  it('refusalStatuses changes the HTTP status of an error code in the seed envelope', async () => {
    const refusalStatuses = { MISSING_CONTACT_INFO: 422 };
    const sandbox = await openSandbox({ settings: { errorEnvelope: 'seed', refusalStatuses } });
    const { project, projectFlow, clientToken } = sandbox;
    const answer = await ask(sandbox, clientToken, 'POST /app-registrations', {
      project,
      projectFlow,
      fullName: 'A B',
    });
    expect(answer).toMatchObject({ status: 422, body: { message: 'MISSING_CONTACT_INFO' } });
  });
});

describe('docs/sandbox.md', () => {
  const readme = readFileSync(new URL('../../../docs/sandbox.md', import.meta.url), 'utf8');

  it('docs/sandbox.md lists all settings with default and meaning', () => {
    const rows = Object.entries(SETTINGS).map(
      ([name, { fallback, meaning }]) => `| \`${name}\` | \`${JSON.stringify(fallback)}\` | ${meaning} |`,
    );
    const [, table = ''] = readme.split('## Settings');
    const listed = table
      .split('\n## ')[0]
      ?.split('\n')
      .filter((line) => line.startsWith('| `'));
    expect(listed).toEqual(rows);
  });

  it('docs/sandbox.md lists all kinds of faults, profiles, prices and lifetimes', () => {
    for (const kind of [...FAULT_KINDS, ...Object.keys(FAULT_PROFILES)]) expect(readme).toContain(`\`${kind}\``);
    for (const [item, credits] of Object.entries(TARIFF)) expect(readme).toContain(`${item} ${credits}`);
    expect(readme).toContain(`${LIFETIMES_MS.created / MINUTE_MS} min`);
    expect(readme).toContain(`${LIFETIMES_MS.resent / MINUTE_MS} min`);
  });

  it('all controls in docs/sandbox.md exist', async () => {
    const sandbox = await openSandbox();
    const { _id } = await register(sandbox);
    const named = [...readme.matchAll(/^\| `(GET|POST|PUT|PATCH|DELETE) (\/[^`? ]*)/gm)];
    expect(named.length).toBeGreaterThan(14);
    for (const [, method = '', path = ''] of named) {
      const { status } = await fetch(`${sandbox.url}/_sandbox${path.replace('{id}', _id)}`, { method });
      expect(status, `${method} ${path}`).not.toBe(404);
    }
  });
});
