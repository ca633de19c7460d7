import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EXITS } from '../../cli/exit-codes.js';
import { DAY_MS } from '../../shared/time.js';
import { newKey, ringOf } from '../support/signing-keys.js';
import { type CliEnvironment, openEnvironment } from './environment.js';
import { fileWith } from './running.js';

let cli: CliEnvironment;

beforeAll(async () => {
  cli = await openEnvironment(47);
});

afterAll(() => cli?.close());

const env = { ONBOARDING_EVIDENCE_KEYS: ringOf('2026-11', { '2026-11': newKey() }) };
const OFFLINE = { TEMPORAL_ADDRESS: '127.0.0.1:1', ONBOARDING_EVIDENCE_KEYS: '' };

describe('verifik-onboarding evidence', () => {
  it('writes the signed evidence to a file, which verify accepts offline with the public keys alone', async () => {
    const { workflowId } = await cli.start('evidence');
    const early = await cli.runJson(['evidence', workflowId], '', env);
    expect(early).toMatchObject({ exitCode: EXITS.refused.code, error: { type: 'NotDecided' } });
    await cli.run(['withdraw', workflowId]);
    await cli.real.client.result(workflowId);
    const keys = fileWith((await cli.run(['evidence', 'keys'], '', env)).stdout);
    const out = join(dirname(keys), 'evidence.jws');
    expect(await cli.run(['evidence', '--reference', 'evidence', '--out', out], '', env)).toMatchObject({
      exitCode: 0,
      stdout: `The evidence of ${workflowId} is in ${out}.`,
    });
    expect(statSync(out).mode & 0o077).toBe(0);
    const verified = await cli.run(['evidence', 'verify', out, '--keys', keys], '', OFFLINE);
    expect(verified).toMatchObject({ exitCode: 0, stderr: '' });
    expect(verified.stdout).toMatch(/^intact +signed with the key 2026-11\nonboarding +onboarding-evidence\n/);
    expect(verified.stdout).toMatch(/^decision +withdrawn \(withdrawn\): /m);
    const { documents } = await cli.runJson(['evidence', 'verify', out, '--keys', keys], '', OFFLINE);
    expect(documents).toMatchObject([
      { keyId: '2026-11', evidence: { workflowId, decision: { outcome: 'withdrawn' } } },
    ]);
    const [head = '', payload = '', signature = ''] = readFileSync(out, 'utf8').split('.');
    const changed = fileWith([head, payload.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A')), signature].join('.'));
    expect(await cli.runJson(['evidence', 'verify', changed, '--keys', keys], '', OFFLINE)).toMatchObject({
      exitCode: EXITS.failed.code,
      error: { message: expect.stringContaining('it was changed after it was signed') },
    });
    const answer = fileWith({ id: 'evidence', evidence: readFileSync(out, 'utf8') });
    expect(await cli.run(['evidence', 'verify', answer, '--keys', keys], '', OFFLINE)).toMatchObject({ exitCode: 0 });
    writeFileSync(answer, Buffer.concat([readFileSync(out), Buffer.from([0xff])]));
    expect(await cli.runJson(['evidence', 'verify', answer, '--keys', keys], '', OFFLINE)).toMatchObject({
      exitCode: EXITS.failed.code,
      error: { message: expect.stringContaining('refused, it is not a JSON web signature') },
    });
  });

  it('of a verified applicant shows the end of its validity, as the status and the list do', async () => {
    const person = cli.nextApplicant();
    const policy = { required: ['email'], verifiedForMs: 3 * DAY_MS } as const;
    const { real } = cli;
    const valid = await real.client.start(real.request(person, { policy }), { reference: 'valid' });
    await real.doAndReport({ ...valid, applicant: real.applicantWith(person, valid.token) }, 'email');
    await real.client.result(valid.workflowId);
    const until = /^valid until {3}\d{4}-\d\d-\d\dT\S+ \(in 3 days\)$/m;
    expect((await cli.run(['status', valid.workflowId])).stdout).toMatch(until);
    const keys = fileWith((await cli.run(['evidence', 'keys'], '', env)).stdout);
    const signed = fileWith((await cli.run(['evidence', valid.workflowId], '', env)).stdout);
    expect((await cli.run(['evidence', 'verify', signed, '--keys', keys], '', OFFLINE)).stdout).toMatch(until);
    const listed = async () => (await cli.run(['list', '--valid-before', '2099-01-01'])).stdout;
    await expect.poll(listed).toMatch(/ valid until\nvalid +verified +\S.* +\d{4}-\d\d-\d\d, in 3d$/);
  });

  it('refuses a key that is also an encryption key', async () => {
    const keys = readFileSync(cli.real.keysFile, 'utf8');
    expect(await cli.runJson(['evidence', 'keys'], '', { ONBOARDING_EVIDENCE_KEYS: keys })).toMatchObject({
      exitCode: EXITS.misconfigured.code,
      error: { message: expect.stringContaining('expected another key than the encryption key') },
    });
  });

  it('says which setting has the keys if there are none, and what a wrong file of public keys should be', async () => {
    expect(await cli.runJson(['evidence', 'x'])).toMatchObject({
      exitCode: EXITS.misconfigured.code,
      error: { message: expect.stringContaining('ONBOARDING_EVIDENCE_KEYS_FILE: expected the keys that sign') },
    });
    expect(await cli.runJson(['evidence', 'verify', fileWith('x'), '--keys', fileWith({ keys: [1] })])).toMatchObject({
      exitCode: EXITS.usage.code,
      error: { message: expect.stringMatching(/^--keys .*: expected a JSON web key set/) },
    });
  });
});
