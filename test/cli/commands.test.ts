import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { EXITS } from '../../cli/exits.js';
import { CHECK_NAMES } from '../../domain/checks.js';
import { fileWith, openWorld, type World } from './world.js';

let world: World;

beforeAll(async () => {
  world = await openWorld(71);
});

afterEach(() => world.standUp());

afterAll(() => world?.close());

describe('onboarding start', () => {
  it('starts from a file, shows the registration and no token, and does not start another request under the same reference', async () => {
    const person = world.somebody();
    const args = [
      'start',
      '--file',
      fileWith({ ...world.real.request(person), project: 'other' }),
      '--project',
      world.real.sandbox.project,
      '--reference',
      'from-file',
    ];
    const { stdout, stderr, exitCode } = await world.run(args);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(
      /^onboarding +onboarding-from-file\nregistration +\w+\ntoken +not shown, good until \d{4}-\d\d-\d\dT[\d:]+[+-]\d\d:\d\d \(in \d+ (hour|minute)s?\)$/,
    );
    expect(stderr).toContain('onboarding token onboarding-from-file');
    const other = await world.runJson(
      ['start', '--file', '-', '--reference', 'from-file'],
      JSON.stringify(world.real.request(world.somebody())),
    );
    expect(other).toMatchObject({
      exitCode: EXITS.refused.code,
      documents: [],
      error: { type: 'OtherRequest', exitCode: 4 },
    });
  });

  it('asks on a terminal for what is missing, and again where the answer cannot be', async () => {
    const person = world.somebody();
    const { project, projectFlow } = world.real.sandbox;
    const terminal = world.sit(['start', '--project', project, '--project-flow', projectFlow, '--reference', 'asked'], {
      types: 'personal',
    });
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
    expect(await world.real.client.applicant('onboarding-asked')).toMatchObject({ fullName: person.fullName });
  });

  it('does nothing where Ctrl-C comes in place of an answer', async () => {
    const terminal = world.sit(['start', '--project', 'p', '--project-flow', 'f']);
    await expect.poll(terminal.screen).toContain('Full name');
    terminal.press('\x03');
    expect(await terminal.ended).toMatchObject({
      exitCode: EXITS.interrupted.code,
      stdout: expect.stringContaining('nothing was done'),
    });
  });
});

describe('onboarding token', () => {
  it('shows a live token on a terminal, and elsewhere only as JSON', async () => {
    const { workflowId, token } = await world.start('token');
    const shown = await world.sit(['token', workflowId]).ended;
    expect(shown).toMatchObject({ exitCode: 0, stdout: expect.stringContaining(token) });
    const { documents } = await world.runJson(['token', '--reference', 'token']);
    expect(documents).toMatchObject([
      { workflowId, token: expect.stringMatching(/^eyJ/), expiresAt: expect.any(Number) },
    ]);
    expect(await world.run(['token', workflowId])).toMatchObject({ exitCode: EXITS.usage.code, stdout: '' });
  });
});

describe('onboarding status', () => {
  it('shows the checks and who must act, for people and as JSON', async () => {
    const { workflowId, started } = await world.start('standing');
    const { stdout, exitCode } = await world.run(['status', workflowId]);
    expect(exitCode).toBe(0);
    for (const check of CHECK_NAMES) expect(stdout).toMatch(new RegExp(`^${check} +pending +\\S.* +0 of \\d+$`, 'm'));
    expect(stdout).toMatch(/awaiting +applicant: The applicant has to complete/);
    expect(stdout).toContain('may be done   token, signal, re-register, withdraw');
    expect(stdout).not.toContain('\x1b');
    const { documents } = await world.runJson(['status', '--reference', 'standing']);
    expect(documents).toMatchObject([
      { workflowId, phase: 'validating', registration: { appRegistrationId: started.appRegistrationId } },
    ]);
  });

  it('needs no contact key, and says where there is no such onboarding', async () => {
    const missing = await world.runJson(['status', '--reference', 'nobody'], '', { ONBOARDING_CONTACT_KEY: '' });
    expect(missing).toMatchObject({ exitCode: EXITS.notFound.code, error: { type: 'NotFound' } });
    expect(await world.run(['status', 'onboarding-nobody'])).toMatchObject({
      exitCode: 3,
      stderr: expect.stringMatching(/^error: .{20,200}$/),
    });
  });
});

describe('an onboarding that failed without an outcome', () => {
  it('is shown as failed, and takes nothing more', async () => {
    const request = { ...world.real.request(world.somebody()), project: 'nobodys' };
    const started = await world.run(['start', '--file', '-', '--reference', 'fails'], JSON.stringify(request));
    expect(started).toMatchObject({ exitCode: EXITS.failed.code, stdout: '' });
    const { stdout, exitCode } = await world.run(['status', '--reference', 'fails']);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^onboarding {4}onboarding-fails: failed$/m);
    expect(stdout).toMatch(/^failed {8}without an outcome: Misconfigured$/m);
    expect(stdout).not.toMatch(/awaiting|may be done/);
    const { documents } = await world.runJson(['status', '--reference', 'fails']);
    expect(documents).toMatchObject([
      { phase: 'ended', stopped: { how: 'failed', failure: 'Misconfigured', at: expect.any(Number) } },
    ]);
    const signalled = await world.run(['signal', '--reference', 'fails', 'email', '--status', 'validated']);
    expect(signalled).toMatchObject({ exitCode: EXITS.stopped.code, stderr: expect.stringContaining('failed or was') });
    const list = async () => (await world.run(['list', '--reference', 'fails'])).stdout;
    await expect.poll(list).toMatch(/^onboarding-fails +failed/m);
  });
});

describe('onboarding re-register and review', () => {
  it('registers again with a new contact from a file, and shows no token', async () => {
    const { workflowId } = await world.start('again');
    const { email, phone, countryCode } = world.somebody();
    const file = fileWith({ email, phone, countryCode });
    const { documents, exitCode } = await world.runJson([
      're-register',
      workflowId,
      '--file',
      file,
      '--reason',
      'another phone',
    ]);
    expect(exitCode).toBe(0);
    expect(Object.keys(documents[0])).toEqual(['workflowId', 'appRegistrationId', 'expiresAt', 'generation']);
    expect(await world.real.client.applicant(workflowId)).toMatchObject({ contact: { email } });
    expect(await world.run(['review', workflowId, 'approve', '--reviewer', 'reviewer-7'])).toMatchObject({
      exitCode: EXITS.refused.code,
      stderr: expect.stringContaining('under review'),
    });
  });

  it('decides what is under review, which watch ends with', async () => {
    const person = world.somebody();
    const { workflowId, applicant } = await world.start('reviewed', {
      ...person,
      email: person.email.replace('@', '+document-review@'),
    });
    await applicant.pass('email');
    const { status } = await applicant.uploadDocument();
    await world.run(['signal', '--reference', 'reviewed', 'document', '--status', status]);
    await expect.poll(async () => (await world.real.client.status(workflowId)).hold).toBe('review');
    const note = fileWith('The picture is of a screen.');
    const args = [
      'review',
      '--reference',
      'reviewed',
      'reject',
      '--reviewer',
      'reviewer-7',
      '--check',
      'document',
      '--note-file',
      note,
    ];
    expect(await world.run(args)).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining('onboarding-reviewed'),
    });
    expect(await world.run(['watch', workflowId])).toMatchObject({ exitCode: EXITS.rejected.code });
  });
});

describe('onboarding list', () => {
  it('lists what fits, as a table and as a document on each line', async () => {
    await Promise.all(['list-a', 'list-b'].map((reference) => world.start(reference)));
    const filter = ['list', '--status', 'validating', '--pending', 'document', '--reference-prefix', 'list-'];
    await expect
      .poll(async () => (await world.runJson(filter)).documents)
      .toMatchObject([
        {
          workflowId: expect.stringMatching(/^onboarding-list-[ab]$/),
          execution: 'RUNNING',
          startedAt: expect.any(Number),
        },
        { status: 'validating' },
      ]);
    const table = await world.run(filter);
    expect(table.stdout).toMatch(
      /^onboarding +status +pending +started +deadline\nonboarding-list-[ab] +validating +email, phone/,
    );
    expect(await world.run([...filter, '--limit', '1'])).toMatchObject({
      stderr: expect.stringContaining('There are more'),
    });
    expect(await world.run(['list', '--reference', 'nobody'])).toMatchObject({
      exitCode: 0,
      stdout: '',
      stderr: 'There are none.',
    });
  });
});

describe('all that was said', () => {
  it('holds no token and nothing of the applicants', () => {
    expect(world.foundInWhatWasSaid(['onboarding-standing'])).toEqual(['onboarding-standing']);
  });
});
