import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { EXITS } from '../../cli/exit-codes.js';
import { CHECK_NAMES } from '../../domain/checks.js';
import { newKeysFile } from '../support/encryption-keys.js';
import { newPoliciesFile } from '../support/policies-file.js';
import { type CliEnvironment, openEnvironment } from './environment.js';

let cli: CliEnvironment;

beforeAll(async () => {
  cli = await openEnvironment(72);
});

afterEach(() => cli.killTerminals());

afterAll(() => cli?.close());

describe('verifik-onboarding watch', () => {
  it('follows an onboarding to its outcome with lines, JSON, or a live checklist', async () => {
    const { workflowId, applicant } = await cli.start('watched');
    const [lines, json] = [cli.run(['watch', workflowId]), cli.runJson(['watch', '--reference', 'watched'])];
    const live = cli.runOnTerminal(['watch', workflowId]);
    await expect.poll(live.screen).toMatch(/email +pending/);
    for (const check of CHECK_NAMES) {
      const report = await applicant.pass(check);
      const args = ['signal', workflowId, check, '--status', report.status];
      const sent = await cli.run(
        report.validationId === undefined ? args : [...args, '--validation-id', report.validationId],
      );
      expect(sent).toMatchObject({
        exitCode: 0,
        stdout: expect.stringContaining(`The ${check} validation was reported`),
      });
    }
    const inLines = await lines;
    expect(inLines.exitCode).toBe(0);
    expect(inLines.stdout.split('\n')).toEqual([
      expect.stringMatching(
        /^[\dT:-]{19}[+-]\d\d:\d\d {2}registered as \w+; to do: email, phone, document, biometric$/,
      ),
      ...CHECK_NAMES.map(() => expect.stringMatching(/ {2}(email|phone|document|biometric) passed$/)),
      expect.stringMatching(/ {2}verified: Every required check has passed/),
    ]);
    const { exitCode, documents } = await json;
    expect(exitCode).toBe(0);
    expect(documents.map(({ data }) => data.sequence)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(documents.at(-1)).toMatchObject({ type: 'onboarding.ended', data: { decision: { outcome: 'verified' } } });
    const liveEnd = await live.ended;
    expect(liveEnd.exitCode).toBe(0);
    // The checklist was overwritten.
    expect(liveEnd.stdout).toContain('\x1b[0J');
    expect(liveEnd.stdout).toMatch(/outcome +verified/);
  });

  it('exits with the code of the outcome, of a stopped onboarding, or of a timeout', async () => {
    const { workflowId } = await cli.start('withdrawn');
    expect(await cli.run(['watch', workflowId, '--timeout', '1'])).toMatchObject({
      exitCode: EXITS.unavailable.code,
    });
    const watched = cli.run(['watch', workflowId]);
    expect(await cli.run(['withdraw', workflowId])).toMatchObject({ exitCode: 0 });
    expect(await watched).toMatchObject({ exitCode: EXITS.withdrawn.code });
    const late = [
      ['withdraw', workflowId],
      ['signal', workflowId, 'email', '--status', 'validated'],
      ['re-register', workflowId],
      ['token', workflowId, '--json'],
    ];
    for (const ended of await Promise.all(late.map((args) => cli.run(args))))
      expect(ended).toMatchObject({
        exitCode: EXITS.refused.code,
        stdout: '',
        stderr: expect.stringContaining('has ended already'),
      });
    const { workflowId: stopped } = await cli.start('stopped');
    const watching = cli.run(['watch', stopped]);
    await cli.real.temporal.workflow.getHandle(stopped).terminate('for a test');
    expect(await watching).toMatchObject({
      exitCode: EXITS.stopped.code,
      stderr: expect.stringContaining('without an outcome'),
    });
    const { stdout } = await cli.run(['status', stopped]);
    expect(stdout).toMatch(/^onboarding {4}onboarding-stopped: terminated$/m);
    expect(stdout).toMatch(/^terminated {4}without an outcome\nended {9}\d{4}-/m);
    expect((await cli.runJson(['status', stopped])).documents).toMatchObject([
      { phase: 'ended', stopped: { how: 'terminated', at: expect.any(Number) }, awaiting: { from: 'nobody' } },
    ]);
    expect(await cli.run(['watch', 'onboarding-nobody'])).toMatchObject({ exitCode: EXITS.notFound.code });
  });
});

describe('verifik-onboarding events and replay', () => {
  it('list the events of an onboarding, and send one again by its number or its webhook-id', async () => {
    const request = cli.real.request(cli.nextApplicant());
    const callbacks = { endpoint: 'nobody', id: 'known-to-the-service' };
    const { workflowId } = await cli.real.client.start(request, { reference: 'listened', callbacks });
    await cli.run(['withdraw', 'listened']);
    await cli.real.client.result(workflowId);
    const { stdout } = await cli.run(['events', 'listened']);
    expect(stdout).toMatch(/^ {2}1 {2}\S+ {2}registered as .*\n {2}2 {2}\S+ {2}withdrawn: /);
    expect((await cli.runJson(['events', 'listened', '--after', '1'])).documents).toMatchObject([
      { type: 'onboarding.ended', data: { id: 'known-to-the-service', sequence: 2 } },
    ]);
    const { onboardingRunId } = await cli.real.client.events(workflowId);
    const idOf = (run: string) => `${run}_2_0123456789abcdef`;
    const deliveries = async () => {
      const history = await cli.real.temporal.workflow.getHandle(`callbacks-${workflowId}`).fetchHistory();
      return JSON.stringify(history).match(/"signalName":"deliver"/g)?.length ?? 0;
    };
    const before = await deliveries();
    expect(await cli.run(['replay', 'listened', '1'])).toMatchObject({ exitCode: 0 });
    expect(await cli.run(['replay', 'listened', idOf(onboardingRunId)])).toMatchObject({ exitCode: 0 });
    expect(await deliveries()).toBe(before + 2);
    for (const event of ['7', idOf('another-run')])
      expect(await cli.run(['replay', 'listened', event])).toMatchObject({ exitCode: EXITS.notFound.code });
  });
});

describe('verifik-onboarding erase', () => {
  it('asks on a terminal, erases only after a yes, and shows the receipt', async () => {
    const { workflowId, started } = await cli.start('erased');
    const args = ['erase', '--reference', 'erased'];
    const refused = cli.runOnTerminal(args);
    await expect.poll(refused.screen).toContain('[y/N]');
    refused.type('n');
    expect(await refused.ended).toMatchObject({ exitCode: EXITS.interrupted.code });
    expect(await cli.real.client.status(workflowId)).toMatchObject({ phase: 'validating' });
    const placed = await cli.run(['hold', 'place', '--reference', 'erased', '--by', 'lawyer-1', '--reason', 'case 7']);
    expect(placed.stdout).toMatch(/^hold {7}erased\nplaced by {2}lawyer-1\nplaced {5}\d.*\nreason {5}case 7$/);
    const again = await cli.run(['hold', 'place', '--reference', 'erased', '--by', 'lawyer-2']);
    expect(again.stdout).toContain('placed by  lawyer-1');
    expect(again.stderr).toContain('set already');
    expect(await cli.runJson([...args, '--yes'])).toMatchObject({
      exitCode: EXITS.refused.code,
      error: { type: 'LegalHold' },
    });
    expect((await cli.runJson(['hold', 'show', '--reference', 'erased'])).documents).toMatchObject([
      { reference: 'erased', placedBy: 'lawyer-1', placedAt: expect.any(Number), reason: 'case 7' },
    ]);
    const lifted = await cli.run(['hold', 'lift', '--reference', 'erased', '--by', 'lawyer-3']);
    expect(lifted.stdout).toMatch(/\nlifted by {2}lawyer-3\nlifted {5}\d/);
    expect(await cli.run(['hold', 'show', '--reference', 'erased'])).toMatchObject({ exitCode: EXITS.notFound.code });
    const confirmed = cli.runOnTerminal(args);
    await expect.poll(confirmed.screen).toContain('[y/N]');
    confirmed.type('y');
    const { exitCode, stdout } = await confirmed.ended;
    expect(exitCode).toBe(0);
    expect(stdout).toContain(started.appRegistrationId);
    expect(await cli.runJson([...args, '--yes'])).toMatchObject({
      exitCode: 0,
      documents: [{ reference: 'erased', runs: 0 }],
    });
  });

  it('deletes the data at Verifik with --at-verifik, and shows the answers', async () => {
    const { started } = await cli.start('erased-there');
    const args = ['erase', '--reference', 'erased-there', '--at-verifik', '--yes'];
    const { exitCode, stdout } = await cli.run(args);
    expect(exitCode).toBe(0);
    expect(stdout).toContain(`deleted   registration ${started.appRegistrationId}`);
  });
});

describe('verifik-onboarding doctor', () => {
  const states = (
    documents: readonly { readonly findings: readonly { readonly about: string; readonly state: string }[] }[],
  ) => Object.fromEntries((documents[0]?.findings ?? []).map(({ about, state }) => [about, state]));

  it('finds no problem in a complete environment with Verifik', async () => {
    const verifik = { VERIFIK_BASE_URL: cli.real.sandbox.url, VERIFIK_CLIENT_TOKEN: cli.real.sandbox.clientToken };
    const files = {
      ONBOARDING_POLICIES_FILE: newPoliciesFile({ quick: { version: '1', policy: {} } }),
      ONBOARDING_EVIDENCE_KEYS_FILE: newKeysFile(),
    };
    const { exitCode, documents } = await cli.runJson(['doctor'], '', { ...verifik, ...files });
    expect(new Set(Object.values(states(documents)))).toEqual(new Set(['ok']));
    expect(documents[0].findings).toHaveLength(10);
    expect(exitCode).toBe(0);
    const { stdout } = await cli.run(['doctor']);
    expect(stdout).toMatch(
      /^ok +Temporal .*\nok +namespace .*\nok +search attributes .*\nok +workers .*\nok +workflow tasks /,
    );
    expect(stdout).toMatch(/skipped +policies .*\nskipped +Verifik/);
  });

  it('examines the token of each account', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'onboarding-doctor-'));
    const accountWith = (name: string, token: string) => {
      writeFileSync(join(folder, name), token);
      return { clientTokenFile: join(folder, name), projects: [`project-of-${name}`] };
    };
    const { url, clientToken } = cli.real.sandbox;
    const accounts = { acme: accountWith('acme', clientToken), globex: accountWith('globex', 'not-a-token') };
    const file = join(folder, 'accounts.json');
    writeFileSync(file, JSON.stringify({ accounts }));
    const { documents } = await cli.runJson(['doctor'], '', { VERIFIK_BASE_URL: url, VERIFIK_ACCOUNTS_FILE: file });
    expect(states(documents)).toMatchObject({ 'Verifik (acme)': 'ok', 'Verifik (globex)': 'wrong' });
  });

  it('names each problem and its fix', async () => {
    const wrongSettings = {
      ONBOARDING_TASK_QUEUE: 'nobody-works-here',
      ONBOARDING_CONTACT_KEY: '',
      ONBOARDING_ENCRYPTION_KEYS_FILE: '/nowhere/keys.json',
      ONBOARDING_POLICIES_FILE: newPoliciesFile({ standard: {} }),
      VERIFIK_BASE_URL: cli.real.sandbox.url,
      VERIFIK_CLIENT_TOKEN: 'not-a-token-of-the-sandbox',
    };
    const { exitCode, documents } = await cli.runJson(['doctor'], '', wrongSettings);
    expect(exitCode).toBe(EXITS.failed.code);
    expect(states(documents)).toEqual({
      Temporal: 'ok',
      namespace: 'ok',
      'search attributes': 'ok',
      workers: 'wrong',
      'workflow tasks': 'ok',
      'encryption keys': 'wrong',
      'evidence keys': 'skipped',
      'contact key': 'wrong',
      policies: 'wrong',
      Verifik: 'wrong',
    });
    const { stdout } = await cli.run(['doctor'], '', { ...wrongSettings, TEMPORAL_NAMESPACE: 'nowhere' });
    expect(stdout).toMatch(/wrong +namespace +.*\n +Check --namespace or TEMPORAL_NAMESPACE/);
    expect(stdout).toMatch(/wrong +encryption keys .*\n +Check the file of ONBOARDING_ENCRYPTION_KEYS_FILE, and/);
    expect(stdout).toMatch(/wrong +contact key .*\n +Set ONBOARDING_CONTACT_KEY_FILE: start and/);
    expect(stdout).toMatch(
      /wrong +policies .*policies\.standard\.version: expected .*\n +Correct the file of ONBOARDING_PO/,
    );
    expect(stdout).not.toContain('not-a-token-of-the-sandbox');
  });
});

describe('the output of all commands', () => {
  it('contains no token and no personal data', () => {
    expect(cli.foundInOutputs(['onboarding-watched'])).toEqual(['onboarding-watched']);
  });
});
