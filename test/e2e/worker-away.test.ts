import { fileURLToPath } from 'node:url';
import { CompleteAsyncError, Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import proto from '@temporalio/proto';
import { NativeConnection, Worker } from '@temporalio/worker';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { noCallbackEndpoints } from '../../activities/callbacks/endpoints.js';
import { createActivities } from '../../activities/index.js';
import { update } from '../../client/asking.js';
import { onboardingDataConverter } from '../../client/index.js';
import { fileKeys } from '../../codec/index.js';
import { inventPeople } from '../../sandbox/index.js';
import { createVerifikClient } from '../../verifik/index.js';
import { SETTINGS } from '../../worker/settings.js';
import { createOnboardingWorker } from '../../worker/worker.js';
import { BEGUN_NOW, ONBOARDING_WORKFLOW, type OnboardingInput, registrationUpdate } from '../../workflows/messages.js';
import type { onboarding } from '../../workflows/onboarding.js';
import { someBatches } from '../setting/batches.js';
import { installQuietRuntime } from '../setting/quiet-runtime.js';
import { openRealServers, type RealServers } from './real-servers.js';

const { EventType } = proto.temporal.api.enums.v1;
const BUNDLE = fileURLToPath(new URL('../../dist/workflow-bundle.js', import.meta.url));

type WorkerActivities = ReturnType<typeof createActivities>;

/** The shortest that a policy may have. */
const POLICY = { reconcile: { firstMs: 10_000, maxMs: 10_000 } };
const PEOPLE = 6;

let real: RealServers;

beforeAll(async () => {
  installQuietRuntime();
  real = await openRealServers();
});

afterAll(() => real?.close());

const historyOf = async (workflowId: string) => real.temporal.workflow.getHandle(workflowId).fetchHistory();

const has = async (workflowId: string, type: number): Promise<boolean> =>
  ((await historyOf(workflowId)).events ?? []).some(({ eventType }) => eventType === type);

const expectReplays = async (ids: readonly string[]): Promise<void> => {
  const options = { workflowBundle: { codePath: BUNDLE }, dataConverter: real.temporal.options.dataConverter };
  for (const id of ids) await Worker.runReplayHistory(options, await historyOf(id), id);
};

// The worker applies what came meanwhile when it answers the query, and goes on from there: its clock stands at the last workflow task.
it('an onboarding that is asked for its status while no worker is there goes on as its history says', async () => {
  const worker = await real.startWorker();
  const started = await Promise.all(
    inventPeople(5, PEOPLE).map((person, index) =>
      real.client.start(real.request(person, { policy: POLICY }), { reference: `away-${index}` }),
    ),
  );
  const ids = started.map(({ workflowId }) => workflowId);
  await worker.kill();
  const statuses = ids.map((id) => real.client.status(id, { timeoutMs: 50_000 }));
  for (const id of ids) await real.client.signalValidation(id, 'email', { status: 'validated' });
  const every = (type: number) =>
    expect.poll(async () => Promise.all(ids.map((id) => has(id, type))), { timeout: 20_000 });
  await every(EventType.EVENT_TYPE_TIMER_FIRED).not.toContain(false);
  const next = await real.startWorker();
  expect((await Promise.all(statuses)).map(({ checks }) => checks.document.status)).toEqual(ids.map(() => 'pending'));
  // The timer was that of the next read.
  await every(EventType.EVENT_TYPE_ACTIVITY_TASK_COMPLETED).not.toContain(false);
  await expectReplays(ids);
  await next.kill();
});

/** A worker in this process, with some activities of its own. */
const workerWith = async (change: (activities: WorkerActivities) => Partial<WorkerActivities>): Promise<Worker> => {
  const { address, keysFile, sandbox, temporal } = real;
  const connection = await NativeConnection.connect({ address });
  onTestFinished(() => connection.close());
  const verifik = createVerifikClient({ baseUrl: sandbox.url, tokenSource: { read: async () => sandbox.clientToken } });
  const activities = createActivities({ verifik, temporal, callbacks: noCallbackEndpoints, batches: someBatches() });
  return createOnboardingWorker({
    connection,
    namespace: temporal.options.namespace,
    activities: { ...activities, ...change(activities) },
    dataConverter: await onboardingDataConverter({ keyProvider: fileKeys(keysFile) }),
    config: {
      taskQueue: SETTINGS.taskQueue.fallback,
      workflowBundle: BUNDLE,
      verifikCallsPerSecond: 1,
      shutdownGraceMs: 0,
      production: false,
      maxCachedWorkflows: undefined,
      deploymentVersion: undefined,
    },
  });
};

const completeHandOver = async (workflowId: string): Promise<void> => {
  const scheduled = (await historyOf(workflowId)).events?.flatMap(
    ({ activityTaskScheduledEventAttributes: attributes }) => attributes?.activityId ?? [],
  );
  await real.temporal.activity.complete({ workflowId, activityId: scheduled?.[0] ?? '' }, undefined);
};

// What the query had applied went on before the update that came with the next workflow task; replayed, an update goes first.
it('an onboarding that is asked for its status, and for a token, while no worker is there goes on as its history says', async () => {
  let asked = 0;
  const worker = await workerWith(() => ({
    // It is left to this test to complete them.
    handOverEvents: async () => {
      asked += 1;
      throw new CompleteAsyncError();
    },
  }));
  const running = worker.run();
  const started = await Promise.all(
    inventPeople(6, PEOPLE).map((person, index) =>
      real.client.start(real.request(person), { reference: `asked-${index}`, callbacks: { endpoint: 'service' } }),
    ),
  );
  const ids = started.map(({ workflowId }) => workflowId);
  const every = (type: number) => expect.poll(async () => Promise.all(ids.map((id) => has(id, type))));
  await expect.poll(() => asked).toBe(PEOPLE);
  worker.shutdown();
  await running;
  const statuses = ids.map((id) => real.client.status(id, { timeoutMs: 50_000 }));
  for (const id of ids) await completeHandOver(id);
  const updates = ids.map((id) =>
    update(() => real.temporal.workflow.getHandle(id).executeUpdate(registrationUpdate, { args: [undefined] })),
  );
  const next = await real.startWorker();
  expect((await Promise.all(statuses)).map(({ checks }) => checks.document.status)).toEqual(ids.map(() => 'pending'));
  await Promise.all(updates);
  await every(EventType.EVENT_TYPE_TIMER_STARTED).not.toContain(false);
  await expectReplays(ids);
  await next.kill();
});

/** Starts onboardings as the client does, and does not wait for their registrations. Answers with their workflow ids. */
const startWithoutWaiting = (name: string, count: number, how: Partial<OnboardingInput>): Promise<readonly string[]> =>
  Promise.all(
    inventPeople(7, count).map(async (person, index) => {
      const { workflowId } = await real.temporal.workflow.start<typeof onboarding>(ONBOARDING_WORKFLOW, {
        workflowId: `onboarding-${name}-${index}`,
        taskQueue: SETTINGS.taskQueue.fallback,
        args: [{ request: real.request(person), callbacks: { endpoint: 'service', id: name }, ...how }],
      });
      return workflowId;
    }),
  );

// The end of the first try came to the workflow task that answered the query, and what followed from it to the next one.
it.each([
  { begun: 'now', how: { version: BEGUN_NOW.version }, reported: false, again: false },
  { begun: 'now', how: { version: BEGUN_NOW.version }, reported: true, again: true },
  { begun: 'once', how: {}, reported: false, again: true },
])(
  'an onboarding as they are begun $begun that is asked for its status before a worker has it (and reported to meanwhile: $reported) goes on as its history says',
  async ({ begun, how, reported, again }) => {
    const ids = await startWithoutWaiting(`${begun}-${reported}`, PEOPLE, how);
    const statuses = ids.map((id) => real.client.status(id, { timeoutMs: 50_000 }));
    const worker = await workerWith(({ createAppRegistration }) => ({
      createAppRegistration: async (input) => {
        const { isLocal, workflowExecution } = Context.current().info;
        if (isLocal && reported)
          await real.client.signalValidation(workflowExecution?.workflowId ?? '', 'email', { status: 'validated' });
        if (isLocal) throw ApplicationFailure.retryable('at once');
        return createAppRegistration(input);
      },
    }));
    await worker.runUntil(async () => {
      expect((await Promise.all(statuses)).map(({ phase }) => phase)).toEqual(ids.map(() => 'registering'));
      await expect
        .poll(async () => Promise.all(ids.map((id) => has(id, EventType.EVENT_TYPE_TIMER_STARTED))))
        .not.toContain(false);
      const failed = await Promise.all(ids.map((id) => has(id, EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED)));
      expect(failed.includes(true)).toBe(again);
    });
    await expectReplays(ids);
  },
);

it('an update that a worker lost sight of is asked for again', async () => {
  const [workflowId = ''] = await startWithoutWaiting('unseen', 1, { version: BEGUN_NOW.version });
  const decided = expect(
    real.client.decideReview(workflowId, { decision: 'approve', reviewer: 'reviewer-7' }),
  ).rejects.toMatchObject({ type: 'NothingToReview' });
  const { connection, options, workflowService } = real.temporal;
  const by = { namespace: options.namespace, identity: 'somebody' };
  await connection.withDeadline(Date.now() + 20_000, async () => {
    for (let updates = 0; updates === 0; ) {
      const taskQueue = { name: SETTINGS.taskQueue.fallback };
      const { taskToken, messages } = await workflowService.pollWorkflowTaskQueue({ ...by, taskQueue });
      updates = messages.length;
      await workflowService.respondWorkflowTaskCompleted({ ...by, taskToken });
    }
  });
  const worker = await real.startWorker();
  await decided;
  await worker.kill();
});
