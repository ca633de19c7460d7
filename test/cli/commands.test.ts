import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { EXITS } from '../../cli/exit-codes.js';
import { CHECK_NAMES } from '../../domain/checks.js';
import { type CliEnvironment, openEnvironment } from './environment.js';
import { fileWith } from './running.js';

let cli: CliEnvironment;

beforeAll(async () => {
  cli = await openEnvironment(71);
});

afterEach(() => cli.killTerminals());

afterAll(() => cli?.close());

describe('verifik-onboarding start', () => {
  it('starts from a file, shows the registration without its token, and rejects a different request with the same reference', async () => {
    const person = cli.nextApplicant();
    const args = [
      'start',
      '--file',
      fileWith({ ...cli.real.request(person), project: 'other' }),
      '--project',
      cli.real.sandbox.project,
      '--reference',
      'from-file',
    ];
    const { stdout, stderr, exitCode } = await cli.run(args);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(
      /^onboarding +onboarding-from-file\nregistration +\w+\ntoken +not shown, valid until \d{4}-\d\d-\d\dT[\d:]+[+-]\d\d:\d\d \(in \d+ (hour|minute)s?\)$/,
    );
    expect(stderr).toContain('verifik-onboarding token onboarding-from-file');
    const other = await cli.runJson(
      ['start', '--file', '-', '--reference', 'from-file'],
      JSON.stringify(cli.real.request(cli.nextApplicant())),
    );
    expect(other).toMatchObject({
      exitCode: EXITS.refused.code,
      documents: [],
      error: { type: 'RequestMismatch', exitCode: 4, message: expect.stringMatching(/differs in .*contact\.email/) },
    });
  });

  it('names the field that Verifik refuses, once and as JSON, or says that the request is to be corrected', async () => {
    const { real } = cli;
    const start = (projectFlow: string) =>
      cli.runJson(['start', '--file', '-'], JSON.stringify({ ...real.request(cli.nextApplicant()), projectFlow }));
    const expected = 'the id of a project flow at Verifik';
    const message = `the request is invalid (getProjectFlow: http_400, HTTP 400); correct it: projectFlow (expected ${expected})`;
    expect(await start('nope')).toMatchObject({
      exitCode: EXITS.usage.code,
      error: { type: 'InvalidRequest', message, fields: [{ field: 'projectFlow', expected }] },
    });
    await real.sandbox.control.faults([
      { match: 'POST /v2/app-registrations', kind: 'status', status: 412, code: 'PreconditionFailed', times: 1 },
    ]);
    const { error } = await start(real.sandbox.projectFlow);
    expect(error).toEqual({
      type: 'InvalidRequest',
      message: 'the request is invalid (createAppRegistration: http_412, HTTP 412); correct it',
      exitCode: EXITS.usage.code,
    });
  });

  it('asks on a terminal for missing fields, and again after an invalid answer', async () => {
    const person = cli.nextApplicant();
    const { project, projectFlow } = cli.real.sandbox;
    const terminal = cli.runOnTerminal(
      ['start', '--project', project, '--project-flow', projectFlow, '--reference', 'asked'],
      {
        types: 'personal',
      },
    );
    const answers = [
      ['Full name', person.fullName],
      ['Email', 'not an address'],
      ['Expected an email address', person.email],
      ['Phone, digits only', person.phone],
      ['country code', person.countryCode],
    ] as const;
    for (const [question, answer] of answers) {
      await expect.poll(terminal.screen).toContain(question);
      terminal.type(answer);
    }
    const { exitCode, stdout } = await terminal.ended;
    expect(stdout).toContain('registration  ');
    expect(exitCode).toBe(0);
    expect(await cli.real.client.applicant('onboarding-asked')).toMatchObject({ fullName: person.fullName });
  });

  it('does nothing after Ctrl-C', async () => {
    const terminal = cli.runOnTerminal(['start', '--project', 'p', '--project-flow', 'f']);
    await expect.poll(terminal.screen).toContain('Full name');
    terminal.press('\x03');
    expect(await terminal.ended).toMatchObject({
      exitCode: EXITS.interrupted.code,
      stdout: expect.stringContaining('nothing was done'),
    });
  });
});

describe('verifik-onboarding token', () => {
  it('shows a live token on a terminal, and in a pipe only as JSON', async () => {
    const { workflowId, token } = await cli.start('token');
    const shown = await cli.runOnTerminal(['token', workflowId]).ended;
    expect(shown).toMatchObject({ exitCode: 0, stdout: expect.stringContaining(token) });
    const { documents } = await cli.runJson(['token', '--reference', 'token']);
    expect(documents).toMatchObject([
      { workflowId, token: expect.stringMatching(/^eyJ/), expiresAt: expect.any(Number) },
    ]);
    expect(await cli.run(['token', workflowId])).toMatchObject({ exitCode: EXITS.usage.code, stdout: '' });
  });
});

describe('verifik-onboarding status', () => {
  it('shows the checks and who must act, as text and as JSON', async () => {
    const { workflowId, started } = await cli.start('status');
    const { stdout, exitCode } = await cli.run(['status', workflowId]);
    expect(exitCode).toBe(0);
    for (const check of CHECK_NAMES) expect(stdout).toMatch(new RegExp(`^${check} +pending +\\S.* +0 of \\d+$`, 'm'));
    expect(stdout).toMatch(/awaiting +applicant: The applicant has to complete/);
    expect(stdout).toContain('next actions  token, signal, re-register, withdraw');
    expect(stdout).not.toContain('\x1b');
    const { documents } = await cli.runJson(['status', 'status']);
    expect(documents).toMatchObject([
      { workflowId, phase: 'validating', registration: { appRegistrationId: started.appRegistrationId } },
    ]);
  });

  it('needs no contact key, and fails if there is no such onboarding', async () => {
    const missing = await cli.runJson(['status', 'nobody'], '', { ONBOARDING_CONTACT_KEY: '' });
    expect(missing).toMatchObject({ exitCode: EXITS.notFound.code, error: { type: 'NotFound' } });
    expect(await cli.run(['status', 'onboarding-nobody'])).toMatchObject({
      exitCode: EXITS.notFound.code,
      stderr:
        'error: there is no onboarding with this workflow id, or it is no longer running. Check the id and the namespace. The gateway starts onboardings as <tenant>:<reference>. See verifik-onboarding list.',
    });
  });
});

describe('an onboarding that failed without an outcome', () => {
  it('is shown as failed, and rejects further commands', async () => {
    const request = { ...cli.real.request(cli.nextApplicant()), project: 'nobodys' };
    const started = await cli.run(['start', '--file', '-', '--reference', 'fails'], JSON.stringify(request));
    expect(started).toMatchObject({ exitCode: EXITS.failed.code, stdout: '' });
    const { stdout, exitCode } = await cli.run(['status', '--reference', 'fails']);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^onboarding {4}onboarding-fails: failed$/m);
    expect(stdout).toMatch(/^failed {8}without an outcome: Misconfigured$/m);
    expect(stdout).toMatch(/^why {11}The project or its flow is misconfigured.* Details: .*HTTP 404/m);
    expect(stdout).not.toMatch(/awaiting|next actions/);
    const { documents } = await cli.runJson(['status', '--reference', 'fails']);
    expect(documents).toMatchObject([
      { phase: 'ended', stopped: { how: 'failed', failure: 'Misconfigured', at: expect.any(Number) } },
    ]);
    const signalled = await cli.run(['signal', 'fails', 'email', '--status', 'validated']);
    expect(signalled).toMatchObject({
      exitCode: EXITS.stopped.code,
      stderr: expect.stringContaining('is misconfigured'),
    });
    const list = async () => (await cli.run(['list', '--reference', 'fails'])).stdout;
    await expect
      .poll(list)
      .toMatch(
        /^fails +failed .*\nfails has no outcome: .*, Misconfigured: The project or its flow is misconfigured/ms,
      );
  });
});

describe('verifik-onboarding re-register and review', () => {
  it('re-register takes a new contact from a file, and does not show the token', async () => {
    const { workflowId } = await cli.start('again');
    const { email, phone, countryCode } = cli.nextApplicant();
    const file = fileWith({ email, phone, countryCode });
    const { documents, exitCode } = await cli.runJson([
      're-register',
      workflowId,
      '--file',
      file,
      '--reason',
      'another phone',
    ]);
    expect(exitCode).toBe(0);
    expect(Object.keys(documents[0])).toEqual(['workflowId', 'appRegistrationId', 'expiresAt', 'generation']);
    expect(await cli.real.client.applicant(workflowId)).toMatchObject({ contact: { email } });
    expect(await cli.run(['review', 'approve', workflowId, '--reviewer', 'reviewer-7'])).toMatchObject({
      exitCode: EXITS.refused.code,
      stderr: expect.stringContaining('under review'),
    });
  });

  /** Starts an onboarding whose document is under review. */
  const underReview = async (reference: string) => {
    const person = cli.nextApplicant();
    const email = person.email.replace('@', '+document-review@');
    const { workflowId, applicant } = await cli.start(reference, { ...person, email });
    await applicant.pass('email');
    const { status } = await applicant.uploadDocument();
    await cli.run(['signal', '--reference', reference, 'document', '--status', status]);
    await expect.poll(async () => (await cli.real.client.status(workflowId)).hold).toBe('review');
    return workflowId;
  };

  const by = (...reviewer: readonly string[]) => ['--reference', 'reviewed', '--reviewer', ...reviewer];

  it('review lists, claims and decides, and its outcome is the exit code of watch', async () => {
    const workflowId = await underReview('reviewed');
    const claimed = await cli.run(['review', 'claim', ...by('reviewer-1', '--for', '30m')]);
    expect(claimed.stdout).toMatch(/^review {8}document \(documentNotSupported\), version [0-9a-f]{8}$/m);
    expect(claimed.stdout).toMatch(
      /^review due {4}\S+ \(in 3 days\)\nclaimed by {4}reviewer-1 until \S+ \(in 30 minutes\)$/m,
    );
    expect(claimed.stdout).toMatch(/^deadline .*, paused by the review$/m);
    await expect
      .poll(async () => (await cli.run(['review', 'list', '--claimed-by', 'reviewer-1'])).stdout)
      .toMatch(/^reference +due +reasons +claimed by +started\nreviewed +in 3d +documentNotSupported +reviewer-1 +\S/);
    expect((await cli.run(['list', '--reference', 'reviewed'])).stdout).toContain(
      'reviewed is in review by reviewer-1.',
    );
    expect(await cli.run(['review', 'list', '--unclaimed'])).toMatchObject({ stderr: 'No reviews match.' });
    const decision = ['review', 'reject', ...by('reviewer-2', '--check', 'document')];
    expect(await cli.run(decision)).toMatchObject({
      exitCode: EXITS.refused.code,
      stderr: expect.stringContaining('--force'),
    });
    const note = fileWith('The picture is of a screen.');
    expect(await cli.run([...decision, '--note-file', note, '--force'])).toMatchObject({ exitCode: 0 });
    expect(await cli.run(['watch', workflowId])).toMatchObject({ exitCode: EXITS.rejected.code });
    expect((await cli.run(['events', workflowId])).stdout).toContain('although reviewer-1 had claimed the review');
  });

  it('review again has the applicant repeat a check, and the status shows the reason', async () => {
    const workflowId = await underReview('repeats');
    const { documents: reviews } = await cli.runJson(['review', 'list']);
    const { review } = await cli.real.client.status(workflowId);
    expect(reviews).toMatchObject([{ workflowId, dueAt: review?.dueAt, reasons: ['documentNotSupported'] }]);
    const request = [
      '--reviewer',
      'reviewer-7',
      '--check',
      'document',
      '--check',
      'biometric',
      '--reason',
      'Too dark.',
    ];
    const requested = await cli.run(['review', 'again', workflowId, ...request, '--if-version', review?.version ?? '']);
    expect(requested.stdout).toMatch(/^document +pending /m);
    expect(requested.stdout).toMatch(/^to repeat {5}document: Too dark\.\nto repeat {5}biometric: Too dark\.$/m);
  });
});

describe('a command in a namespace that does not exist', () => {
  it.each([['list'], ['batch', 'list'], ['status', 'a'], ['watch', 'a']])(
    'exits as misconfigured: %s %s',
    async (...args) => {
      const given = args.filter((arg) => arg !== undefined);
      expect(await cli.run(given, '', { TEMPORAL_NAMESPACE: 'nowhere' })).toMatchObject({
        exitCode: EXITS.misconfigured.code,
        stderr: expect.stringMatching(/^error: Temporal has no such namespace\. Check --namespace, or create /),
      });
    },
  );
});

describe('verifik-onboarding list', () => {
  it('lists the matching onboardings as a table, and as one JSON document per line', async () => {
    await Promise.all(['list-a', 'list-b'].map((reference) => cli.start(reference)));
    const filter = ['list', '--status', 'validating', '--pending', 'document', '--reference-prefix', 'list-'];
    await expect
      .poll(async () => (await cli.runJson(filter)).documents)
      .toMatchObject([
        {
          workflowId: expect.stringMatching(/^onboarding-list-[ab]$/),
          execution: 'RUNNING',
          startedAt: expect.any(Number),
        },
        { status: 'validating' },
      ]);
    const table = await cli.run(filter);
    expect(table.stdout).toMatch(
      /^reference +status +pending +started +deadline\nlist-[ab] +validating +all +\S.* +in \d+d\n/,
    );
    expect(await cli.run([...filter, '--limit', '1'])).toMatchObject({
      stderr: expect.stringContaining('There are more'),
    });
    await cli.start('list-c', cli.nextApplicant(), '--policy-name', 'document-only');
    const named = async () => (await cli.run(['list', '--policy-name', 'document-only'])).stdout;
    await expect.poll(named).toMatch(/^reference.*\nlist-c +validating +document +\S[^\n]*$/);
    expect((await cli.run(['status', 'list-c'])).stdout).toMatch(/^policy +document-only, version 1$/m);
    expect(await cli.run(['list', '--reference', 'nobody'])).toMatchObject({
      exitCode: 0,
      stdout: '',
      stderr: 'No onboardings match.',
    });
  });
});

describe('the output of all commands', () => {
  it('contains no token and no personal data', () => {
    expect(cli.foundInOutputs(['onboarding-status'])).toEqual(['onboarding-status']);
  });
});
