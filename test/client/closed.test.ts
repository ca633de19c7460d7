import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { DEFAULT_TASK_QUEUE, ONBOARDING_WORKFLOW } from '../../contract/messages.js';
import { SEARCH_ATTRIBUTES } from '../../contract/search-attributes.js';
import { inventPeople } from '../../tools/sandbox/index.js';
import { openRealServers, type RealServers } from '../e2e/real-servers.js';

let real: RealServers;

beforeAll(async () => {
  real = await openRealServers();
  await real.startWorker();
});

afterAll(() => real.close());

/** Starts the workflow as an operator or another client may. */
const startRaw = (input: unknown, options: { readonly taskQueue?: string; readonly startDelay?: number } = {}) => {
  const reference = randomUUID();
  return real.temporal.workflow.start(ONBOARDING_WORKFLOW, {
    workflowId: `onboarding-${reference}`,
    taskQueue: DEFAULT_TASK_QUEUE,
    args: input === undefined ? [] : [input],
    typedSearchAttributes: [{ key: SEARCH_ATTRIBUTES.reference, value: reference }],
    ...options,
  });
};

const listed = async (workflowId: string) => {
  const { onboardings } = await real.client.listPage({ reference: workflowId.slice('onboarding-'.length) });
  return onboardings[0];
};

describe('an onboarding that closed without an outcome', () => {
  it('whose request could not be read shows its wrong fields, and nothing that the request has', async () => {
    const contact = { email: 'nobody', 'maria@secret.example': 1 };
    const request = { project: 'p', projectFlow: 'f', contact, fullName: 'Maria Secret' };
    const { workflowId } = await startRaw({ request });
    const stopped = { how: 'failed', failure: 'InvalidRequest', at: expect.any(Number) };
    await expect(real.client.result(workflowId)).rejects.toMatchObject({ type: 'InvalidRequest', stopped });
    const status = await real.client.status(workflowId);
    expect(status).toMatchObject({ phase: 'ended', stopped, pending: [], nextActions: [{ action: 'restart' }] });
    expect(status.stopped?.sentence).toContain('contact.email: expected an email address');
    expect(status.awaiting.what).toBe(status.stopped?.sentence);
    expect(JSON.stringify(status)).not.toMatch(/secret/i);
    await expect.poll(() => listed(workflowId)).toMatchObject({ stopped: status.stopped });
    expect(await real.client.events(workflowId)).toMatchObject({ events: [], snapshot: { stopped } });
  });

  it('without an input shows that it expects one', async () => {
    const { workflowId } = await startRaw(undefined);
    await expect(real.client.result(workflowId)).rejects.toMatchObject({ type: 'InvalidRequest' });
    expect((await real.client.status(workflowId)).stopped?.sentence).toContain('(root): expected an object');
  });

  it('that was terminated before its first workflow task shows so, without the reason of the operator', async () => {
    const started = await startRaw({}, { startDelay: 3_600_000 });
    const { workflowId } = started;
    await started.terminate('Maria Secret asked for it');
    const sentence = 'It was terminated in Temporal without an outcome.';
    const stopped = { how: 'terminated', at: expect.any(Number), sentence };
    expect(await real.client.status(workflowId)).toMatchObject({ phase: 'ended', stopped });
    await expect(real.client.result(workflowId)).rejects.toMatchObject({
      ...{ type: 'ClosedWithoutOutcome', message: sentence, stopped },
    });
    await expect.poll(() => listed(workflowId)).toMatchObject({ stopped });
  });

  it('that failed with an unknown error shows the type of the error, and not its message', async () => {
    const taskQueue = randomUUID();
    const { workflowId } = await startRaw({}, { taskQueue });
    const { namespace } = real.temporal.options;
    const { taskToken } = await real.temporal.withDeadline(Date.now() + 30_000, () =>
      real.temporal.workflowService.pollWorkflowTaskQueue({ namespace, taskQueue: { name: taskQueue } }),
    );
    const failure = { message: 'Maria Secret', applicationFailureInfo: { type: 'OutOfLuck' } };
    await real.temporal.workflowService.respondWorkflowTaskCompleted({
      namespace,
      taskToken,
      // COMMAND_TYPE_FAIL_WORKFLOW_EXECUTION
      commands: [{ commandType: 5, failWorkflowExecutionCommandAttributes: { failure } }],
    });
    const sentence = expect.not.stringMatching(/secret/i);
    const stopped = { how: 'failed', failure: 'OutOfLuck', sentence };
    await expect(real.client.result(workflowId)).rejects.toMatchObject({
      ...{ type: 'ClosedWithoutOutcome', message: sentence, stopped },
    });
    await expect.poll(() => listed(workflowId)).toMatchObject({ stopped });
  });
});

describe('an onboarding that has ended', () => {
  const calls = (workflowId: string) => ({
    withdraw: () => real.client.withdraw(workflowId),
    signalEmailValidation: () => real.client.signalEmailValidation(workflowId, { status: 'validated' }),
    registration: () => real.client.registration(workflowId),
    reRegister: () => real.client.reRegister(workflowId),
    decideReview: () => real.client.decideReview(workflowId, { decision: 'approve', reviewer: 'reviewer-7' }),
    claimReview: () => real.client.claimReview(workflowId, { reviewer: 'reviewer-7' }),
  });

  it('refuses withdrawals, reports and updates as ended, whether or not it has an outcome', async () => {
    const [person] = inventPeople(1, 1);
    if (person === undefined) throw new Error('no person was invented');
    const { workflowId } = await real.begin(person, randomUUID());
    await real.client.withdraw(workflowId);
    expect(await real.client.result(workflowId)).toMatchObject({ outcome: 'withdrawn' });
    const terminated = await startRaw({}, { startDelay: 3_600_000 });
    await terminated.terminate();
    for (const [name, call] of Object.entries(calls(workflowId)))
      await expect(call(), name).rejects.toMatchObject({ type: 'AlreadyEnded' });
    await expect(real.client.withdraw(terminated.workflowId)).rejects.toMatchObject({ type: 'AlreadyEnded' });
  });

  it('differs from one that never existed', async () => {
    for (const [name, call] of Object.entries(calls('onboarding-nobody')))
      await expect(call(), name).rejects.toMatchObject({
        ...{ type: 'NotFound', message: expect.stringContaining('there is no onboarding with this') },
      });
  });
});

describe('the result of a running onboarding', () => {
  it('is waited for with one call to Temporal, until the timeout or the signal', async () => {
    const { workflowId } = await startRaw({}, { startDelay: 3_600_000 });
    const calls = vi.spyOn(real.temporal.connection.workflowService, 'getWorkflowExecutionHistory');
    await expect(real.client.result(workflowId, { timeoutMs: 1_500 })).rejects.toMatchObject({ type: 'TimedOut' });
    expect(calls).toHaveBeenCalledTimes(1);
    const { signal } = new AbortController();
    await expect(real.client.result(workflowId, { timeoutMs: 1_500, signal })).rejects.toMatchObject({
      type: 'TimedOut',
    });
    const leaving = new AbortController();
    const waiting = real.client.result(workflowId, { signal: leaving.signal });
    await expect.poll(() => calls.mock.calls.length).toBe(3);
    leaving.abort();
    await expect(waiting).rejects.toMatchObject({ type: 'TimedOut' });
    calls.mockRestore();
    await real.client.withdraw(workflowId).catch(() => undefined);
  });
});
