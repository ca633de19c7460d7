import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OnboardingClient } from '../../client/index.js';
import {
  DEFAULT_TASK_QUEUE,
  PARKED_REPORTS_WORKFLOW,
  parkSignal,
  workflowIdOfCallbacks,
} from '../../contract/messages.js';
import { workflowIdOfParked } from '../../contract/report-routing.js';
import { SEARCH_ATTRIBUTES } from '../../contract/search-attributes.js';
import type { WorkerProcess } from '../../tools/processes/worker-process.js';
import { inventPeople } from '../../tools/sandbox/index.js';
import { openRealServers, type RealServers } from '../e2e/real-servers.js';
import { newEndpointsFile, startEventReceiver } from '../support/event-receiver.js';

const HOLD = { placedBy: 'counsel-1', reason: 'case 17' };

let real: RealServers;
let worker: WorkerProcess;

beforeAll(async () => {
  real = await openRealServers(
    {},
    {
      // Otherwise the server waits half a minute before it deletes what has just closed.
      'history.transferProcessorEnsureCloseBeforeDelete': 'false',
      'limit.historyCount.suggestContinueAsNew': '100',
    },
  );
  worker = await real.startWorker();
});

afterAll(() => real.close());

const people = inventPeople(23, 50).values();

const somebody = () => {
  const person = people.next().value;
  if (person === undefined) throw new Error('everybody has been met');
  return person;
};

const begin = async (reference: string, again = false) =>
  real.client.start(real.request(somebody()), { reference, again });

/** Starts an onboarding and ends it. */
const finish = async (reference: string, again = false) => {
  const started = await begin(reference, again);
  await real.client.withdraw(started.workflowId);
  await real.client.result(started.workflowId);
  return started;
};

/** The runs of a workflow id as Temporal lists them. */
const found = async (workflowId: string) => {
  const runs = [];
  for await (const { runId } of real.temporal.workflow.list({ query: `WorkflowId = "${workflowId}"` }))
    runs.push(runId);
  return runs;
};

const isThere = (workflowId: string, runId?: string) =>
  real.temporal.workflow
    .getHandle(workflowId, runId)
    .describe()
    .then(
      () => true,
      () => false,
    );

describe.concurrent('an erasure', () => {
  it('deletes an open onboarding and names the app registration that stays at Verifik', async () => {
    const { workflowId, appRegistrationId } = await begin('open');
    const waiting = expect(real.client.result(workflowId)).rejects.toMatchObject({ name: 'OnboardingError' });
    const before = Date.now();
    const receipt = await real.client.erase('open');
    expect(receipt).toMatchObject({ reference: 'open', runs: 1, appRegistrationIds: [appRegistrationId] });
    expect(receipt.erasedAt).toBeGreaterThanOrEqual(before);
    expect(receipt.stillKept[0]).toContain(appRegistrationId);
    expect(receipt.stillKept[0]).toContain('until Verifik is asked to delete them');
    expect(await found(workflowId)).toEqual([]);
    await expect(real.client.status(workflowId)).rejects.toMatchObject({ type: 'NotFound' });
    await waiting;
  });

  it('deletes every run of one that ended and was started again, and names the registrations of all', async ({
    expect,
  }) => {
    const first = await finish('thrice');
    const second = await finish('thrice', true);
    const third = await begin('thrice', true);
    const ids = [first, second, third].map(({ appRegistrationId }) => appRegistrationId);
    await expect.poll(() => found(first.workflowId)).toHaveLength(3);
    const runIds = await found(first.workflowId);
    const receipt = await real.client.erase('thrice');
    expect(receipt.runs).toBe(3);
    expect([...receipt.appRegistrationIds].sort()).toEqual([...ids].sort());
    for (const runId of runIds) expect(await isThere(first.workflowId, runId)).toBe(false);
    expect(await found(first.workflowId)).toEqual([]);
  });

  it('deletes the runs of one that has continued as new', async ({ expect }) => {
    const { workflowId } = await begin('long');
    const { runId } = await real.temporal.workflow.getHandle(workflowId).describe();
    const latest = async () => (await real.temporal.workflow.getHandle(workflowId).describe()).runId;
    await Promise.all(
      Array.from({ length: 120 }, (_, n) =>
        real.client.signalPhoneValidation(workflowId, { status: 'sent', validationId: `p${n}` }),
      ),
    );
    await expect.poll(latest).not.toBe(runId);
    expect((await real.client.erase('long')).runs).toBeGreaterThanOrEqual(2);
    expect(await isThere(workflowId, runId)).toBe(false);
    expect(await isThere(workflowId)).toBe(false);
  });

  it('deletes what keeps reports on the registration', async ({ expect }) => {
    const { workflowId, appRegistrationId } = await begin('reported');
    const parked = workflowIdOfParked({ by: 'registration', appRegistrationId });
    await real.temporal.workflow.signalWithStart(PARKED_REPORTS_WORKFLOW, {
      workflowId: parked,
      taskQueue: DEFAULT_TASK_QUEUE,
      args: [{ route: { by: 'registration', appRegistrationId } }],
      signal: parkSignal,
      signalArgs: [[]],
    });
    await expect.poll(() => found(parked)).toHaveLength(1);
    await real.client.erase('reported');
    expect(await isThere(workflowId)).toBe(false);
    expect(await isThere(parked)).toBe(false);
  });

  it('finds what runs under another workflow id with the same reference', async ({ expect }) => {
    await begin('elsewhere');
    await real.temporal.workflow.start('onboarding', {
      workflowId: 'batch-7-elsewhere',
      taskQueue: 'verifik-onboarding',
      args: [{ request: real.request(somebody()), reference: 'elsewhere' }],
      typedSearchAttributes: [{ key: SEARCH_ATTRIBUTES.reference, value: 'elsewhere' }],
    });
    await expect.poll(() => found('batch-7-elsewhere')).toHaveLength(1);
    expect(await real.client.erase('elsewhere')).toMatchObject({ runs: 2 });
    expect(await isThere('batch-7-elsewhere')).toBe(false);
  });

  it('deletes what sends the events of the customer, while it waits for a receiver and afterwards', async ({
    expect,
  }) => {
    const receiver = await startEventReceiver();
    const callbacksFile = newEndpointsFile(receiver);
    const telling = await real.startWorker({ taskQueue: 'telling', callbacksFile });
    const client = new OnboardingClient(real.temporal, { contactKey: 'a-key-for-the-tests', taskQueue: 'telling' });
    const callbacks = { endpoint: 'service' };
    const { workflowId } = await client.start(real.request(somebody()), { reference: 'told', callbacks });
    const id = workflowIdOfCallbacks(workflowId);
    await expect.poll(() => receiver.taken).toHaveLength(1);
    await real.temporal.workflow.getHandle(id).result();
    await receiver.goDown();
    await client.withdraw(workflowId);
    await client.result(workflowId);
    await expect.poll(() => found(id)).toHaveLength(2);
    expect(await client.erase('told')).toMatchObject({ runs: 3 });
    expect(await isThere(id)).toBe(false);
    await telling.stop();
  });

  it('leaves other customers alone, also those whose reference begins alike', async () => {
    const other = await begin('alike-2');
    const ended = await finish('alike.1');
    await finish('alike');
    expect(await real.client.erase('alike')).toMatchObject({ runs: 1 });
    expect(await real.client.status(other.workflowId)).toMatchObject({ phase: 'validating' });
    expect(await real.client.status(ended.workflowId)).toMatchObject({ phase: 'ended' });
    await real.client.withdraw(other.workflowId);
  });

  it('may be repeated, and of somebody unknown there is nothing to erase', async () => {
    const { appRegistrationId } = await finish('twice');
    const [one, two] = await Promise.all([real.client.erase('twice'), real.client.erase('twice')]);
    expect(new Set([...one.appRegistrationIds, ...two.appRegistrationIds])).toEqual(new Set([appRegistrationId]));
    for (const reference of ['twice', 'never-heard-of'])
      expect(await real.client.erase(reference)).toMatchObject({ reference, runs: 0, appRegistrationIds: [] });
  });

  it('lets the same customer be started anew, without `again`', async () => {
    const first = await finish('anew');
    await real.client.erase('anew');
    const second = await begin('anew');
    expect(second).toMatchObject({ workflowId: first.workflowId, generation: 1 });
    await real.client.withdraw(second.workflowId);
  });

  it('of one that was started without a reference goes by what it was started with', async () => {
    const person = somebody();
    const request = real.request(person);
    const { workflowId } = await real.client.start(request);
    const { contact, project, projectFlow } = request;
    await real.client.placeLegalHold({ contact, project, projectFlow }, HOLD);
    await expect(real.client.erase(request)).rejects.toMatchObject({ type: 'LegalHold' });
    await real.client.liftLegalHold(request, { liftedBy: 'counsel-2' });
    const receipt = await real.client.erase(request);
    expect(receipt).toMatchObject({ runs: 1, reference: workflowId.replace('onboarding-', '') });
    expect(await isThere(workflowId)).toBe(false);
  });

  it('leaves no email, phone, name, token or reason in its receipt', async () => {
    const person = somebody();
    const { token } = await real.client.start(real.request(person), { reference: 'receipt' });
    await real.client.placeLegalHold('receipt', HOLD);
    await real.client.liftLegalHold('receipt', { liftedBy: 'counsel-2' });
    const receipt = JSON.stringify(await real.client.erase('receipt'));
    for (const secret of [person.email, person.phone, person.fullName, token, HOLD.reason])
      expect(receipt).not.toContain(secret);
  });

  it('that is not through in time says so, with what it has done', async () => {
    const { workflowId, appRegistrationId } = await begin('hurry');
    // There is always another.
    const start = () => real.temporal.workflow.start('onboarding', { workflowId, taskQueue: 'nobody', args: [] });
    const starting = setInterval(() => void start().catch(() => undefined), 200);
    await expect(real.client.erase('hurry', { timeoutMs: 10_000 }))
      .rejects.toMatchObject({
        type: 'TimedOut',
        message: 'not everything was seen to be gone in time',
        erased: { runs: expect.any(Number), appRegistrationIds: [appRegistrationId] },
      })
      .finally(() => clearInterval(starting));
    expect(await real.client.erase('hurry')).toMatchObject({ appRegistrationIds: [] });
  });

  it('with an email for a reference is refused', async () => {
    const refused = { type: 'InvalidRequest', fields: [{ field: 'reference' }] };
    await expect(real.client.erase('someone@example.com')).rejects.toMatchObject(refused);
  });
});

describe('a legal hold', () => {
  it('refuses an erasure, which loses nothing, until it is lifted', async ({ expect }) => {
    const ended = await finish('held');
    const open = await begin('held', true);
    await real.client.placeLegalHold('held', HOLD);
    await expect.poll(() => found(open.workflowId)).toHaveLength(2);
    await expect(real.client.erase('held')).rejects.toMatchObject({
      type: 'LegalHold',
      erased: { runs: 0, appRegistrationIds: [] },
    });
    expect(await found(open.workflowId)).toHaveLength(2);
    expect(await real.client.status(ended.workflowId)).toMatchObject({ phase: 'validating' });
    await real.client.liftLegalHold('held', { liftedBy: 'counsel-2' });
    expect(await real.client.erase('held')).toMatchObject({ runs: 2 });
  });

  it('covers whoever is started later, and one customer only', async () => {
    await real.client.placeLegalHold('held-early', HOLD);
    await begin('held-early');
    await begin('held-not');
    await expect(real.client.erase('held-early')).rejects.toMatchObject({ type: 'LegalHold' });
    expect(await real.client.erase('held-not')).toMatchObject({ runs: 1 });
  });

  it('refuses a lift that does not say by whom, and stands', async () => {
    await real.client.placeLegalHold('held-fast', HOLD);
    const handle = real.temporal.workflow.getHandle('legal-hold-held-fast');
    await expect(handle.executeUpdate('liftHold', { args: [{ by: 'counsel-2' }] })).rejects.toMatchObject({
      cause: { type: 'InvalidRequest', message: expect.stringContaining('liftedBy') },
    });
    expect(await real.client.legalHold('held-fast')).toMatchObject(HOLD);
  });

  it('is no onboarding: the list leaves it out', async ({ expect }) => {
    const { workflowId } = await begin('held-listed');
    await real.client.placeLegalHold('held-listed', HOLD);
    const query = 'OnboardingReference = "held-listed"';
    await expect.poll(async () => (await real.temporal.workflow.count(query)).count).toBe(2);
    const listed = [];
    for await (const one of real.client.list({ reference: 'held-listed' })) listed.push(one.workflowId);
    expect(listed).toEqual([workflowId]);
  });

  it('outlives a crash of the server, and refuses an erasure where no worker is left', async () => {
    await real.client.placeLegalHold('held-long', HOLD);
    await worker.kill();
    await real.crashServer();
    await expect(real.client.erase('held-long')).rejects.toMatchObject({ type: 'LegalHold' });
  });
});
