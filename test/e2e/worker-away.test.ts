import { fileURLToPath } from 'node:url';
import proto from '@temporalio/proto';
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { inventPeople } from '../../sandbox/index.js';
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
  await real.startWorker();
  expect((await Promise.all(statuses)).map(({ checks }) => checks.document.status)).toEqual(ids.map(() => 'pending'));
  // The timer was that of the next read.
  await every(EventType.EVENT_TYPE_ACTIVITY_TASK_COMPLETED).not.toContain(false);
  const options = { workflowBundle: { codePath: BUNDLE }, dataConverter: real.temporal.options.dataConverter };
  for (const id of ids) await Worker.runReplayHistory(options, await historyOf(id), id);
});
