import { readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { CHECK_NAMES } from '../../domain/checks.js';
import type { WorkerProcess } from '../../tools/processes/worker-process.js';
import { applicantsOf, personGenerator } from '../support/applicants.js';
import { opened } from '../support/opened.js';
import { openRealServers } from './real-servers.js';

let worker: WorkerProcess;

const real = opened(() => openRealServers());

beforeAll(async () => {
  worker = await real.startWorker();
});

const nextPerson = personGenerator(11);

describe('an onboarding without faults on a real server with a real worker', () => {
  it('ends as verified within 40 history events', async () => {
    const one = await real.begin(nextPerson(), 'happy');
    // Separate workflow tasks give the longest history.
    await real.doAndReportApart(one, ...CHECK_NAMES);
    expect(await real.client.result(one.workflowId)).toMatchObject({ outcome: 'verified', reason: 'allChecksPassed' });
    const { historyLength } = await real.temporal.workflow.getHandle(one.workflowId).describe();
    expect(historyLength).toBeLessThanOrEqual(40);
  });

  it('is listed by its status and by its pending checks', async () => {
    const { begin } = applicantsOf(real.sandbox, real.promptClient);
    const { workflowId } = await begin(nextPerson(), 'listed', 'email');
    const list = async (filter: Parameters<typeof real.client.list>[0]) => {
      const found = [];
      for await (const one of real.client.list(filter)) found.push(one);
      return found;
    };
    await expect
      .poll(() => list({ status: 'validating', pending: 'document', reference: 'listed' }))
      .toMatchObject([{ workflowId, pending: ['phone', 'document', 'biometric'], execution: 'RUNNING' }]);
    expect(await list({ pending: 'email', reference: 'listed' })).toEqual([]);
    await expect.poll(() => list({ status: 'verified', reference: 'happy' })).toHaveLength(1);
    const query = list({ reference: 'happy" OR WorkflowType = "onboarding' });
    await expect(query).rejects.toMatchObject({ type: 'InvalidRequest', fields: [{ field: 'reference' }] });
  });
});

describe('a worker that receives SIGTERM', () => {
  it('drains, and logs that it stopped', async () => {
    await worker.stop();
    expect(await readFile(real.logFile, 'utf8')).toContain('worker stopped');
  });
});
