import { readFile } from 'node:fs/promises';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CHECK_NAMES } from '../../domain/checks.js';
import type { WorkerProcess } from '../../tools/processes/worker-process.js';
import { inventPeople, type Person } from '../../tools/sandbox/index.js';
import { openRealServers, type RealServers } from './real-servers.js';

let real: RealServers;
let worker: WorkerProcess;

beforeAll(async () => {
  real = await openRealServers();
  worker = await real.startWorker();
});

afterAll(() => real.close());

const [first, second, third, fourth] = inventPeople(11, 4);
if (first === undefined || second === undefined || third === undefined || fourth === undefined)
  throw new Error('nobody was invented');

const goThrough = async (person: Person, reference: string) => {
  const started = await real.client.start(real.request(person), { reference });
  const { workflowId, token } = started;
  const applicant = real.applicantWith(person, token);
  for (const check of CHECK_NAMES) {
    await real.client.signalValidation(workflowId, check, await applicant.pass(check));
    // Each signal is taken before the next one comes, which costs the most history.
    await real.client.status(workflowId);
  }
  return { ...started, result: await real.client.result(workflowId) };
};

describe('the happy path on a real server with a real worker', () => {
  it('ends verified, within 40 history events', async () => {
    const { workflowId, result } = await goThrough(first, 'happy');
    expect(result).toMatchObject({ outcome: 'verified', reason: 'allChecksPassed' });
    const { historyLength } = await real.temporal.workflow.getHandle(workflowId).describe();
    expect(historyLength).toBeLessThanOrEqual(40);
  });

  it('is found in the list by its status and by what is pending', async () => {
    const { workflowId, token } = await real.promptClient.start(real.request(second), { reference: 'listed' });
    const applicant = real.applicantWith(second, token);
    await real.client.signalEmailValidation(workflowId, await applicant.pass('email'));
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
    expect(await list({ reference: 'happy" OR WorkflowType = "onboarding' })).toEqual([]);
  });

  it('leaves no email, phone, name or token in ids, search attributes, logs or metrics', async () => {
    const { workflowId, token } = await goThrough(third, 'private');
    const nameless = await real.client.start(real.request({ ...third, email: `x${third.email}`, phone: '3111111111' }));
    const handle = real.temporal.workflow.getHandle(workflowId);
    const { typedSearchAttributes } = await handle.describe();
    const history = await handle.fetchHistory();
    const upserts = history.events?.map((event) => event.upsertWorkflowSearchAttributesEventAttributes ?? '');
    const shown = [
      workflowId,
      nameless.workflowId,
      JSON.stringify(typedSearchAttributes.getAll()),
      JSON.stringify(upserts),
      JSON.stringify(await real.client.status(nameless.workflowId)),
      await readFile(real.logFile, 'utf8'),
      await (await fetch(worker.metricsUrl)).text(),
    ].join('\n');
    for (const secret of [third.email, third.phone, third.fullName, token, nameless.token, real.sandbox.clientToken])
      expect(shown).not.toContain(secret);
    // What was looked for is where it belongs: the test can fail.
    expect(historyToJSON(history).length).toBeGreaterThan(1_000);
    expect(shown).toContain('verifik_calls');
  });

  it('is not to be had from a vendor that breaks its contract for good: the start fails with the paths of what is wrong', async () => {
    await real.sandbox.control.faults([{ match: '*', kind: 'wrongShape' }]);
    await expect(real.client.start(real.request(fourth), { reference: 'broken' })).rejects.toMatchObject({
      type: 'ContractBroken',
      message: expect.stringContaining('data (expected '),
    });
    await real.sandbox.control.faults([]);
    expect(await real.client.start(real.request(fourth), { reference: 'broken' })).toMatchObject({ generation: 1 });
  });

  it('is drained on SIGTERM: the worker stops by itself and says so', async () => {
    await worker.stop();
    expect(await readFile(real.logFile, 'utf8')).toContain('worker stopped');
  });
});
