import { TestWorkflowEnvironment } from '@temporalio/testing';
import { expect, it, onTestFinished } from 'vitest';
import { OnboardingClient } from '../../client/index.js';
import { workflowIdOfCallbacks } from '../../contract/messages.js';
import { startDevServer } from '../../tools/servers/index.js';
import { openWorld } from '../support/onboarding-world.js';
import { installQuietRuntime } from '../support/quiet-runtime.js';

const BUSY_TENANT = 24;
const OTHER_TENANT = 2;

it('A tenant with few waiting onboardings does not wait for all those of another tenant', async () => {
  installQuietRuntime();
  // Each partition of a task queue is fair on its own: with several, the order would also depend on chance.
  const dynamicConfig = {
    'matching.numTaskqueueReadPartitions': '1',
    'matching.numTaskqueueWritePartitions': '1',
  };
  const server = await startDevServer({ headless: true, dynamicConfig });
  onTestFinished(() => server.kill());
  const connect = (client = {}) =>
    TestWorkflowEnvironment.createFromExistingServer({ address: server.address, client });
  const world = await openWorld({}, { connect, slots: { kind: 'fixed', workflowTasks: 2, activities: 2 } });
  onTestFinished(() => world.close());
  const taskQueue = 'without-workers';
  const client = new OnboardingClient(world.env.client, { contactKey: 'a-key-for-the-tests', taskQueue });
  const order: string[] = [];
  const startAll = async (tenant: string, count: number) => {
    const before = (await world.env.client.workflow.count('ExecutionStatus = "Running"')).count;
    const starts = Array.from({ length: count }, async (_, index) => {
      const request = world.request(world.somebody());
      const options = { reference: `${tenant}-${index}`, fairnessKey: tenant, callbacks: { endpoint: 'service' } };
      const { workflowId } = await client.start(request, options);
      order.push(tenant);
      return workflowId;
    });
    const running = async () => (await world.env.client.workflow.count('ExecutionStatus = "Running"')).count;
    await expect.poll(running, { timeout: 10_000 }).toBe(before + count);
    return starts;
  };
  const starts = [...(await startAll('busy', BUSY_TENANT)), ...(await startAll('other', OTHER_TENANT))];
  await world.startWorkers(taskQueue);
  const [workflowId = ''] = await Promise.all(starts);
  expect(order.lastIndexOf('other')).toBeLessThan(BUSY_TENANT / 2);
  const callbacks = world.env.client.workflow.getHandle(workflowIdOfCallbacks(workflowId));
  const fairnessKey = () =>
    callbacks.describe().then(
      ({ priority }) => priority?.fairnessKey,
      () => undefined,
    );
  await expect.poll(fairnessKey).toBe('busy');
});
