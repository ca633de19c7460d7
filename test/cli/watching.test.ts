import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { EXITS } from '../../cli/exits.js';
import { CHECK_NAMES } from '../../domain/checks.js';
import { freePort, startDevServer } from '../../tools/servers/index.js';
import { openWorld, type World } from './world.js';

let world: World;

beforeAll(async () => {
  world = await openWorld(72);
});

afterEach(() => world.standUp());

afterAll(() => world?.close());

describe('onboarding watch', () => {
  it('follows to the outcome: a line for each event, JSON, and a checklist that is drawn anew', async () => {
    const { workflowId, applicant } = await world.start('watched');
    const [lines, json] = [world.run(['watch', workflowId]), world.runJson(['watch', '--reference', 'watched'])];
    const live = world.sit(['watch', workflowId]);
    await expect.poll(live.screen).toMatch(/email +pending/);
    for (const check of CHECK_NAMES) {
      const report = await applicant.pass(check);
      const args = ['signal', workflowId, check, '--status', report.status];
      const sent = await world.run(
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
    const seen = await live.ended;
    expect(seen.exitCode).toBe(0);
    // It went up to draw over what stood there.
    expect(seen.stdout).toContain('\x1b[0J');
    expect(seen.stdout).toMatch(/outcome +verified/);
  });

  it('ends with the code of the outcome, of what stopped it, or of the time that is up', async () => {
    const { workflowId } = await world.start('withdrawn');
    expect(await world.run(['watch', workflowId, '--timeout', '1'])).toMatchObject({
      exitCode: EXITS.unavailable.code,
    });
    const watched = world.run(['watch', workflowId]);
    expect(await world.run(['withdraw', workflowId])).toMatchObject({ exitCode: 0 });
    expect(await watched).toMatchObject({ exitCode: EXITS.withdrawn.code });
    const late = [
      ['withdraw', workflowId],
      ['signal', workflowId, 'email', '--status', 'validated'],
      ['re-register', workflowId],
      ['token', workflowId, '--json'],
    ];
    for (const ended of await Promise.all(late.map((args) => world.run(args))))
      expect(ended).toMatchObject({
        exitCode: EXITS.refused.code,
        stdout: '',
        stderr: expect.stringContaining('has ended already'),
      });
    const { workflowId: stopped } = await world.start('stopped');
    const watching = world.run(['watch', stopped]);
    await world.real.temporal.workflow.getHandle(stopped).terminate('no more');
    expect(await watching).toMatchObject({
      exitCode: EXITS.stopped.code,
      stderr: expect.stringContaining('without an outcome'),
    });
    const { stdout } = await world.run(['status', stopped]);
    expect(stdout).toMatch(/^onboarding {4}onboarding-stopped: terminated$/m);
    expect(stdout).toMatch(/^terminated {4}without an outcome\nended {9}\d{4}-/m);
    expect((await world.runJson(['status', stopped])).documents).toMatchObject([
      { phase: 'ended', stopped: { how: 'terminated', at: expect.any(Number) }, awaiting: { from: 'nobody' } },
    ]);
    expect(await world.run(['watch', 'onboarding-nobody'])).toMatchObject({ exitCode: EXITS.notFound.code });
  });
});

describe('onboarding erase', () => {
  it('asks on a terminal, erases on yes alone, and answers with the receipt', async () => {
    const { workflowId, started } = await world.start('erased');
    const args = ['erase', '--reference', 'erased'];
    const doubtful = world.sit(args);
    await expect.poll(doubtful.screen).toContain('[y/N]');
    doubtful.type('n');
    expect(await doubtful.ended).toMatchObject({ exitCode: EXITS.interrupted.code });
    expect(await world.real.client.status(workflowId)).toMatchObject({ phase: 'validating' });
    await world.real.client.placeLegalHold('erased', { placedBy: 'lawyer-1' });
    expect(await world.runJson([...args, '--yes'])).toMatchObject({
      exitCode: EXITS.refused.code,
      error: { type: 'LegalHold' },
    });
    await world.real.client.liftLegalHold('erased', { liftedBy: 'lawyer-1' });
    const sure = world.sit(args);
    await expect.poll(sure.screen).toContain('[y/N]');
    sure.type('y');
    const { exitCode, stdout } = await sure.ended;
    expect(exitCode).toBe(0);
    expect(stdout).toContain(started.appRegistrationId);
    expect(await world.runJson([...args, '--yes'])).toMatchObject({
      exitCode: 0,
      documents: [{ reference: 'erased', runs: 0 }],
    });
  });
});

describe('onboarding doctor', () => {
  const states = (
    documents: readonly { readonly findings: readonly { readonly about: string; readonly state: string }[] }[],
  ) => Object.fromEntries((documents[0]?.findings ?? []).map(({ about, state }) => [about, state]));

  it('finds everything well where it is, Verifik included', async () => {
    const verifik = { VERIFIK_BASE_URL: world.real.sandbox.url, VERIFIK_CLIENT_TOKEN: world.real.sandbox.clientToken };
    const { exitCode, documents } = await world.runJson(['doctor'], '', verifik);
    expect(new Set(Object.values(states(documents)))).toEqual(new Set(['ok']));
    expect(documents[0].findings).toHaveLength(8);
    expect(exitCode).toBe(0);
    const { stdout } = await world.run(['doctor']);
    expect(stdout).toMatch(
      /^ok +Temporal .*\nok +namespace .*\nok +search attributes .*\nok +workers .*\nok +workflow tasks /,
    );
    expect(stdout).toMatch(/skipped +Verifik/);
  });

  it('finds search attributes that are missing', async () => {
    const server = await startDevServer({ port: await freePort(), headless: true });
    onTestFinished(() => server.stop());
    const { exitCode, stdout } = await world.run(['doctor'], '', { TEMPORAL_ADDRESS: server.address });
    expect(stdout).toMatch(
      /wrong +search attributes +missing: OnboardingStatus, .*\n +Register them: npm run temporal:setup/,
    );
    expect(exitCode).toBe(EXITS.failed.code);
  });

  it('says what is wrong and how to mend it', async () => {
    const amiss = {
      ONBOARDING_TASK_QUEUE: 'nobody-works-here',
      ONBOARDING_CONTACT_KEY: '',
      ONBOARDING_ENCRYPTION_KEYS_FILE: '/nowhere/keys.json',
      VERIFIK_BASE_URL: world.real.sandbox.url,
      VERIFIK_CLIENT_TOKEN: 'not-a-token-of-the-sandbox',
    };
    const { exitCode, documents } = await world.runJson(['doctor'], '', amiss);
    expect(exitCode).toBe(EXITS.failed.code);
    expect(states(documents)).toEqual({
      Temporal: 'ok',
      namespace: 'ok',
      'search attributes': 'ok',
      workers: 'wrong',
      'workflow tasks': 'ok',
      'encryption keys': 'wrong',
      'contact key': 'wrong',
      Verifik: 'wrong',
    });
    const { stdout } = await world.run(['doctor'], '', { ...amiss, TEMPORAL_NAMESPACE: 'nowhere' });
    expect(stdout).toMatch(/wrong +namespace +.*\n +Look at TEMPORAL_NAMESPACE/);
    expect(stdout).toMatch(/wrong +encryption keys .*\n +Give it the keys that the workers have/);
    expect(stdout).not.toContain('not-a-token-of-the-sandbox');
  });
});

describe('all that was said', () => {
  it('holds no token and nothing of the applicants', () => {
    expect(world.foundInWhatWasSaid(['onboarding-watched'])).toEqual(['onboarding-watched']);
  });
});
