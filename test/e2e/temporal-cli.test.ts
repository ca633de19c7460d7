import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { findForbiddenValues } from '../../tools/chaos/judging/forbidden-values.js';
import type { Person } from '../../tools/sandbox/index.js';
import { personGenerator } from '../support/applicants.js';
import { opened } from '../support/opened.js';
import { openOperatedServers, type Viewer } from './operated-servers.js';
import type { CommandResult } from './shell.js';

const nextPerson = personGenerator(41);

const real = opened(() => openOperatedServers());

beforeAll(async () => {
  await real.startWorker();
});

const workflow = (command: readonly string[], workflowId: string, viewer?: Viewer): Promise<CommandResult> =>
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

/** Returns the combined output of all CLI commands that show a workflow. */
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

const personalDataOf = ({ email, phone, fullName }: Person) => [
  { what: 'email', value: email },
  { what: 'phone', value: phone },
  { what: 'name', value: fullName },
];

describe('the temporal CLI', () => {
  it('shows personal data only with the codec server, masked for the masked role, and never the token', async () => {
    const person = nextPerson();
    const workflowId = await start(person, 'personalData');
    const { token } = await real.client.registration(workflowId);
    const forbidden = [...personalDataOf(person), { what: 'token', value: token }];
    const found = async (viewer?: Viewer) =>
      findForbiddenValues(Buffer.from(await shown(workflowId, viewer)), forbidden);
    expect(await found()).toEqual([]);
    expect(await found('masked')).toEqual([]);
    expect(await found('personalData')).toEqual(['email', 'phone', 'name']);
    expect(await shown(workflowId)).not.toContain('The applicant has to complete');
    for (const viewer of ['masked', 'personalData'] as const)
      expect(await shown(workflowId, viewer)).toContain('The applicant has to complete: email, phone, document and');
    const { stdout } = await workflow(['update', 'execute', '--name', 'registration'], workflowId, 'personalData');
    expect(stdout).toContain('[secret]');
    expect(stdout).not.toContain(token);
  });

  it('sends encrypted signals and updates, and decrypts their results', async () => {
    const person = nextPerson();
    const { workflowId, applicant } = await real.begin(person, 'by-cli');
    const { validationId } = await applicant.pass('email');
    const reason = 'reported by the branch office';
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
    expect(findForbiddenValues(Buffer.from(history.stdout), sent)).toEqual([]);
  });

  it('shows the type of a rejected update, also without the codec server', async () => {
    const { workflowId } = await real.begin(nextPerson(), 'nothing-to-review');
    const decision = JSON.stringify({ decision: 'approve', reviewer: 'reviewer-7' });
    const update = ['update', 'execute', '--name', 'decideReview', '--input', decision];
    const sealed = await workflow(update, workflowId);
    expect(sealed.exitCode).not.toBe(0);
    expect(sealed.all).toContain('NothingToReview');
    const decoded = await workflow(update, workflowId, 'masked');
    expect(decoded.exitCode).not.toBe(0);
    expect(decoded.all).toContain('nothing is under review');
  });

  it('can send plain JSON without the codec server, and the results are encrypted', async () => {
    const person = nextPerson();
    const workflowId = await start(person);
    expect(await workflow(['signal', '--name', 'withdraw'], workflowId)).toMatchObject({ exitCode: 0 });
    expect(await real.client.result(workflowId)).toMatchObject({ outcome: 'withdrawn' });
    const result = await workflow(['result'], workflowId);
    expect(result).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('binary/encrypted') });
    expect(result.stdout).not.toContain('withdrawn');
    expect((await workflow(['result'], workflowId, 'masked')).stdout).toContain('withdrawn');
  });

  it('executes an update without the codec server, but cannot show the result', async () => {
    const { workflowId } = await real.begin(nextPerson(), 'blind');
    const { exitCode, all } = await workflow(
      ['update', 'execute', '--name', 'reRegister', '--input', '{}'],
      workflowId,
    );
    expect(exitCode).not.toBe(0);
    expect(all).toContain('payload encoding is not supported');
    expect(await real.client.status(workflowId)).toMatchObject({ generation: 2 });
  });
});
