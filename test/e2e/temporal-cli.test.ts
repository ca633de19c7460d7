import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Person } from '../../tools/sandbox/index.js';
import { findNeedles } from '../support/needles.js';
import { meetPeople, type OperatedServers, openOperatedServers, type Viewer } from './operated-servers.js';
import type { Ran } from './shell.js';

let real: OperatedServers;

const somebody = meetPeople(41);

beforeAll(async () => {
  real = await openOperatedServers();
  await real.startWorker();
});

afterAll(() => real.close());

const workflow = (command: readonly string[], workflowId: string, viewer?: Viewer): Promise<Ran> =>
  real.temporalCli(['workflow', ...command, '--workflow-id', workflowId], viewer);

/** Starts an onboarding with the CLI. */
const start = async (person: Person, viewer?: Viewer): Promise<string> => {
  const workflowId = `onboarding-${randomUUID()}`;
  const input = JSON.stringify({ request: real.request(person) });
  const command = ['start', '--type', 'onboarding', '--task-queue', 'verifik-onboarding', '--input', input];
  expect(await workflow(command, workflowId, viewer)).toMatchObject({ exitCode: 0 });
  await expect
    .poll(() => real.client.status(workflowId).catch(() => undefined))
    .toMatchObject({ phase: 'validating', registration: {} });
  return workflowId;
};

/** Everything that the CLI shows of a workflow. */
const shown = async (workflowId: string, viewer?: Viewer): Promise<string> => {
  const ran = [
    await workflow(['show', '--output', 'json'], workflowId, viewer),
    await workflow(['show', '--detailed'], workflowId, viewer),
    await workflow(['describe', '--output', 'json'], workflowId, viewer),
    await workflow(['query', '--name', 'onboarding'], workflowId, viewer),
    await workflow(['metadata'], workflowId, viewer),
  ];
  return ran.map(({ all }) => all).join('\n');
};

const needlesOf = ({ email, phone, fullName }: Person) => [
  { what: 'email', value: email },
  { what: 'phone', value: phone },
  { what: 'name', value: fullName },
];

describe('the temporal CLI', () => {
  it('shows nothing of an applicant without the codec server, everything with it, and masks to the masked role', async () => {
    const person = somebody();
    const workflowId = await start(person, 'personalData');
    const found = async (viewer?: Viewer) =>
      findNeedles(Buffer.from(await shown(workflowId, viewer)), needlesOf(person));
    expect(await found()).toEqual([]);
    expect(await found('masked')).toEqual([]);
    expect(await found('personalData')).toEqual(['email', 'phone', 'name']);
    expect(await shown(workflowId)).not.toContain('The applicant has to complete');
    for (const viewer of ['masked', 'personalData'] as const)
      expect(await shown(workflowId, viewer)).toContain('The applicant has to complete: email, phone, document and');
  });

  it('never shows the registration token, to nobody', async () => {
    const person = somebody();
    const { workflowId, token } = await real.begin(person, 'secretive');
    const needle = [{ what: 'token', value: token }];
    for (const viewer of [undefined, 'masked', 'personalData'] as const)
      expect(findNeedles(Buffer.from(await shown(workflowId, viewer)), needle)).toEqual([]);
    const { stdout } = await workflow(['update', 'execute', '--name', 'registration'], workflowId, 'personalData');
    expect(stdout).toContain('[secret]');
    expect(stdout).not.toContain(token);
  });

  it('sends signals and updates that are encrypted on the way, and reads their answers', async () => {
    const person = somebody();
    const { workflowId, applicant } = await real.begin(person, 'by-cli');
    const { validationId } = await applicant.pass('email');
    const reason = 'told by the branch office';
    const report = JSON.stringify({ status: 'validated', validationId, reason });
    const signal = ['signal', '--name', 'emailValidation', '--input', report];
    expect(await workflow(signal, workflowId, 'personalData')).toMatchObject({ exitCode: 0 });
    await expect
      .poll(() => real.client.status(workflowId))
      .toMatchObject({ pending: ['phone', 'document', 'biometric'] });
    const { stdout } = await workflow(['query', '--name', 'onboarding'], workflowId, 'personalData');
    expect(stdout).toContain('"pending":["phone","document","biometric"]');
    const contact = { ...real.request(person).contact, phone: '3009876543' };
    const update = ['update', 'execute', '--name', 'reRegister', '--input', JSON.stringify({ contact })];
    const answered = await workflow(update, workflowId, 'personalData');
    expect(answered).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('generation:2') });
    const history = await workflow(['show', '--output', 'json'], workflowId);
    const sent = [
      { what: 'reason', value: reason },
      { what: 'new phone', value: contact.phone },
    ];
    expect(findNeedles(Buffer.from(history.stdout), sent)).toEqual([]);
  });

  it('is told of a refused update by its type, without the codec server too', async () => {
    const { workflowId } = await real.begin(somebody(), 'nothing-to-review');
    const decision = JSON.stringify({ decision: 'approve', reviewer: 'reviewer-7' });
    const update = ['update', 'execute', '--name', 'decideReview', '--input', decision];
    const sealed = await workflow(update, workflowId);
    expect(sealed.exitCode).not.toBe(0);
    expect(sealed.all).toContain('NothingToReview');
    const told = await workflow(update, workflowId, 'masked');
    expect(told.exitCode).not.toBe(0);
    expect(told.all).toContain('nothing is under review');
  });

  it('can do without the codec server: plain JSON is taken, and what comes of it is encrypted', async () => {
    const person = somebody();
    const workflowId = await start(person);
    expect(await workflow(['signal', '--name', 'withdraw'], workflowId)).toMatchObject({ exitCode: 0 });
    expect(await real.client.result(workflowId)).toMatchObject({ outcome: 'withdrawn' });
    const result = await workflow(['result'], workflowId);
    expect(result).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('binary/encrypted') });
    expect(result.stdout).not.toContain('withdrawn');
    expect((await workflow(['result'], workflowId, 'masked')).stdout).toContain('withdrawn');
  });

  it('does an update without the codec server, though it cannot show the answer', async () => {
    const { workflowId } = await real.begin(somebody(), 'blind');
    const { exitCode, all } = await workflow(
      ['update', 'execute', '--name', 'reRegister', '--input', '{}'],
      workflowId,
    );
    expect(exitCode).not.toBe(0);
    expect(all).toContain('payload encoding is not supported');
    expect(await real.client.status(workflowId)).toMatchObject({ generation: 2 });
  });

  it('gets nothing decoded with a token that is none', async () => {
    const { workflowId } = await real.begin(somebody(), 'forged');
    const wrong = ['--codec-endpoint', real.codecServer.url, '--codec-auth', 'Bearer a-token-that-is-none'];
    const show = ['show', '--output', 'json', '--command-timeout', '3s', ...wrong];
    const { exitCode, stdout } = await workflow(show, workflowId);
    expect(exitCode).not.toBe(0);
    expect(stdout).not.toContain('fullName');
  });
});
