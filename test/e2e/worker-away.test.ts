import { fileURLToPath } from 'node:url';
import { CompleteAsyncError, Context } from '@temporalio/activity';
import proto from '@temporalio/proto';
import { NativeConnection, Worker } from '@temporalio/worker';
import { beforeAll, expect, it, onTestFinished } from 'vitest';
import { update } from '../../client/calls/retries.js';
import { onboardingDataConverter } from '../../client/index.js';
import { fileKeys } from '../../codec/index.js';
import { ONBOARDING_WORKFLOW, onboardingQuery, registrationUpdate } from '../../contract/messages.js';
import { inventPeople } from '../../tools/sandbox/index.js';
import { SETTINGS } from '../../worker/settings.js';
import { createOnboardingWorker } from '../../worker/worker.js';
import type { onboarding } from '../../workflows/onboarding/onboarding.js';
import { activitiesWith, onlyAccount, verifikAt } from '../support/activities.js';
import { opened } from '../support/opened.js';
import { installQuietRuntime } from '../support/quiet-runtime.js';
import { openRealServers } from './real-servers.js';

const { EventType } = proto.temporal.api.enums.v1;
const BUNDLE = fileURLToPath(new URL('../../dist/workflow-bundle.js', import.meta.url));

type WorkerActivities = ReturnType<typeof activitiesWith>;

/** The shortest intervals that a policy allows. */
const POLICY = { reconcile: { firstMs: 10_000, maxMs: 10_000 } };
const PEOPLE = 6;

const real = opened(() => openRealServers());

beforeAll(async () => {
  installQuietRuntime();
});

const historyOf = async (workflowId: string) => real.temporal.workflow.getHandle(workflowId).fetchHistory();

const has = async (workflowId: string, type: number): Promise<boolean> =>
  ((await historyOf(workflowId)).events ?? []).some(({ eventType }) => eventType === type);

/** Waits until the history of each has an event of the type. */
const untilEach = (ids: readonly string[], type: number) =>
  expect.poll(async () => Promise.all(ids.map((id) => has(id, type))), { timeout: 20_000 }).not.toContain(false);

const expectReplays = async (ids: readonly string[]): Promise<void> => {
  const options = { workflowBundle: { codePath: BUNDLE }, dataConverter: real.temporal.options.dataConverter };
  for (const id of ids) await Worker.runReplayHistory(options, await historyOf(id), id);
};

/** Queries with one call that waits for a worker, where the client's `status` repeats its query every few seconds. */
const statusOf = (id: string) =>
  real.temporal
    .withDeadline(Date.now() + 50_000, () => real.temporal.workflow.getHandle(id).query(onboardingQuery))
    // The replay guard rejects it.
    .catch(() => real.client.status(id));

// Without the replay guard, the query would apply the signal and the timer ahead of their workflow task.
it('the history of an onboarding that is queried while no worker runs replays', async () => {
  const worker = await real.startWorker();
  const started = await Promise.all(
    inventPeople(5, PEOPLE).map((person, index) =>
      real.client.start(real.request(person, { policy: POLICY }), { reference: `away-${index}` }),
    ),
  );
  const ids = started.map(({ workflowId }) => workflowId);
  await worker.kill();
  const statuses = ids.map(statusOf);
  for (const id of ids) await real.client.signalValidation(id, 'email', { status: 'validated' });
  await untilEach(ids, EventType.EVENT_TYPE_TIMER_FIRED);
  const next = await real.startWorker();
  expect((await Promise.all(statuses)).map(({ checks }) => checks.document.status)).toEqual(ids.map(() => 'pending'));
  // The timer triggers the next read.
  await untilEach(ids, EventType.EVENT_TYPE_ACTIVITY_TASK_COMPLETED);
  await expectReplays(ids);
  await next.kill();
});

/** Creates a worker in this process that replaces some activities. */
const workerWith = async (change: (activities: WorkerActivities) => Partial<WorkerActivities>): Promise<Worker> => {
  const { address, keysFile, sandbox, temporal } = real;
  const connection = await NativeConnection.connect({ address });
  onTestFinished(() => connection.close());
  const activities = activitiesWith({ accounts: onlyAccount(verifikAt(sandbox)), temporal });
  return createOnboardingWorker({
    connection,
    accounts: [],
    namespace: temporal.options.namespace,
    activities: { ...activities, ...change(activities) },
    dataConverter: await onboardingDataConverter({ keyProvider: fileKeys(keysFile) }),
    config: {
      taskQueue: SETTINGS.taskQueue.fallback,
      workflowBundle: BUNDLE,
      verifikCallsPerSecond: 1,
      shutdownGraceMs: 0,
      workflowThread: 'fast',
      production: false,
      slots: { kind: 'fixed', workflowTasks: 40, activities: 100 },
      maxPollers: undefined,
      cachedWorkflows: 1_000,
      deploymentVersion: undefined,
    },
  });
};

const completeEventActivity = async (workflowId: string): Promise<void> => {
  const scheduled = (await historyOf(workflowId)).events?.flatMap(
    ({ activityTaskScheduledEventAttributes: attributes }) => attributes?.activityId ?? [],
  );
  await real.temporal.activity.complete({ workflowId, activityId: scheduled?.[0] ?? '' }, undefined);
};

/**
 * Starts onboardings, stops the worker while the activity that passes their events runs, and returns their workflow
 * ids.
 */
const startAndStopWorker = async (name: string, count: number): Promise<readonly string[]> => {
  let asked = 0;
  const worker = await workerWith(() => ({
    // The test completes the activity.
    handOverEvents: async () => {
      asked += 1;
      throw new CompleteAsyncError();
    },
  }));
  const running = worker.run();
  const started = await Promise.all(
    inventPeople(6, count).map((person, index) =>
      real.client.start(real.request(person), { reference: `${name}-${index}`, callbacks: { endpoint: 'service' } }),
    ),
  );
  await expect.poll(() => asked).toBe(count);
  worker.shutdown();
  await running;
  return started.map(({ workflowId }) => workflowId);
};

const requestTokens = (ids: readonly string[]) =>
  ids.map((id) =>
    update(() => real.temporal.workflow.getHandle(id).executeUpdate(registrationUpdate, { args: [undefined] })),
  );

// Without the replay guard, the query would apply events before the update of the next workflow task. On replay, the
// update is applied first.
it('the history of an onboarding that receives a query and an update while no worker runs replays', async () => {
  const ids = await startAndStopWorker('asked', PEOPLE);
  const statuses = ids.map(statusOf);
  for (const id of ids) await completeEventActivity(id);
  const updates = requestTokens(ids);
  const next = await real.startWorker();
  expect((await Promise.all(statuses)).map(({ checks }) => checks.document.status)).toEqual(ids.map(() => 'pending'));
  await Promise.all(updates);
  await untilEach(ids, EventType.EVENT_TYPE_TIMER_STARTED);
  await expectReplays(ids);
  await next.kill();
});

/** Polls workflow tasks and does not complete them, like a worker that is killed. Ignores queries. */
const loseWorkflowTasks = async (count: number): Promise<void> => {
  const { connection, options, workflowService } = real.temporal;
  const taskQueue = { name: SETTINGS.taskQueue.fallback };
  await connection.withDeadline(Date.now() + 20_000, async () => {
    for (let lost = 0; lost < count; ) {
      const by = { namespace: options.namespace, identity: 'a worker that is lost' };
      const { query } = await workflowService.pollWorkflowTaskQueue({ ...by, taskQueue });
      if (query == null) lost += 1;
    }
  });
};

// Without the replay guard, the query would bring the events of the lost task to another worker before the update of
// the next task.
it('the history of an onboarding whose workflow task is lost during a query replays', async () => {
  const ids = await startAndStopWorker('lost', 2);
  const queries = ids.flatMap((id) => Array.from({ length: 20 }, () => real.temporal.workflow.getHandle(id)));
  const asked = real.temporal.withDeadline(Date.now() + 15_000, () =>
    Promise.allSettled(queries.map((handle) => handle.query(onboardingQuery))),
  );
  for (const id of ids) await completeEventActivity(id);
  await loseWorkflowTasks(ids.length);
  const updates = requestTokens(ids);
  const next = await real.startWorker();
  expect((await asked).map(({ status }) => status)).toContain('rejected');
  await Promise.all(updates);
  await untilEach(ids, EventType.EVENT_TYPE_TIMER_STARTED);
  await expectReplays(ids);
  await next.kill();
});

/** Starts onboardings without waiting for their registrations, and returns their workflow ids. */
const startWithoutWaiting = (name: string, count: number): Promise<readonly string[]> =>
  Promise.all(
    inventPeople(7, count).map(async (person, index) => {
      const { workflowId } = await real.temporal.workflow.start<typeof onboarding>(ONBOARDING_WORKFLOW, {
        workflowId: `onboarding-${name}-${index}`,
        taskQueue: SETTINGS.taskQueue.fallback,
        args: [{ request: real.request(person), callbacks: { endpoint: 'service', id: name } }],
      });
      return workflowId;
    }),
  );

it('an onboarding that is queried before its first workflow task registers with a normal activity', async () => {
  const ids = await startWithoutWaiting('asked-before', PEOPLE);
  const statuses = ids.map(statusOf);
  const worker = await workerWith(({ createAppRegistration }) => ({
    createAppRegistration: async (input) => {
      // The local activity is still running when the query arrives.
      if (Context.current().info.isLocal) await Promise.allSettled(statuses);
      return createAppRegistration(input);
    },
  }));
  await worker.runUntil(async () => {
    expect((await Promise.all(statuses)).map(({ phase }) => phase)).toEqual(ids.map(() => 'registering'));
    await untilEach(ids, EventType.EVENT_TYPE_TIMER_STARTED);
    const markers = await Promise.all(ids.map((id) => has(id, EventType.EVENT_TYPE_MARKER_RECORDED)));
    expect(markers).not.toContain(true);
  });
  await expectReplays(ids);
});

it('the client repeats an update that a worker dropped', async () => {
  const [workflowId = ''] = await startWithoutWaiting('unseen', 1);
  const decided = expect(
    real.client.decideReview(workflowId, { decision: 'approve', reviewer: 'reviewer-7' }),
  ).rejects.toMatchObject({ type: 'NothingToReview' });
  const { connection, options, workflowService } = real.temporal;
  const by = { namespace: options.namespace, identity: 'a poller of the test' };
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
