import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type ErasureReceipt, OnboardingClient } from '../../../client/index.js';
import {
  addReportsSignal,
  DEFAULT_TASK_QUEUE,
  PENDING_REPORTS_WORKFLOW,
  workflowIdOfCallbacks,
} from '../../../contract/messages.js';
import { workflowIdOfPendingReports } from '../../../contract/report-routing.js';
import { SEARCH_ATTRIBUTES } from '../../../contract/search-attributes.js';
import { VALIDITY_WORKFLOW, verifiedSignal, workflowIdOfValidity } from '../../../contract/validity.js';
import { DAY_MS } from '../../../shared/time.js';
import type { WorkerProcess } from '../../../tools/processes/worker-process.js';
import { inventPeople } from '../../../tools/sandbox/index.js';
import { openRealServers, type RealServers } from '../../e2e/real-servers.js';
import { newEndpointsFile, startEventReceiver } from '../../support/event-receiver.js';

const HOLD = { placedBy: 'counsel-1', reason: 'case 17' };

let real: RealServers;
let worker: WorkerProcess;

beforeAll(async () => {
  real = await openRealServers(
    {},
    {
      // Otherwise the server deletes a workflow that has just closed only after about 30 s.
      'history.transferProcessorEnsureCloseBeforeDelete': 'false',
      'limit.historyCount.suggestContinueAsNew': '100',
    },
  );
  worker = await real.startWorker();
});

afterAll(() => real.close());

const people = inventPeople(23, 50).values();

const nextApplicant = () => {
  const person = people.next().value;
  if (person === undefined) throw new Error('no applicants are left');
  return person;
};

const begin = async (reference: string, restart = false) =>
  real.client.start(real.request(nextApplicant()), { reference, restart });

const finish = async (reference: string, restart = false) => {
  const started = await begin(reference, restart);
  await real.client.withdraw(started.workflowId);
  await real.client.result(started.workflowId);
  return started;
};

/** The run ids of a workflow, as Temporal lists them. */
const listedRuns = async (workflowId: string) => {
  const runs = [];
  for await (const { runId } of real.temporal.workflow.list({ query: `WorkflowId = "${workflowId}"` }))
    runs.push(runId);
  return runs;
};

const exists = (workflowId: string, runId?: string) =>
  real.temporal.workflow
    .getHandle(workflowId, runId)
    .describe()
    .then(
      () => true,
      () => false,
    );

/** Starts an onboarding whose applicant fails once with a document, and then passes everything. */
const beginWithData = async (reference: string, restart = false) => {
  const applicant = nextApplicant();
  const person = { ...applicant, email: applicant.email.replace('@', '+document-failed-once@') };
  const started = await real.client.start(real.request(person), { reference, restart });
  const hand = real.applicantWith(person, started.token);
  await hand.pass('email');
  const failed = await hand.pass('document');
  const document = await hand.pass('document');
  const biometric = await hand.pass('biometric');
  const ids = { failed: failed.validationId, document: document.validationId, biometric: biometric.validationId };
  return { ...started, ...ids };
};

const isAtVerifik = async (path: string) => {
  const headers = { authorization: `Bearer ${real.sandbox.clientToken}` };
  return (await fetch(`${real.sandbox.url}/v2/${path}`, { headers })).status !== 404;
};

const answers = ({ atVerifik = [] }: Pick<ErasureReceipt, 'atVerifik'>) =>
  atVerifik.flatMap(({ deletions }) => deletions.map(({ kind, answer }) => `${kind} ${answer}`));

describe.concurrent('an erasure', () => {
  it('throws what it has erased if it times out', async () => {
    const { workflowId, appRegistrationId } = await begin('hurry');
    // Keeps starting further runs.
    const start = () => real.temporal.workflow.start('onboarding', { workflowId, taskQueue: 'nobody', args: [] });
    const starting = setInterval(() => void start().catch(() => undefined), 200);
    await expect(real.client.erase('hurry', { timeoutMs: 10_000 }))
      .rejects.toMatchObject({
        type: 'TimedOut',
        message: 'the call timed out before all runs were deleted',
        erased: { runs: expect.any(Number), appRegistrationIds: [appRegistrationId] },
      })
      .finally(() => clearInterval(starting));
    expect(await real.client.erase('hurry')).toMatchObject({ appRegistrationIds: [] });
  });

  it('deletes an open onboarding and names the app registration that stays at Verifik', async () => {
    const { workflowId, appRegistrationId } = await begin('open');
    const waiting = expect(real.client.result(workflowId)).rejects.toMatchObject({ name: 'OnboardingError' });
    const before = Date.now();
    const receipt = await real.client.erase('open');
    expect(receipt).toMatchObject({ reference: 'open', runs: 1, appRegistrationIds: [appRegistrationId] });
    expect(receipt.erasedAt).toBeGreaterThanOrEqual(before);
    expect(receipt.stillKept[0]).toContain(appRegistrationId);
    expect(receipt.stillKept[0]).toContain('until Verifik is asked to delete them');
    expect(await listedRuns(workflowId)).toEqual([]);
    await expect(real.client.status(workflowId)).rejects.toMatchObject({ type: 'NotFound' });
    await waiting;
  });

  it('deletes every run of an onboarding that was started again, and names the registrations of all runs', async ({
    expect,
  }) => {
    const first = await finish('thrice');
    const second = await finish('thrice', true);
    const third = await begin('thrice', true);
    const ids = [first, second, third].map(({ appRegistrationId }) => appRegistrationId);
    await expect.poll(() => listedRuns(first.workflowId)).toHaveLength(3);
    const runIds = await listedRuns(first.workflowId);
    const receipt = await real.client.erase('thrice');
    expect(receipt.runs).toBe(3);
    expect([...receipt.appRegistrationIds].sort()).toEqual([...ids].sort());
    for (const runId of runIds) expect(await exists(first.workflowId, runId)).toBe(false);
    expect(await listedRuns(first.workflowId)).toEqual([]);
  });

  it('deletes all runs of an onboarding that has continued as new', async ({ expect }) => {
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
    expect(await exists(workflowId, runId)).toBe(false);
    expect(await exists(workflowId)).toBe(false);
  });

  it('deletes the workflow that keeps pending reports on the registration', async ({ expect }) => {
    const { workflowId, appRegistrationId } = await begin('reported');
    const pending = workflowIdOfPendingReports({ by: 'registration', appRegistrationId });
    await real.temporal.workflow.signalWithStart(PENDING_REPORTS_WORKFLOW, {
      workflowId: pending,
      taskQueue: DEFAULT_TASK_QUEUE,
      args: [{ route: { by: 'registration', appRegistrationId } }],
      signal: addReportsSignal,
      signalArgs: [[]],
    });
    await expect.poll(() => listedRuns(pending)).toHaveLength(1);
    await real.client.erase('reported');
    expect(await exists(workflowId)).toBe(false);
    expect(await exists(pending)).toBe(false);
  });

  it('deletes the workflow that announces the end of the validity', async ({ expect }) => {
    const id = workflowIdOfValidity('', 'valid');
    await real.temporal.workflow.signalWithStart(VALIDITY_WORKFLOW, {
      ...{ workflowId: id, taskQueue: DEFAULT_TASK_QUEUE, args: [], signal: verifiedSignal },
      signalArgs: [
        {
          ...{ workflowId: 'onboarding-valid', onboardingRunId: 'run', sequence: 6 },
          ...{ callbacks: { endpoint: 'service', id: 'valid' }, validUntil: Date.now() + DAY_MS, noticeMs: 1 },
        },
      ],
    });
    expect(await real.client.erase('valid')).toMatchObject({ runs: 1 });
    expect(await exists(id)).toBe(false);
  });

  it('deletes an onboarding with the same reference under another workflow id', async ({ expect }) => {
    await begin('elsewhere');
    await real.temporal.workflow.start('onboarding', {
      workflowId: 'batch-7-elsewhere',
      taskQueue: 'verifik-onboarding',
      args: [{ request: real.request(nextApplicant()), reference: 'elsewhere' }],
      typedSearchAttributes: [{ key: SEARCH_ATTRIBUTES.reference, value: 'elsewhere' }],
    });
    await expect.poll(() => listedRuns('batch-7-elsewhere')).toHaveLength(1);
    expect(await real.client.erase('elsewhere')).toMatchObject({ runs: 2 });
    expect(await exists('batch-7-elsewhere')).toBe(false);
  });

  it('deletes the callback runs of the customer, completed or waiting for the receiver', async ({ expect }) => {
    const receiver = await startEventReceiver();
    const callbacksFile = newEndpointsFile(receiver);
    const callbackWorker = await real.startWorker({ taskQueue: 'callbacks', callbacksFile });
    const client = new OnboardingClient(real.temporal, { contactKey: 'a-key-for-the-tests', taskQueue: 'callbacks' });
    const callbacks = { endpoint: 'service' };
    const { workflowId } = await client.start(real.request(nextApplicant()), {
      reference: 'with-callbacks',
      callbacks,
    });
    const id = workflowIdOfCallbacks(workflowId);
    await expect.poll(() => receiver.taken).toHaveLength(1);
    await real.temporal.workflow.getHandle(id).result();
    await receiver.close();
    await client.withdraw(workflowId);
    await client.result(workflowId);
    await expect.poll(() => listedRuns(id)).toHaveLength(2);
    expect(await client.erase('with-callbacks')).toMatchObject({ runs: 3 });
    expect(await exists(id)).toBe(false);
    await callbackWorker.stop();
  });

  it('keeps the onboardings of other customers, also of those with a similar reference', async () => {
    const other = await begin('alike-2');
    const ended = await finish('alike.1');
    await finish('alike');
    expect(await real.client.erase('alike')).toMatchObject({ runs: 1 });
    expect(await real.client.status(other.workflowId)).toMatchObject({ phase: 'validating' });
    expect(await real.client.status(ended.workflowId)).toMatchObject({ phase: 'ended' });
    await real.client.withdraw(other.workflowId);
  });

  it('may be repeated, and deletes nothing for an unknown customer', async () => {
    const { appRegistrationId } = await finish('twice');
    const [one, two] = await Promise.all([real.client.erase('twice'), real.client.erase('twice')]);
    expect(new Set([...one.appRegistrationIds, ...two.appRegistrationIds])).toEqual(new Set([appRegistrationId]));
    for (const reference of ['twice', 'never-heard-of'])
      expect(await real.client.erase(reference)).toMatchObject({ reference, runs: 0, appRegistrationIds: [] });
  });

  it('allows another start of the same customer without `restart`', async () => {
    const first = await finish('restarted');
    await real.client.erase('restarted');
    const second = await begin('restarted');
    expect(second).toMatchObject({ workflowId: first.workflowId, generation: 1 });
    await real.client.withdraw(second.workflowId);
  });

  it('finds an onboarding without a reference by its project, flow and contact', async () => {
    const person = nextApplicant();
    const request = real.request(person);
    const { workflowId } = await real.client.start(request);
    const { contact, project, projectFlow } = request;
    await real.client.placeLegalHold({ contact, project, projectFlow }, HOLD);
    await expect(real.client.erase(request)).rejects.toMatchObject({ type: 'LegalHold' });
    await real.client.liftLegalHold(request, { liftedBy: 'counsel-2' });
    const receipt = await real.client.erase(request);
    expect(receipt).toMatchObject({ runs: 1, reference: workflowId.replace('onboarding-', '') });
    expect(await exists(workflowId)).toBe(false);
  });

  it('returns a receipt without email, phone, name, token or reason', async () => {
    const person = nextApplicant();
    const { token } = await real.client.start(real.request(person), { reference: 'receipt' });
    await real.client.placeLegalHold('receipt', HOLD);
    await real.client.liftLegalHold('receipt', { liftedBy: 'counsel-2' });
    const receipt = JSON.stringify(await real.client.erase('receipt'));
    for (const secret of [person.email, person.phone, person.fullName, token, HOLD.reason])
      expect(receipt).not.toContain(secret);
  });

  it('rejects an email address as the reference', async () => {
    const refused = { type: 'InvalidRequest', fields: [{ field: 'reference' }] };
    await expect(real.client.erase('someone@example.com')).rejects.toMatchObject(refused);
  });
});

describe.concurrent('an erasure at Verifik', () => {
  it('deletes registrations, documents, selfies and persons, and says so', async () => {
    const former = await beginWithData('there');
    await real.client.withdraw(former.workflowId);
    await real.client.result(former.workflowId);
    const { appRegistrationId, failed, document } = await beginWithData('there', true);
    const receipt = await real.client.erase('there', { atVerifik: true });
    expect(receipt.atVerifik?.map((one) => one.appRegistrationId).sort()).toEqual(
      [former.appRegistrationId, appRegistrationId].sort(),
    );
    const each = [
      'person deleted',
      'biometric notFound',
      'document deleted',
      'document deleted',
      'registration deleted',
    ];
    expect(answers(receipt)).toEqual([...each, ...each]);
    for (const id of [former.appRegistrationId, appRegistrationId])
      expect(await isAtVerifik(`app-registrations/${id}`)).toBe(false);
    for (const id of [former.document, former.failed, failed, document])
      expect(await isAtVerifik(`document-validations/${id}`)).toBe(false);
    expect(receipt.stillKept.join(' ')).not.toContain(appRegistrationId);
    expect(await exists('vendor-erasure-there')).toBe(false);
  });

  it('deletes nothing at Verifik during a legal hold, or unless asked', async () => {
    const { appRegistrationId } = await beginWithData('kept');
    await real.client.placeLegalHold('kept', HOLD);
    await expect(real.client.erase('kept', { atVerifik: true })).rejects.toMatchObject({ type: 'LegalHold' });
    await real.client.liftLegalHold('kept', { liftedBy: 'counsel-2' });
    expect(await real.client.erase('kept')).not.toHaveProperty('atVerifik');
    expect(await isAtVerifik(`app-registrations/${appRegistrationId}`)).toBe(true);
  });

  it('finds nothing to delete for an unknown customer', async () => {
    expect(await real.client.erase('nobody', { atVerifik: true })).toMatchObject({ runs: 0, atVerifik: [] });
  });
});

describe.concurrent('a legal hold', () => {
  it('rejects an erasure, which deletes nothing, until it is lifted', async ({ expect }) => {
    const ended = await finish('held');
    const open = await begin('held', true);
    await real.client.placeLegalHold('held', HOLD);
    await expect.poll(() => listedRuns(open.workflowId)).toHaveLength(2);
    await expect(real.client.erase('held')).rejects.toMatchObject({
      type: 'LegalHold',
      erased: { runs: 0, appRegistrationIds: [] },
    });
    expect(await listedRuns(open.workflowId)).toHaveLength(2);
    expect(await real.client.status(ended.workflowId)).toMatchObject({ phase: 'validating' });
    await real.client.liftLegalHold('held', { liftedBy: 'counsel-2' });
    expect(await real.client.erase('held')).toMatchObject({ runs: 2 });
  });

  it('covers later onboardings of the customer, and no other customer', async () => {
    await real.client.placeLegalHold('held-early', HOLD);
    await begin('held-early');
    await begin('held-not');
    await expect(real.client.erase('held-early')).rejects.toMatchObject({ type: 'LegalHold' });
    expect(await real.client.erase('held-not')).toMatchObject({ runs: 1 });
  });

  it('stays set if a lift does not say by whom', async () => {
    await real.client.placeLegalHold('held-fast', HOLD);
    const handle = real.temporal.workflow.getHandle('legal-hold-held-fast');
    await expect(handle.executeUpdate('liftHold', { args: [{ by: 'counsel-2' }] })).rejects.toMatchObject({
      cause: { type: 'InvalidRequest', message: expect.stringContaining('liftedBy') },
    });
    expect(await real.client.legalHold('held-fast')).toMatchObject(HOLD);
  });

  it('is not in the list of onboardings', async ({ expect }) => {
    const { workflowId } = await begin('held-listed');
    await real.client.placeLegalHold('held-listed', HOLD);
    const query = 'OnboardingReference = "held-listed"';
    await expect.poll(async () => (await real.temporal.workflow.count(query)).count).toBe(2);
    const listed = [];
    for await (const one of real.client.list({ reference: 'held-listed' })) listed.push(one.workflowId);
    expect(listed).toEqual([workflowId]);
  });
});

describe('an erasure while Verifik fails', () => {
  afterEach(async () => {
    await real.sandbox.control.faults([]);
    await real.sandbox.control.settings({ panelCalls: 'accepted' });
  });

  it('names what Verifik refuses to delete, with the code', async () => {
    const { appRegistrationId, document } = await beginWithData('refused');
    await real.sandbox.control.settings({ panelCalls: 'refused' });
    const receipt = await real.client.erase('refused', { atVerifik: true });
    expect(receipt.atVerifik?.[0]?.deletions.at(-1)).toEqual({
      kind: 'registration',
      id: appRegistrationId,
      answer: 'refused',
      code: 'access_denied',
    });
    expect(receipt.stillKept[0]).toBe(
      `Verifik refused to delete, and keeps: registration ${appRegistrationId} (access_denied).`,
    );
    expect(await isAtVerifik(`document-validations/${document}`)).toBe(false);
  });

  it('is completed by a repeated call, which knows all answers', async () => {
    const { workflowId, appRegistrationId } = await beginWithData('away');
    await real.sandbox.control.faults([{ match: 'DELETE /v2/document-validations/:id', kind: 'status', status: 503 }]);
    await expect(real.client.erase('away', { atVerifik: true, timeoutMs: 6_000 })).rejects.toMatchObject({
      type: 'TimedOut',
      erased: { appRegistrationIds: [appRegistrationId] },
    });
    expect(await exists(workflowId)).toBe(false);
    await real.sandbox.control.faults([]);
    const receipt = await real.client.erase('away', { atVerifik: true });
    expect(receipt.appRegistrationIds).toEqual([appRegistrationId]);
    expect(answers(receipt)).toContain('person deleted');
    expect(answers(receipt).at(-1)).toBe('registration deleted');
    expect(await isAtVerifik(`app-registrations/${appRegistrationId}`)).toBe(false);
  });
});

it('a legal hold survives a crash of the server, and rejects an erasure without a worker', async () => {
  await real.client.placeLegalHold('held-long', HOLD);
  await worker.kill();
  await real.crashServer();
  await expect(real.client.erase('held-long')).rejects.toMatchObject({ type: 'LegalHold' });
});
