import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { describe, expect, it } from 'vitest';
import { EXITS } from '../../cli/exits.js';
import { newKeysFile } from '../support/encryption-keys.js';
import { inPipes } from './running.js';

const COMMANDS = [
  'start',
  'token',
  'status',
  'watch',
  'list',
  'signal',
  're-register',
  'review',
  'withdraw',
  'erase',
  'doctor',
  'completion',
];

const NOWHERE = {
  TEMPORAL_ADDRESS: '127.0.0.1:1',
  ONBOARDING_CONTACT_KEY: 'a-key-for-the-tests',
  ONBOARDING_ENCRYPTION_KEYS_FILE: newKeysFile(),
};

const fileWith = (text: string): string => {
  const path = join(mkdtempSync(join(tmpdir(), 'onboarding-cli-')), 'file');
  writeFileSync(path, text);
  return path;
};

const wholeRequest = (change: object) =>
  fileWith(
    JSON.stringify({ project: 'p', projectFlow: 'f', fullName: 'A B', contact: { email: 'a@example.com' }, ...change }),
  );

const needsAFile = fileWith('{"project": "p", "projectFlow": "f"}');

describe('the command line, before anything is asked of Temporal', () => {
  it('has help with examples for every command, and names all of them', async () => {
    const { stdout, exitCode } = await inPipes(['--help']);
    expect(exitCode).toBe(0);
    for (const command of COMMANDS) expect(stdout).toContain(`\n  ${command}`);
    const helps = await Promise.all(COMMANDS.map((command) => inPipes([command, '--help'])));
    for (const [index, help] of helps.entries()) {
      expect(help.exitCode).toBe(0);
      expect(help.stdout).toMatch(new RegExp(`Examples:\\n  \\$ .*onboarding ${COMMANDS[index]}`));
      if (COMMANDS[index] !== 'completion') expect(help.stdout).toContain('--json');
    }
  });

  it('tells its version, which is that of the package', async () => {
    const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
    expect(await inPipes(['--version'])).toMatchObject({ exitCode: 0, stdout: version, stderr: '' });
  });

  it.concurrent.each([
    ['no command', [], 'Usage: onboarding'],
    ['a command that is misspelt', ['statsu', 'x'], '(Did you mean status?)'],
    ['a command that is none', ['begin'], "error: unknown command 'begin'"],
    [
      'an option that is none, without its value',
      ['status', 'x', '--email=a@example.com'],
      "error: unknown option '--email'",
    ],
    ['no id', ['status'], "error: id: expected an onboarding's workflow id, or --reference"],
    ['an empty id', ['status', ''], 'error: id: expected'],
    ['an id and a reference', ['status', 'x', '--reference', 'y'], 'not both'],
    [
      'a reference that is an address',
      ['status', '--reference', 'a@example.com'],
      'error: --reference: expected an opaque',
    ],
    ['an unknown check', ['signal', 'x', 'passport', '--status', 'ok'], 'error: check: expected one of email, phone'],
    [
      'a reference and no check',
      ['signal', '--reference', 'x', '--status', 'ok'],
      'error: check: expected one of email',
    ],
    ['no status word', ['signal', 'x', 'email'], 'error: --status: expected a text'],
    [
      'an id of Verifik that cannot be one',
      ['signal', 'x', 'email', '--status', 'ok', '--validation-id', '../x'],
      'error: --validation-id: expected an id',
    ],
    ['no decision', ['review', 'x', '--reviewer', 'r'], 'error: decision: expected approve or reject'],
    ['no reviewer', ['review', 'x', 'approve'], 'error: --reviewer: expected a text'],
    ['a status that is none', ['list', '--status', 'done'], 'error: --status: expected registering, validating'],
    ['a limit that is none', ['list', '--limit', 'many'], 'error: --limit: expected a whole number'],
    ['a time that is none', ['list', '--timeout', '-1'], 'error: --timeout: expected a whole number'],
    ['nobody to ask whether to erase', ['erase', '--reference', 'x'], 'error: --yes: expected'],
    ['nobody to erase', ['erase', '--yes'], 'error: --reference: expected an opaque reference'],
    ['a token in a pipe', ['token', 'x'], 'error: --json: expected'],
    [
      'nobody to ask for the applicant',
      ['start', '--file', needsAFile],
      'error: fullName: expected it in the JSON of --file, as nobody can be asked; contact: expected',
    ],
    [
      'a file that is not there',
      ['start', '--file', '/nowhere.json'],
      'error: --file: expected a file that can be read',
    ],
    ['a file that is no JSON', ['start', '--file', fileWith('{a@example.com')], 'error: --file: expected JSON'],
    ['a file that is no object', ['start', '--file', fileWith('[]')], 'error: --file: expected a JSON object'],
    [
      'an address that is none',
      ['start', '--file', wholeRequest({ contact: { email: 'applicant-at-example' } })],
      'error: contact.email: expected an email address',
    ],
    [
      'a field that is none',
      ['start', '--file', wholeRequest({ fullname: 'A B' })],
      'error: fullname: expected no such field',
    ],
    [
      'a contact that is none',
      ['re-register', 'x', '--file', fileWith('{"phone": "3001234567"}')],
      'error: contact.countryCode: expected a country code',
    ],
    ['a rate of nothing', ['batch', 'rate', 'x', '0'], 'error: rate: expected a number from 0.017 (one call a minute)'],
    ['a batch that is no id', ['batch', 'report', '../x'], 'error: batch: expected an id'],
    [
      'a day that is none',
      ['batch', 'start', '--id', 'x', '--mode', 'audit', '--project', 'p', '--created-after', '2026-02-31'],
      'error: --created-after: expected a date',
    ],
    ['a shell that is none', ['completion', 'cmd'], 'Allowed choices are'],
  ])('refuses %s with one line and exit code 2', async (_what, args, said) => {
    const { exitCode, stdout, stderr } = await inPipes(args, NOWHERE);
    expect(exitCode).toBe(EXITS.usage.code);
    expect(stdout).toBe('');
    expect(stderr).toContain(said);
    expect(stderr).not.toMatch(/example\.com|applicant-at-example|3001234567|\n {4}at /);
    if (args.length > 0) expect(stderr).not.toContain('\n');
  });

  it('tells an error as JSON where JSON was asked for', async () => {
    const { exitCode, stderr } = await inPipes(['list', '--status', 'done', '--json'], NOWHERE);
    expect(exitCode).toBe(EXITS.usage.code);
    expect(JSON.parse(stderr)).toMatchObject({
      error: {
        type: 'usage',
        exitCode: 2,
        fields: [{ field: '--status', expected: expect.stringContaining('verified') }],
      },
    });
  });

  it.concurrent.each([
    [
      'no contact key',
      { ONBOARDING_CONTACT_KEY: '' },
      'ONBOARDING_CONTACT_KEY or ONBOARDING_CONTACT_KEY_FILE: expected a secret',
    ],
    [
      'a contact key that is too short',
      { ONBOARDING_CONTACT_KEY: 'tooshort' },
      'ONBOARDING_CONTACT_KEY: expected a secret',
    ],
    [
      'no encryption keys in production',
      { ONBOARDING_ENCRYPTION_KEYS_FILE: '', NODE_ENV: 'production' },
      'ONBOARDING_ENCRYPTION_KEYS',
    ],
    ['encryption keys that are none', { ONBOARDING_ENCRYPTION_KEYS_FILE: fileWith('{"current": "x"}') }, 'keys'],
    ['a profile of Temporal that is not there', { TEMPORAL_PROFILE: 'nobody' }, 'TEMPORAL_…: expected settings'],
    ['a configuration file that is not there', { ONBOARDING_CLI_CONFIG: '/nowhere.json' }, 'ONBOARDING_CLI_CONFIG'],
  ])('with %s says so, and exits with 78', async (_what, env, said) => {
    const { exitCode, stderr } = await inPipes(['start', '--file', wholeRequest({})], { ...NOWHERE, ...env });
    expect(stderr).toContain(said);
    expect(stderr).not.toContain('tooshort');
    expect(exitCode).toBe(EXITS.misconfigured.code);
  });

  it.skipIf(process.platform !== 'linux')('that cannot write its answer says so, and exits with 1', async () => {
    const main = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
    const lines = ['doctor --timeout 1', 'doctor --timeout 1 --json', 'completion bash'];
    const ended = await Promise.all(
      lines.map((line) =>
        execa('sh', ['-c', `"$0" "$1" ${line} >/dev/full`, process.execPath, main], { env: NOWHERE, reject: false }),
      ),
    );
    for (const { exitCode, stderr } of ended) {
      expect(stderr).toContain('the output could not be written');
      expect(stderr).not.toContain('\n');
      expect(exitCode).toBe(EXITS.failed.code);
    }
  });

  it.each([
    ['status', ['status', 'x']],
    ['start', ['start', '--file', wholeRequest({})]],
    ['watch', ['watch', 'x']],
  ])('that cannot reach Temporal for %s says so in time, and exits with 5', async (_what, args) => {
    const { exitCode, stderr } = await inPipes([...args, '--timeout', '1'], NOWHERE);
    expect(stderr).toMatch(/^error: Temporal at 127\.0\.0\.1:1 could not be reached\. /);
    expect(exitCode).toBe(EXITS.unavailable.code);
  });
});

/** Stands for what the package bash-completion has. */
const WORDS_OF_BASH = `_get_comp_words_by_ref() { cur=\${COMP_WORDS[COMP_CWORD]}; words=("\${COMP_WORDS[@]}"); cword=$COMP_CWORD; }; compopt() { :; };`;

const completed = async (...words: string[]): Promise<readonly string[]> => {
  const { stdout: script } = await inPipes(['completion', 'bash']);
  const main = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
  const asIf = `onboarding() { ${process.execPath} ${main} "$@"; }; COMP_WORDS=(onboarding ${words.join(' ')}); COMP_CWORD=${words.length};`;
  const { stdout } = await execa('bash', [
    '-c',
    `${script}\n${WORDS_OF_BASH}\n${asIf}\n__onboarding_complete; printf '%s\\n' "\${COMPREPLY[@]}"`,
  ]);
  return stdout.split('\n');
};

describe('completion', () => {
  it('completes commands, options and words in bash', async () => {
    expect(await completed('sta')).toEqual(['start', 'status']);
    expect(await completed('list', '--sta')).toEqual(['--status']);
    expect(await completed('--ver')).toEqual(['--version']);
    expect(await completed('list', '--status', 'ver')).toEqual(['verified']);
    expect(await completed('signal', 'x', 'bio')).toEqual(['biometric']);
  });

  it.each(['zsh', 'fish'])('has a script for %s, which calls the command', async (shell) => {
    const { stdout, exitCode } = await inPipes(['completion', shell]);
    expect(stdout).toContain('onboarding complete --');
    expect(exitCode).toBe(0);
  });
});
