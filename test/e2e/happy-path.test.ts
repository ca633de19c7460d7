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
  throw new Error('expected four people');

const onboard = async (person: Person, reference: string) => {
  const started = await real.client.start(real.request(person), { reference });
  const { workflowId, token } = started;
  const applicant = real.applicantWith(person, token);
  for (const check of CHECK_NAMES) {
    await real.client.signalValidation(workflowId, check, await applicant.pass(check));
    // The query makes each signal a separate workflow task, which gives the longest history.
    await real.client.status(workflowId);
  }
  return { ...started, result: await real.client.result(workflowId) };
};

describe('the happy path on a real server with a real worker', () => {
  it('ends as verified within 40 history events', async () => {
    const { workflowId, result } = await onboard(first, 'happy');
    expect(result).toMatchObject({ outcome: 'verified', reason: 'allChecksPassed' });
    const { historyLength } = await real.temporal.workflow.getHandle(workflowId).describe();
    expect(historyLength).toBeLessThanOrEqual(40);
  });

  it('is listed by its status and by its pending checks', async () => {
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
    const { workflowId, token } = await onboard(third, 'private');
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
    // The searched texts are not empty, so the test can fail.
    expect(historyToJSON(history).length).toBeGreaterThan(1_000);
    expect(shown).toContain('verifik_calls');
  });

  it('fails at the start with the paths of the invalid fields if Verifik keeps breaking its contract', async () => {
    await real.sandbox.control.faults([{ match: '*', kind: 'wrongShape' }]);
    await expect(real.client.start(real.request(fourth), { reference: 'broken' })).rejects.toMatchObject({
      type: 'UnexpectedVendorResponse',
      message: expect.stringContaining('data (expected '),
    });
    await real.sandbox.control.faults([]);
    expect(await real.client.start(real.request(fourth), { reference: 'broken' })).toMatchObject({ generation: 1 });
  });

  it('drains the worker on SIGTERM, which logs that it stopped', async () => {
    await worker.stop();
    expect(await readFile(real.logFile, 'utf8')).toContain('worker stopped');
  });
});
