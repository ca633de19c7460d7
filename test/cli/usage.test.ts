import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { describe, expect, it } from 'vitest';
import { EXITS } from '../../cli/exit-codes.js';
import { newKeysFile } from '../support/encryption-keys.js';
import { type Ended, type Env, fileWith, inPipes, inThisProcess, useEnv } from './running.js';

const COMMANDS = [
  'start',
  'token',
  'status',
  'watch',
  'events',
  'replay',
  'list',
  'signal',
  're-register',
  'withdraw',
  'evidence',
  'erase',
  'setup',
  'doctor',
  'contract',
  'completion',
];

const UNREACHABLE = {
  TEMPORAL_ADDRESS: '127.0.0.1:1',
  ONBOARDING_CONTACT_KEY: 'a-key-for-the-tests',
  ONBOARDING_ENCRYPTION_KEYS_FILE: newKeysFile(),
};

/** Runs a command that fails before it connects. */
const quickly = (args: readonly string[], env: Env = UNREACHABLE): Promise<Ended> => {
  const restore = useEnv(env);
  return inThisProcess(args).finally(restore);
};

const requestFile = (change: object) =>
  fileWith({ project: 'p', projectFlow: 'f', fullName: 'A B', contact: { email: 'a@example.com' }, ...change });

const incompleteRequestFile = fileWith('{"project": "p", "projectFlow": "f"}');

const moduleWith = (bytes: number): string => {
  const path = `${fileWith('')}.mjs`;
  const ring = `{ current: 'a', keys: new Map([['a', new Uint8Array(${bytes})]]) }`;
  writeFileSync(path, `export default { read: async () => (${ring}) };`);
  return path;
};

const AWS_KEY = { current: 'a', keys: { a: 'aws-kms://arn:aws:kms:eu-west-1:123456789012:key/a-key' } };

/** No service of AWS, and credentials that keep its SDK from looking for others. */
const AWS: Env = {
  AWS_ENDPOINT_URL: 'http://127.0.0.1:1',
  AWS_ACCESS_KEY_ID: 'id',
  AWS_SECRET_ACCESS_KEY: 'secret',
  AWS_MAX_ATTEMPTS: '1',
};

describe('verifik-onboarding doctor', () => {
  it.each<[string, Env, string]>([
    [
      'a key in a service that does not answer',
      { ONBOARDING_ENCRYPTION_KEYS_FILE: fileWith(AWS_KEY), ...AWS },
      'Check the file of ONBOARDING_ENCRYPTION_KEYS_FILE, and the credentials and packages',
    ],
    [
      'a wrong key of a module',
      { ONBOARDING_KEY_PROVIDER_MODULE: moduleWith(31) },
      'Check the key provider in ONBOARDING_KEY_PROVIDER_MODULE',
    ],
    [
      'wrong keys in a variable',
      { ONBOARDING_ENCRYPTION_KEYS: '{}' },
      'Correct the keys in ONBOARDING_ENCRYPTION_KEYS:',
    ],
    [
      'two sources of keys',
      { ONBOARDING_ENCRYPTION_KEYS: '{}', ONBOARDING_KEY_PROVIDER_MODULE: '/m.js' },
      'Keep the one that the workers have',
    ],
    [
      'no keys',
      { NODE_ENV: 'production' },
      'Set ONBOARDING_ENCRYPTION_KEYS_FILE to a file with the keys of the workers',
    ],
  ])('advises on %s', async (_what, keys, advice) => {
    const { stdout } = await inPipes(['doctor', '--timeout', '1'], { TEMPORAL_ADDRESS: '127.0.0.1:1', ...keys });
    expect(stdout).toMatch(/wrong +encryption keys /);
    expect(/encryption keys .*\n +(.*)/.exec(stdout)?.[1]).toContain(advice);
  });

  it('advises on an evidence key that is an encryption key', async () => {
    const ONBOARDING_EVIDENCE_KEYS_FILE = UNREACHABLE.ONBOARDING_ENCRYPTION_KEYS_FILE;
    const { stdout } = await inPipes(['doctor', '--timeout', '1'], { ...UNREACHABLE, ONBOARDING_EVIDENCE_KEYS_FILE });
    expect(stdout).toMatch(
      /evidence keys .*keys\.test: expected another key than the encryption key test\n +Correct ONBOARDING_EVIDENCE_KEYS or/,
    );
  });

  it('advises on a contact key that is set and wrong', async () => {
    const { stdout } = await inPipes(['doctor', '--timeout', '1'], {
      ...UNREACHABLE,
      ONBOARDING_CONTACT_KEY: '',
      ONBOARDING_CONTACT_KEY_FILE: '/nowhere/key',
    });
    expect(stdout).toMatch(/contact key .*\n +Correct ONBOARDING_CONTACT_KEY or ONBOARDING_CONTACT_KEY_FILE, which/);
  });
});

describe('the command line, before a call to Temporal', () => {
  it('has help with examples for every command, and lists all commands', async () => {
    const { stdout, exitCode } = await inPipes(['--help']);
    expect(exitCode).toBe(0);
    for (const command of COMMANDS) expect(stdout).toContain(`\n  ${command}`);
    for (const command of COMMANDS) {
      const help = await quickly([command, '--help']);
      expect(help.exitCode).toBe(0);
      expect(help.stdout).toMatch(new RegExp(`Examples:\\n  \\$ .*onboarding ${command}`));
      if (command === 'completion') continue;
      for (const option of ['--json', '--address', '--namespace', '--profile']) expect(help.stdout).toContain(option);
    }
  });

  it('shows the version of the package', async () => {
    const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
    expect(await inPipes(['--version'])).toMatchObject({ exitCode: 0, stdout: version, stderr: '' });
  });

  it('shows the help without a command, with exit code 2', async () => {
    const { exitCode, stdout, stderr } = await inPipes([], UNREACHABLE);
    expect(exitCode).toBe(EXITS.usage.code);
    expect(stdout).toBe('');
    expect(stderr).toContain('Usage: verifik-onboarding');
  });

  it.each([
    ['a misspelt command', ['statsu', 'x'], '(Did you mean status?)'],
    ["a group's misspelt command", ['batch', 'stats', 'x'], '(Did you mean status?)'],
    ['an unknown command', ['begin'], "error: unknown command 'begin'"],
    [
      'an unknown option, without its value',
      ['status', 'x', "--email=a'b@example.com"],
      "error: unknown option '--email'",
    ],
    ['an unknown short option, without its value', ['status', 'x', '-ea@example.com'], "error: unknown option '-e'"],
    ['a misspelt option', ['list', '--statu', 'x'], "error: unknown option '--statu' (Did you mean --status?)"],
    ['a misspelt option of the program', ['status', 'x', '--adress', 'a:1'], '(Did you mean --address?)'],
    [
      'an email address as the id',
      ['status', 'a@example.com'],
      "error: id: expected an onboarding's workflow id, or an",
    ],
    ['no id', ['status'], "error: id: expected an onboarding's workflow id or reference"],
    ['an empty id', ['status', ''], 'error: id: expected'],
    ['an id and a reference', ['status', 'x', '--reference', 'y'], 'not both'],
    [
      'an email address as the reference',
      ['status', '--reference', 'a@example.com'],
      'error: --reference: expected an opaque',
    ],
    ['an unknown check', ['signal', 'x', 'passport', '--status', 'ok'], 'error: check: expected one of email, phone'],
    [
      'a reference and no check',
      ['signal', '--reference', 'x', '--status', 'ok'],
      'error: check: expected one of email',
    ],
    ['no status word', ['signal', 'x', 'email'], 'error: --status: expected this option: '],
    [
      'an invalid id of Verifik',
      ['signal', 'x', 'email', '--status', 'ok', '--validation-id', '../x'],
      'error: --validation-id: expected an id',
    ],
    [
      'an event that is no number',
      ['replay', 'x', 'last'],
      'error: event: expected a sequence number, or the webhook-id',
    ],
    ['no reviewer', ['review', 'approve', 'x'], 'error: --reviewer: expected an opaque id'],
    [
      'an outdated look at a review',
      ['review', 'reject', 'x', '--reviewer', 'r', '--if-version', '1'],
      'error: --if-version: expected the `review.version` of a snapshot',
    ],
    [
      'a check that cannot be requested again',
      ['review', 'again', 'x', '--check', 'document', '--check', 'email', '--reviewer', 'r', '--reason', 'blurred'],
      'error: --check: expected document or biometric',
    ],
    [
      'a claim that is too short',
      ['review', 'claim', 'x', '--reviewer', 'r', '--for', '0m'],
      'error: --for: expected a duration in m, h or d from 1m to 1d, such as 30m',
    ],
    [
      'a claim that is too long',
      ['review', 'claim', 'x', '--reviewer', 'r', '--for', '2d'],
      'error: --for: expected a duration in m, h or d from 1m to 1d, such as 30m',
    ],
    [
      'reviews that are claimed and unclaimed',
      ['review', 'list', '--claimed-by', 'r', '--unclaimed'],
      'error: --unclaimed: expected no --claimed-by',
    ],
    ['an unknown status', ['list', '--status', 'done'], 'error: --status: expected registering, validating'],
    ['an invalid limit', ['list', '--limit', 'many'], 'error: --limit: expected a whole number'],
    ['an invalid timeout', ['list', '--timeout', '-1'], 'error: --timeout: expected a whole number'],
    ['an erasure without confirmation', ['erase', '--reference', 'x'], 'error: --yes: expected'],
    ['an erasure without a customer', ['erase', '--yes'], 'error: --reference: expected this option: '],
    [
      'a contract check without confirmation',
      ['contract', '--project', 'p', '--project-flow', 'f', '--email', 'example.org'],
      'error: --yes: expected',
    ],
    [
      'a whole email address for a contract check',
      ['contract', '--project', 'p', '--project-flow', 'f', '--email', 'a@example.com', '--yes'],
      'error: --email: expected a domain',
    ],
    ['a token in a pipe', ['token', 'x'], 'error: --json: expected'],
    [
      'a missing applicant',
      ['start', '--file', incompleteRequestFile],
      'error: fullName: expected this field in the JSON of --file, because the command cannot ask for it; contact: expected',
    ],
    [
      'a missing file',
      ['start', '--file', '/nowhere.json'],
      '--file (/nowhere.json): expected a file that can be read (no such file',
    ],
    ['a folder', ['start', '--file', '/'], 'error: --file (/): expected a file that can be read (is a directory)'],
    [
      'a file that is not JSON',
      ['start', '--file', fileWith('{\n  "a": a@example.com')],
      '): expected JSON (wrong at line 2, column 8)',
    ],
    ['a file that is not an object', ['start', '--file', fileWith('[]')], '): expected a JSON object'],
    [
      'a file in Windows-1252',
      ['start', '--file', fileWith(Buffer.from('{"fullName":"José"}', 'latin1'))],
      '): expected a file in UTF-8, but byte 17 is not',
    ],
    [
      'a note in Windows-1252',
      ['review', 'approve', 'x', '--note-file', fileWith(Buffer.from('José', 'latin1'))],
      '): expected a file in UTF-8, but byte 4 is not',
    ],
    [
      'an argument that was not UTF-8',
      ['schedule', 'pause', 'x', '--note', 'Jos\uFFFD'],
      'error: --note: expected a text in UTF-8',
    ],
    [
      'an invalid email address',
      ['start', '--file', requestFile({ contact: { email: 'applicant-at-example' } })],
      'error: contact.email: expected an email address',
    ],
    [
      'a control character in a name',
      ['start', '--file', requestFile({ fullName: 'A\u001b[31m' })],
      'error: fullName: expected a text in UTF-8',
    ],
    [
      'an unknown field',
      ['start', '--file', requestFile({ fullname: 'A B' })],
      'error: fullname: expected no such field',
    ],
    [
      'an incomplete contact after a byte order mark',
      ['re-register', 'x', '--file', fileWith('\uFEFF{"phone": "3001234567"}')],
      'error: contact.countryCode: expected a country code',
    ],
    ['a rate of zero', ['batch', 'rate', 'x', '0'], 'error: rate: expected a number from 0.017 (one call a minute)'],
    ['an invalid batch id', ['batch', 'report', '../x'], 'error: batch: expected an id'],
    [
      'an invalid date',
      ['batch', 'start', '--id', 'x', '--mode', 'audit', '--project', 'p', '--created-after', '2026-02-31'],
      'error: --created-after: expected a date',
    ],
    ['an address with a path', ['--address', 'a:1/x', 'status', 'x'], 'error: --address: expected an address such as'],
    ['an unknown shell', ['completion', 'cmd'], 'Allowed choices are'],
  ])('rejects %s with one line and exit code 2', async (_name, args, message) => {
    const { exitCode, stdout, stderr } = await quickly(args);
    expect(exitCode).toBe(EXITS.usage.code);
    expect(stdout).toBe('');
    expect(stderr).toContain(message);
    expect(stderr).not.toMatch(/example\.com|applicant-at-example|3001234567|\n/);
  });

  it('writes an error as JSON with --json', async () => {
    const { exitCode, stderr } = await inPipes(['list', '--status', 'done', '--json'], UNREACHABLE);
    expect(exitCode).toBe(EXITS.usage.code);
    expect(JSON.parse(stderr)).toMatchObject({
      error: {
        type: 'usage',
        exitCode: 2,
        fields: [{ field: '--status', expected: expect.stringContaining('verified') }],
      },
    });
  });

  it.each([
    [
      'no contact key',
      { ONBOARDING_CONTACT_KEY: '' },
      'ONBOARDING_CONTACT_KEY or ONBOARDING_CONTACT_KEY_FILE: expected a secret',
    ],
    ['too short a contact key', { ONBOARDING_CONTACT_KEY: 'tooshort' }, 'ONBOARDING_CONTACT_KEY: expected a secret'],
    [
      'no encryption keys in production',
      { ONBOARDING_ENCRYPTION_KEYS_FILE: '', NODE_ENV: 'production' },
      'ONBOARDING_ENCRYPTION_KEYS',
    ],
    ['invalid encryption keys', { ONBOARDING_ENCRYPTION_KEYS_FILE: fileWith('{"current": "x"}') }, 'keys'],
    ['a missing profile of Temporal', { TEMPORAL_PROFILE: 'nobody' }, 'TEMPORAL_PROFILE: expected a profile'],
    [
      'a configuration of Temporal that is not TOML, without its content',
      { TEMPORAL_CONFIG_FILE: fileWith('[profile.default]\napi_key = tooshort') },
      'file.json): expected TOML (wrong at line 2, column 11)',
    ],
    [
      'a folder as the configuration of Temporal',
      { TEMPORAL_CONFIG_FILE: '/' },
      "Temporal's configuration (/): expected a file that can be read (is a directory)",
    ],
    [
      'a missing configuration file',
      { ONBOARDING_CLI_CONFIG: '/nowhere.json' },
      'ONBOARDING_CLI_CONFIG (/nowhere.json)',
    ],
  ])('reports %s, and exits with 78', async (_name, env, message) => {
    const { exitCode, stderr } = await quickly(['start', '--file', requestFile({})], { ...UNREACHABLE, ...env });
    expect(stderr).toContain(message);
    expect(stderr).not.toContain('tooshort');
    expect(exitCode).toBe(EXITS.misconfigured.code);
  });

  it.skipIf(process.platform !== 'linux')('reports that the output cannot be written, and exits with 1', async () => {
    const main = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
    const lines = ['doctor --timeout 1', 'doctor --timeout 1 --json', 'completion bash'];
    const ended = await Promise.all(
      lines.map((line) =>
        execa('sh', ['-c', `"$0" "$1" ${line} >/dev/full`, process.execPath, main], {
          env: UNREACHABLE,
          reject: false,
        }),
      ),
    );
    for (const { exitCode, stderr } of ended) {
      expect(stderr).toContain('the output could not be written');
      expect(stderr).not.toContain('\n');
      expect(exitCode).toBe(EXITS.failed.code);
    }
  });

  it.concurrent.each([
    ['status', ['status', 'x']],
    ['start', ['start', '--file', requestFile({})]],
    ['watch', ['watch', 'x']],
  ])('reports for %s that Temporal cannot be reached, and exits with 5', async (_name, args) => {
    const { exitCode, stderr } = await inPipes([...args, '--timeout', '5'], UNREACHABLE);
    expect(stderr).toMatch(
      /^error: Temporal could not be reached: .* ECONNREFUSED 127\.0\.0\.1:1\. Check --address \(now 127\.0\.0\.1:1\), /,
    );
    expect(exitCode).toBe(EXITS.unavailable.code);
  });
});
