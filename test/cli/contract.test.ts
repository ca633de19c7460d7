import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { EXITS } from '../../cli/exit-codes.js';
import { type Sandbox, startSandbox } from '../../tools/sandbox/index.js';
import type { Settings } from '../../tools/sandbox/settings.js';
import { trackReads } from '../../verifik/contract/paths.js';
import { pageAnswer } from '../../verifik/list-answer.js';
import { IMMEDIATE } from '../support/immediate.js';
import { json, startScriptedServer } from '../verifik/scripted-server.js';
import { inPipes } from './running.js';

const DOMAIN = 'applicants.example.com';
const CREATE = 'POST /v2/app-registrations';
const READ = 'GET /v2/app-registrations/{id}';

let sandbox: Sandbox | undefined;

afterEach(() => sandbox?.close());

const start = async (settings: Partial<Settings> = {}): Promise<Sandbox> => {
  sandbox = await startSandbox({ settings: { ...IMMEDIATE, ...settings } });
  return sandbox;
};

/** The API that is checked. */
type Target = Pick<Sandbox, 'url' | 'clientToken' | 'project' | 'projectFlow'> & { readonly accountsFile?: string };

const run = async (
  { url, clientToken, project, projectFlow, accountsFile = '' }: Target,
  ...more: readonly string[]
) => {
  const flow = ['--project', project, '--project-flow', projectFlow];
  const args = ['contract', ...flow, '--email', DOMAIN, '--yes', ...more];
  return inPipes(args, {
    VERIFIK_BASE_URL: url,
    VERIFIK_CLIENT_TOKEN: clientToken,
    VERIFIK_ACCOUNTS_FILE: accountsFile,
  });
};

const runJson = async (at: Target) => {
  const { stdout, stderr, exitCode } = await run(at, '--json');
  expect(stdout, stderr).not.toBe('');
  const report = JSON.parse(stdout);
  const calls = new Map<string, Record<string, unknown>>(
    report.calls.map((finding: { call: string }) => [finding.call, finding]),
  );
  return { report, exitCode, of: (call: string) => calls.get(call) };
};

describe('the contract check', () => {
  it.each<Partial<Settings>>([
    {},
    { createAnswer: 'nested', reRegistration: 'resume', statusWords: 'upper', sessionAnswer: 'data' },
    { resendLink: 'absent', errorEnvelope: 'documented', reRegistration: 'unique' },
    { tokenClaims: 'expiresAtText', contactFormat: 'number', absentValues: 'empty', references: 'ids' },
  ])('finds no difference in the API generation %j, and leaves nothing behind', async (settings) => {
    const at = await start(settings);
    const { report, exitCode } = await runJson(at);
    expect(report).toMatchObject({ ok: true, leftBehind: [], mayHaveCreated: false });
    expect(exitCode).toBe(EXITS.ok.code);
    for (const { state, differences } of report.calls)
      expect({ state, differences }).toEqual({ state: 'ok', differences: [] });
    expect(await at.control.ids()).toHaveLength(1);
    expect(await at.control.statuses()).toEqual([]);
  });

  it('names the paths that the product does not know, and no values', async () => {
    const at = await start();
    await at.control.population({ count: 3 });
    const [{ stdout }, { report }] = [await run(at), await runJson(at)];
    expect(stdout).toContain('ok       create a registration\n');
    expect(stdout).toContain('ok       read the project flow');
    const unknown = report.calls.flatMap((finding: { unknown: readonly object[] }) => finding.unknown);
    expect(unknown).toContainEqual({ path: 'data.currentStep', type: 'string' });
    expect(unknown).toContainEqual({ path: 'data[].documentValidation.documentData.firstName', type: 'string' });
    const members = await at.control.statuses();
    const values = [at.clientToken, at.project, at.projectFlow, 'Contract Check', DOMAIN, 'contract-check'];
    for (const value of [...values, ...members.flatMap(({ _id, email }) => [_id, email ?? _id])])
      expect(`${stdout}${JSON.stringify(report.calls)}`).not.toContain(value);
    expect(`${stdout}${JSON.stringify(report.calls)}`).not.toMatch(/eyJ|@/);
  });

  it('counts unknown fields for people, and names a few, so that the verdict can be seen', async () => {
    const at = await start();
    await at.control.population({ count: 3 });
    const lines = (await run(at)).stdout.split('\n');
    expect(lines).toContainEqual(
      expect.stringMatching(/^ {9}\d\d unknown fields: \S+ \(\w+\), \S+ \(\w+\), \S+ \(\w+\), …$/),
    );
    for (const line of lines) expect(line.length).toBeLessThan(200);
    expect(lines.slice(-3)).toEqual([
      '',
      'The product ignores unknown fields. --json lists all of them.',
      'Nothing that the product needs differs.',
    ]);
  });

  it('says which optional calls Verifik refuses, and which registration it could not delete', async () => {
    const at = await start({ panelCalls: 'refused', adminOverride: 'refused' });
    const { report, exitCode, of } = await runJson(at);
    expect({ ok: report.ok, exitCode }).toEqual({ ok: true, exitCode: EXITS.ok.code });
    const rejection = { type: 'Credentials', code: 'access_denied' };
    for (const call of ['filter the list by email', 'read the statistics', 'override its status', 'delete it'])
      expect(of(call)).toMatchObject({ need: 'optional', state: 'refused', rejection });
    expect(report.leftBehind).toEqual(await at.control.ids());
  });

  it('names the paths that differ, and exits with 1', async () => {
    const at = await start();
    await at.control.faults([{ match: READ, kind: 'wrongShape' }]);
    const { report, exitCode, of } = await runJson(at);
    expect({ ok: report.ok, exitCode }).toEqual({ ok: false, exitCode: EXITS.failed.code });
    expect(of('read it')).toMatchObject({
      state: 'differs',
      differences: [
        { path: 'data._id', expected: 'an id', type: 'absent' },
        { path: 'data.status', expected: 'a text', type: 'absent' },
      ],
    });
    expect(of('create a registration')).toMatchObject({ state: 'ok' });
    expect(report.leftBehind).toEqual([]);
  });

  it('deletes a registration whose creation has an unexpected response', async () => {
    const at = await start();
    await at.control.faults([{ match: CREATE, kind: 'wrongShape' }]);
    const { report, exitCode, of } = await runJson(at);
    expect(exitCode).toBe(EXITS.failed.code);
    expect(of('create a registration')).toMatchObject({ state: 'differs' });
    expect(of('read it')).toMatchObject({ state: 'skipped' });
    expect(report).toMatchObject({ leftBehind: [], mayHaveCreated: false });
    expect(await at.control.statuses()).toEqual([]);
  });

  it('says that a registration may remain if it cannot be found', async () => {
    const at = await start({ panelCalls: 'refused' });
    await at.control.faults([{ match: CREATE, kind: 'nonJson' }]);
    const { stdout } = await run(at);
    expect(stdout).toContain('(root): expected a JSON response, found not_json');
    expect(stdout).toMatch(/search at Verifik for the email that begins with contract-check-[0-9a-f]{12}\./);
  });

  it('finds a filter that Verifik ignores, and a status word that the product does not know', async () => {
    const server = await startScriptedServer();
    server.answer((response, { method, url }) => {
      const one = { _id: 'r1', status: 'TELEPORTED', email: 'other@applicants.example.com' };
      if (url.startsWith('/v2/auth')) return json({ accessToken: 'renewed-token' })(response);
      if (method === 'GET' && url.startsWith('/v2/app-registrations?')) return json({ data: [one] })(response);
      return json({ data: { ...one, token: 'a-token' } })(response);
    });
    const at = { url: server.url, clientToken: 'a-client-token', project: 'p', projectFlow: 'f' };
    const { report, of } = await runJson(at);
    await server.close();
    expect(report.ok).toBe(false);
    expect(of('filter the list by email')).toMatchObject({ state: 'ignored' });
    expect(of('read it')).toMatchObject({ state: 'differs', differences: [{ path: 'data.status' }] });
    expect(JSON.stringify(report)).not.toMatch(/TELEPORTED|other@|a-token/);
  });

  it('needs an account with the project, if there is a file of accounts', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'onboarding-contract-'));
    const [clientTokenFile, accountsFile] = [join(folder, 'token'), join(folder, 'accounts.json')];
    const sandbox = await start();
    writeFileSync(clientTokenFile, sandbox.clientToken);
    const withProjects = (...projects: readonly string[]) => {
      writeFileSync(accountsFile, JSON.stringify({ accounts: { acme: { clientTokenFile, projects } } }));
      return run({ ...sandbox, clientToken: '', accountsFile });
    };
    expect((await withProjects(sandbox.project)).exitCode).toBe(0);
    const { exitCode, stderr } = await withProjects('another-project');
    expect(exitCode).toBe(EXITS.misconfigured.code);
    expect(stderr).toContain(`no account in VERIFIK_ACCOUNTS_FILE has the project ${sandbox.project}`);
  });

  it('needs a token', async () => {
    const { exitCode, stderr } = await run({ ...(await start()), clientToken: '' });
    expect(exitCode).toBe(EXITS.misconfigured.code);
    expect(stderr).toContain('VERIFIK_CLIENT_TOKEN or VERIFIK_CLIENT_TOKEN_FILE: expected');
  });
});

describe('the reads of a response', () => {
  it('show the topmost unread paths without keys that can be data', () => {
    const body = { data: [{ _id: 'r', status: 'new', 'a@example.com': 1, person: { name: 'A' } }], total: 1 };
    const { view, unread, typeAt } = trackReads(body);
    expect(pageAnswer(view)).toEqual(pageAnswer(body));
    expect(unread()).toEqual([
      { path: 'data[].(key)', type: 'number' },
      { path: 'data[].person', type: 'object' },
    ]);
    expect(typeAt('data.0.person')).toBe('object');
    expect(typeAt('data.1')).toBe('absent');
  });
});
