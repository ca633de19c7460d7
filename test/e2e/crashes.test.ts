import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CHECK_NAMES, type CheckName } from '../../domain/checks.js';
import type { WorkerProcess } from '../../tools/processes/worker-process.js';
import type { Applicant, Fault, Person } from '../../tools/sandbox/index.js';
import { personGenerator } from './operated-servers.js';
import { openRealServers, type RealServers } from './real-servers.js';

const CREATE = 'POST /v2/app-registrations';
const READ = 'GET /v2/app-registrations/:id';
const START_TIMEOUT_MS = 90_000;

let real: RealServers;
let worker: WorkerProcess;
beforeAll(async () => {
  real = await openRealServers();
  worker = await real.startWorker();
});

afterAll(() => real.close());

const faults = (...list: Fault[]) => real.sandbox.control.faults(list);
const ledger = () => real.sandbox.control.ledger();

/** Kills the worker, and starts another. */
const crash = async (): Promise<void> => {
  await worker.kill();
  worker = await real.startWorker();
};

const nextPerson = personGenerator(13);

const begin = (person: Person, reference: string) =>
  real.client.start(real.request(person), { reference, timeoutMs: START_TIMEOUT_MS });

const doAndReport = async (applicant: Applicant, workflowId: string, checks: readonly CheckName[]) => {
  for (const check of checks) await real.client.signalValidation(workflowId, check, await applicant.pass(check));
};

/** Expects one registration, one validation of each check, and the outcome `verified`. */
const expectVerifiedOnce = async (workflowId: string, appRegistrationId: string, createdBefore: number) => {
  expect(await real.client.result(workflowId)).toMatchObject({ outcome: 'verified', appRegistrationId });
  const { registrationsCreated, validationsByRegistration } = await ledger();
  expect(registrationsCreated - createdBefore).toBe(1);
  expect(validationsByRegistration[appRegistrationId]).toEqual({ email: 1, phone: 1, document: 1, biometric: 1 });
};

describe('an onboarding is verified with one registration and one validation per check if the worker is killed', () => {
  it('before the create call has an effect', async () => {
    const { registrationsCreated, calls } = await ledger();
    await faults({ match: CREATE, kind: 'hang' });
    const person = nextPerson();
    const start = begin(person, 'before-create');
    await expect.poll(async () => (await ledger()).calls[CREATE]).toBe((calls[CREATE] ?? 0) + 1);
    await faults();
    await crash();
    const { workflowId, appRegistrationId, token } = await start;
    await doAndReport(real.applicantWith(person, token), workflowId, CHECK_NAMES);
    await expectVerifiedOnce(workflowId, appRegistrationId, registrationsCreated);
  });

  it.each(['recreate', 'resume'] as const)('between the create call and its answer (%s)', async (reRegistration) => {
    await real.sandbox.control.settings({ reRegistration });
    const { registrationsCreated } = await ledger();
    await faults({ match: CREATE, kind: 'heldAnswer', times: 1 });
    const person = nextPerson();
    const start = begin(person, `before-answer-${reRegistration}`);
    await expect.poll(async () => (await ledger()).registrationsCreated).toBe(registrationsCreated + 1);
    await crash();
    const { workflowId, appRegistrationId, token } = await start;
    await doAndReport(real.applicantWith(person, token), workflowId, CHECK_NAMES);
    await expectVerifiedOnce(workflowId, appRegistrationId, registrationsCreated);
  });

  it('between the signals, some of which arrive while no worker runs', async () => {
    const { registrationsCreated } = await ledger();
    const person = nextPerson();
    const { workflowId, appRegistrationId, token } = await begin(person, 'between-signals');
    const applicant = real.applicantWith(person, token);
    await doAndReport(applicant, workflowId, ['email', 'phone']);
    await worker.kill();
    await doAndReport(applicant, workflowId, ['document', 'biometric']);
    worker = await real.startWorker();
    await expectVerifiedOnce(workflowId, appRegistrationId, registrationsCreated);
  });

  it('before the last read is answered', async () => {
    const { registrationsCreated, calls } = await ledger();
    const person = nextPerson();
    const { workflowId, appRegistrationId, token } = await begin(person, 'before-read');
    await faults({ match: READ, kind: 'hang' });
    await doAndReport(real.applicantWith(person, token), workflowId, CHECK_NAMES);
    await expect.poll(async () => (await ledger()).calls[READ]).toBe((calls[READ] ?? 0) + 1);
    await faults();
    await crash();
    await expectVerifiedOnce(workflowId, appRegistrationId, registrationsCreated);
  });
});

describe('a Temporal server that is killed and restarted', () => {
  it('has lost nothing, and the worker and the client reconnect', async () => {
    const { registrationsCreated } = await ledger();
    const person = nextPerson();
    const { workflowId, appRegistrationId, token } = await begin(person, 'server');
    const applicant = real.applicantWith(person, token);
    await doAndReport(applicant, workflowId, ['email', 'phone']);
    await real.crashServer();
    await doAndReport(applicant, workflowId, ['document', 'biometric']);
    await expectVerifiedOnce(workflowId, appRegistrationId, registrationsCreated);
  });
});
