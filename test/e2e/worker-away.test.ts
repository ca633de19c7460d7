import { fileURLToPath } from 'node:url';
import { CompleteAsyncError, Context } from '@temporalio/activity';
import proto from '@temporalio/proto';
import { NativeConnection, Worker } from '@temporalio/worker';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { noCallbackEndpoints } from '../../activities/callbacks/endpoints.js';
import { createActivities } from '../../activities/index.js';
import { onboardingDataConverter } from '../../client/index.js';
import { update } from '../../client/retries.js';
import { fileKeys } from '../../codec/index.js';
import { ONBOARDING_WORKFLOW, onboardingQuery, registrationUpdate } from '../../contract/messages.js';
import { inventPeople } from '../../tools/sandbox/index.js';
import { createVerifikClient } from '../../verifik/index.js';
import { SETTINGS } from '../../worker/settings.js';
import { createOnboardingWorker } from '../../worker/worker.js';
import type { onboarding } from '../../workflows/onboarding/onboarding.js';
import { someBatches } from '../support/batches.js';
import { installQuietRuntime } from '../support/quiet-runtime.js';
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

/** Waits until the history of each has an event of the type. */
const untilEach = (ids: readonly string[], type: number) =>
  expect.poll(async () => Promise.all(ids.map((id) => has(id, type))), { timeout: 20_000 }).not.toContain(false);

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
  await untilEach(ids, EventType.EVENT_TYPE_TIMER_FIRED);
  const next = await real.startWorker();
  expect((await Promise.all(statuses)).map(({ checks }) => checks.document.status)).toEqual(ids.map(() => 'pending'));
  // The timer was that of the next read.
  await untilEach(ids, EventType.EVENT_TYPE_ACTIVITY_TASK_COMPLETED);
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

/** Starts onboardings whose hand-over of events is under way, and stops the worker. Answers with their workflow ids. */
const startedAndLeft = async (name: string, count: number): Promise<readonly string[]> => {
  let asked = 0;
  const worker = await workerWith(() => ({
    // It is left to the test to complete them.
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

const askForTokens = (ids: readonly string[]) =>
  ids.map((id) =>
    update(() => real.temporal.workflow.getHandle(id).executeUpdate(registrationUpdate, { args: [undefined] })),
  );

// The query would have its events applied before the update that comes with the next workflow task; replayed, the update goes first.
it('an onboarding that is asked for its status, and for a token, while no worker is there goes on as its history says', async () => {
  const ids = await startedAndLeft('asked', PEOPLE);
  const statuses = ids.map((id) => real.client.status(id, { timeoutMs: 50_000 }));
  for (const id of ids) await completeHandOver(id);
  const updates = askForTokens(ids);
  const next = await real.startWorker();
  expect((await Promise.all(statuses)).map(({ checks }) => checks.document.status)).toEqual(ids.map(() => 'pending'));
  await Promise.all(updates);
  await untilEach(ids, EventType.EVENT_TYPE_TIMER_STARTED);
  await expectReplays(ids);
  await next.kill();
});

/** Takes so many workflow tasks and does nothing with them, as a worker that is killed. Queries that come instead are passed over. */
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

// The query comes to another worker with the events of the lost task, and would have them applied before the update of the next one.
it('an onboarding whose workflow task is lost while its status is asked for goes on as its history says', async () => {
  const ids = await startedAndLeft('lost', 2);
  const queries = ids.flatMap((id) => Array.from({ length: 20 }, () => real.temporal.workflow.getHandle(id)));
  const asked = real.temporal.withDeadline(Date.now() + 15_000, () =>
    Promise.allSettled(queries.map((handle) => handle.query(onboardingQuery))),
  );
  for (const id of ids) await completeHandOver(id);
  await loseWorkflowTasks(ids.length);
  const updates = askForTokens(ids);
  const next = await real.startWorker();
  expect((await asked).map(({ status }) => status)).toContain('rejected');
  await Promise.all(updates);
  await untilEach(ids, EventType.EVENT_TYPE_TIMER_STARTED);
  await expectReplays(ids);
  await next.kill();
});

/** Starts onboardings as the client does, and does not wait for their registrations. Answers with their workflow ids. */
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

it('an onboarding whose status is asked for before a worker has it registers by an activity that outlives its worker', async () => {
  const ids = await startWithoutWaiting('asked-before', PEOPLE);
  const statuses = ids.map((id) => real.client.status(id, { timeoutMs: 50_000 }));
  const worker = await workerWith(({ createAppRegistration }) => ({
    createAppRegistration: async (input) => {
      // The local activity is still running when the query is looked at.
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

it('an update that a worker lost sight of is asked for again', async () => {
  const [workflowId = ''] = await startWithoutWaiting('unseen', 1);
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
