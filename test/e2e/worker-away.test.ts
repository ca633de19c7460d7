import { fileURLToPath } from 'node:url';
import { CompleteAsyncError } from '@temporalio/activity';
import proto from '@temporalio/proto';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { noCallbackEndpoints } from '../../activities/callbacks/endpoints.js';
import { createActivities } from '../../activities/index.js';
import { onboardingDataConverter } from '../../client/index.js';
import { fileKeys } from '../../codec/index.js';
import { inventPeople } from '../../sandbox/index.js';
import { createVerifikClient } from '../../verifik/index.js';
import { SETTINGS } from '../../worker/settings.js';
import { createOnboardingWorker } from '../../worker/worker.js';
import { registrationUpdate } from '../../workflows/messages.js';
import { someBatches } from '../setting/batches.js';
import { openRealServers, type RealServers } from './real-servers.js';

const { EventType } = proto.temporal.api.enums.v1;
const BUNDLE = fileURLToPath(new URL('../../dist/workflow-bundle.js', import.meta.url));

/** The shortest that a policy may have. */
const POLICY = { reconcile: { firstMs: 10_000, maxMs: 10_000 } };
const PEOPLE = 6;

let real: RealServers;

beforeAll(async () => {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
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

/** A worker in this process, whose hand-overs of events are left to others to complete. Tells of each that it was asked for. */
const workerWithoutHandOvers = async (onHandOver: () => void): Promise<Worker> => {
  const { address, keysFile, sandbox, temporal } = real;
  const connection = await NativeConnection.connect({ address });
  onTestFinished(() => connection.close());
  const verifik = createVerifikClient({ baseUrl: sandbox.url, tokenSource: { read: async () => sandbox.clientToken } });
  const activities = {
    ...createActivities({ verifik, temporal, callbacks: noCallbackEndpoints, batches: someBatches() }),
    handOverEvents: async () => {
      onHandOver();
      throw new CompleteAsyncError();
    },
  };
  return createOnboardingWorker({
    connection,
    namespace: temporal.options.namespace,
    activities,
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
  const worker = await workerWithoutHandOvers(() => {
    asked += 1;
  });
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
    real.temporal.workflow.getHandle(id).executeUpdate(registrationUpdate, { args: [undefined] }),
  );
  await real.startWorker();
  expect((await Promise.all(statuses)).map(({ checks }) => checks.document.status)).toEqual(ids.map(() => 'pending'));
  await Promise.all(updates);
  await every(EventType.EVENT_TYPE_TIMER_STARTED).not.toContain(false);
  await expectReplays(ids);
});
