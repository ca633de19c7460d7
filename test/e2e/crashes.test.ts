import { beforeAll, describe, expect, it, vi } from 'vitest';
import { CHECK_NAMES, type CheckName } from '../../domain/checks.js';
import type { WorkerProcess } from '../../tools/processes/worker-process.js';
import type { Fault } from '../../tools/sandbox/index.js';
import { personGenerator, type Started } from '../support/applicants.js';
import { CREATE, READ } from '../support/counted.js';
import { opened } from '../support/opened.js';
import { openRealServers } from './real-servers.js';

let worker: WorkerProcess;

const real = opened(() => openRealServers());

beforeAll(async () => {
  worker = await real.startWorker();
});

const nextPerson = personGenerator(13);
const ledger = () => real.sandbox.control.ledger();
const callsOf = async (call: string) => (await ledger()).calls[call] ?? 0;
const created = async () => (await ledger()).registrationsCreated;

const begin = (reference: string): Promise<Started> => real.begin(nextPerson(), { reference, timeoutMs: 90_000 });

/** Runs an action, and waits until its call with this fault has reached the sandbox. */
const withFault = async <A>(fault: Fault, count: () => Promise<number>, action: () => A): Promise<A> => {
  const before = await count();
  await real.sandbox.control.faults([fault]);
  const result = action();
  await vi.waitFor(async () => expect(await count()).toBe(before + 1), { timeout: 30_000 });
  await real.sandbox.control.faults([]);
  return result;
};

/** Does the remaining checks, and expects one validation of each check and the outcome `verified`. */
const expectVerifiedOnce = async (one: Started, remaining: readonly CheckName[] = []) => {
  const { workflowId, appRegistrationId } = one;
  await real.doAndReport(one, ...remaining);
  expect(await real.client.result(workflowId)).toMatchObject({ outcome: 'verified', appRegistrationId });
  const { validationsByRegistration } = await ledger();
  expect(validationsByRegistration[appRegistrationId]).toEqual({ email: 1, phone: 1, document: 1, biometric: 1 });
};

describe('an onboarding is verified with one registration and one validation per check if the worker is killed', () => {
  let beforeCreate: { readonly started: Promise<Started> };
  let beforeAnswer: { readonly started: Promise<Started> };
  let betweenSignals: Started;
  let beforeRead: Started;

  beforeAll(async () => {
    betweenSignals = await begin('between-signals');
    await real.doAndReport(betweenSignals, 'email', 'phone');
    beforeRead = await begin('before-read');
    await withFault(
      { match: READ, kind: 'hang' },
      () => callsOf(READ),
      () => real.doAndReport(beforeRead, ...CHECK_NAMES),
    );
    beforeAnswer = await withFault({ match: CREATE, kind: 'heldAnswer' }, created, () => ({
      started: begin('before-answer'),
    }));
    beforeCreate = await withFault(
      { match: CREATE, kind: 'hang' },
      () => callsOf(CREATE),
      () => ({ started: begin('before-create') }),
    );
    await worker.kill();
    await real.doAndReport(betweenSignals, 'document', 'biometric');
    worker = await real.startWorker();
  });

  it('before the create call has an effect', async () => {
    await expectVerifiedOnce(await beforeCreate.started, CHECK_NAMES);
  });

  it('between the create call and its answer', async () => {
    await expectVerifiedOnce(await beforeAnswer.started, CHECK_NAMES);
  });

  it('between the signals, some of which arrive while no worker runs', () => expectVerifiedOnce(betweenSignals));

  it('before the last read is answered', async () => {
    await expectVerifiedOnce(beforeRead);
    expect(await created()).toBe(4);
  });
});

describe('a Temporal server that is killed and restarted', () => {
  it('has lost nothing, and the worker and the client reconnect', async () => {
    const before = await created();
    const one = await begin('server');
    await real.doAndReport(one, 'email', 'phone');
    await real.crashServer();
    await expectVerifiedOnce(one, ['document', 'biometric']);
    expect(await created()).toBe(before + 1);
  });
});
