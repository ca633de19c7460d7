import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { Worker } from '@temporalio/worker';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OnboardingClient } from '../../../client/index.js';
import { decideReviewUpdate } from '../../../contract/messages.js';
import { inventPeople, type Person } from '../../../tools/sandbox/index.js';
import { openRealServers, type RealServers } from '../../e2e/real-servers.js';
import { installQuietRuntime } from '../../support/quiet-runtime.js';

const BUNDLE = fileURLToPath(new URL('../../../dist/workflow-bundle.js', import.meta.url));

/** The number of reviews at each rate of signals. `npm run test:reviews` sends 200. */
const REVIEWS = Number(process.env['REVIEWS'] ?? 10);
const TIMEOUT_MS = 120_000 + REVIEWS * 10_000;

/** From this attempt of a workflow task on, the server refuses updates of its workflow. */
const REFUSED_FROM_ATTEMPT = 3;

let real: RealServers;

beforeAll(async () => {
  installQuietRuntime();
  real = await openRealServers();
  await real.startWorker();
});

afterAll(() => real?.close());

/** Brings an onboarding to the review of its document. */
const beginReview = async ({ email, ...others }: Person): Promise<string> => {
  const person = { ...others, email: email.replace('@', '+document-review@') };
  const request = real.request(person, { policy: { required: ['email', 'document'] } });
  const { workflowId, token } = await real.client.start(request, { reference: randomUUID() });
  const applicant = real.applicantWith(person, token);
  await real.doAndReport({ workflowId, applicant }, 'email', 'document');
  await expect.poll(() => real.client.status(workflowId)).toMatchObject({ hold: 'review' });
  return workflowId;
};

interface Signals {
  readonly perSecond: number;
  /** The delay of the first signal, as a fraction of the time between two signals. */
  readonly phase: number;
}

/** Sends signals at a steady rate while `call` runs. Returns the answer of the call and the errors of the signals. */
const amidSignals = async <A>(workflowId: string, { perSecond, phase }: Signals, call: () => Promise<A>) => {
  const everyMs = 1_000 / perSecond;
  const firstAt = performance.now() + phase * everyMs;
  const sent: Promise<unknown>[] = [];
  const untilNext = () => firstAt + sent.length * everyMs - performance.now();
  const send = () => {
    const signal = real.client.signalEmailValidation(workflowId, { status: 'validated' });
    sent.push(signal.catch((error: unknown) => error));
    timer = setTimeout(send, untilNext());
  };
  let timer = setTimeout(send, untilNext());
  try {
    return { answer: await call(), signals: Promise.all(sent) };
  } finally {
    clearTimeout(timer);
  }
};

const expectReplays = async (workflowId: string): Promise<void> => {
  const history = await real.temporal.workflow.getHandle(workflowId).fetchHistory();
  const options = { workflowBundle: { codePath: BUNDLE }, dataConverter: real.temporal.options.dataConverter };
  await Worker.runReplayHistory(options, history, workflowId);
};

describe.each([25, 200])('while %i signals a second arrive at an onboarding', (perSecond) => {
  it('the client gets every rejecting review accepted', { timeout: TIMEOUT_MS }, async () => {
    const times: number[] = [];
    const signals: Promise<unknown[]>[] = [];
    for (const [index, person] of inventPeople(perSecond, REVIEWS).entries()) {
      const workflowId = await beginReview(person);
      const decision = { decision: 'reject', reviewer: 'reviewer-7' } as const;
      const review = () => real.client.decideReview(workflowId, decision, { idempotencyKey: workflowId });
      const during = await amidSignals(workflowId, { perSecond, phase: index / REVIEWS }, async () => {
        const begun = performance.now();
        const answer = await review();
        times.push(Math.round(performance.now() - begun));
        return answer;
      });
      signals.push(during.signals);
      expect(await real.client.result(workflowId)).toMatchObject({ reason: 'rejectedByReviewer' });
      expect(await review()).toEqual(during.answer);
      await expectReplays(workflowId);
    }
    const errors = (await Promise.all(signals)).flat().filter((error) => error !== undefined);
    expect(errors).toEqual(errors.map(() => expect.objectContaining({ type: 'AlreadyEnded' })));
    if (REVIEWS >= 100)
      console.log(
        `${perSecond} signals a second, ms per review: ${times.toSorted((one, other) => one - other).join(' ')}`,
      );
  });
});

it('concurrent callers all get the status of an onboarding that has ended, although the SDK loses queries', async () => {
  const [person] = inventPeople(9, 1);
  if (person === undefined) throw new Error('the population is empty');
  const { workflowId } = await real.client.start(real.request(person), { reference: randomUUID() });
  await real.client.withdraw(workflowId);
  await real.client.result(workflowId);
  const calls = Array.from({ length: 40 }, () => real.client.status(workflowId, { timeoutMs: 10_000 }));
  expect((await Promise.all(calls)).map(({ phase }) => phase)).toEqual(calls.map(() => 'ended'));
});

/** Polls the workflow tasks of a queue and fails them, until the server refuses updates because of the failures. */
const failWorkflowTasks = async (taskQueue: string): Promise<void> => {
  const { connection, options, workflowService } = real.temporal;
  const by = { namespace: options.namespace, identity: 'a-failing-worker' };
  await connection.withDeadline(Date.now() + 60_000, async () => {
    for (let attempt = 1; attempt < REFUSED_FROM_ATTEMPT; attempt += 1) {
      const { taskToken } = await workflowService.pollWorkflowTaskQueue({ ...by, taskQueue: { name: taskQueue } });
      await workflowService.respondWorkflowTaskFailed({ ...by, taskToken });
    }
  });
};

it('the client repeats a start and a review while the workflow task fails, until the onboarding answers', async () => {
  const [person] = inventPeople(8, 1);
  if (person === undefined) throw new Error('the population is empty');
  const taskQueue = randomUUID();
  const client = new OnboardingClient(real.temporal, { contactKey: 'a-key-for-the-tests', taskQueue });
  const start = () => client.start(real.request(person), { reference: taskQueue, timeoutMs: 60_000 });
  const first = start();
  await failWorkflowTasks(taskQueue);
  const workflowId = `onboarding-${taskQueue}`;
  const decision = { decision: 'reject', reviewer: 'reviewer-7' } as const;
  const withoutRetries = real.temporal.workflow
    .getHandle(workflowId)
    .executeUpdate(decideReviewUpdate, { args: [decision] });
  await expect(withoutRetries).rejects.toMatchObject({
    cause: { message: expect.stringContaining('in failed state') },
  });
  const second = start();
  const review = expect(client.decideReview(workflowId, decision)).rejects.toMatchObject({ type: 'NothingToReview' });
  await real.startWorker({ taskQueue });
  const { appRegistrationId } = await first;
  expect(await second).toMatchObject({ workflowId, appRegistrationId });
  await review;
});
