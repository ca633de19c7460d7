import { randomUUID } from 'node:crypto';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { bundleWorkflowCode, DefaultLogger, type WorkflowBundle } from '@temporalio/worker';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { watchedWorker } from '../../worker/workflow-thread.js';
import type { busy } from '../support/busy-workflow.js';
import { openTimeSkipping } from '../support/time-skipping.js';

/** A limit of the SDK's that every call into a workflow would exceed. */
const EXCEEDED = { isolateExecutionTimeout: 1 };

const workflowsPath = fileURLToPath(new URL('../support/busy-workflow.ts', import.meta.url));

let env: TestWorkflowEnvironment;
let workflowBundle: WorkflowBundle;

beforeAll(async () => {
  env = await openTimeSkipping();
  workflowBundle = await bundleWorkflowCode({ workflowsPath, logger: new DefaultLogger('WARN') });
});

afterAll(() => env.teardown());

const open = async (limitMs: number) => {
  const taskQueue = `busy-${randomUUID()}`;
  const { nativeConnection: connection } = env;
  const worker = await watchedWorker(limitMs).create({ connection, taskQueue, workflowBundle, ...EXCEEDED });
  const start = (rounds: number) =>
    env.client.workflow.start<typeof busy>('busy', { taskQueue, workflowId: taskQueue, args: [rounds] });
  return { worker, start };
};

describe('the workflow thread', () => {
  it('is known to work with this version of the SDK', () => {
    const { version } = createRequire(import.meta.url)('@temporalio/worker/package.json');
    const hint = 'worker/workflow-thread.ts relies on internals of the SDK: compare them, then change the version here';
    expect(version, hint).toBe('1.24.0');
  });

  it('gives calls no timeout, and promises no stack traces', async () => {
    const { worker, start } = await open(30_000);
    await worker.runUntil(async () => {
      const handle = await start(30_000_000);
      expect(await handle.result()).toBeGreaterThan(0);
      await expect(handle.query('__stack_trace')).rejects.toThrow('stack traces are not enabled');
    });
  });

  it('is ended by its watch with an error that names the run of a workflow that does not yield', async () => {
    const { worker, start } = await open(1_000);
    const ended = worker.run();
    const { firstExecutionRunId } = await start(Number.MAX_SAFE_INTEGER);
    await expect(ended).rejects.toThrow(
      `a workflow did not yield for 1 s. It is one of the runs ${firstExecutionRunId}`,
    );
  });
});
