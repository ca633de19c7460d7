import { randomUUID } from 'node:crypto';
import type { WorkflowClientInterceptor } from '@temporalio/client';
import type { DataConverter } from '@temporalio/common';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import type { Worker } from '@temporalio/worker';
import { type CallbackEndpoints, noCallbackEndpoints } from '../../activities/callbacks/endpoints.js';
import { createActivities } from '../../activities/index.js';
import {
  OnboardingClient,
  type OnboardingRequestInput,
  type StartedOnboarding,
  type StartOptions,
} from '../../client/index.js';
import { encryptingDataConverter, type KeyProvider, openKeyRing } from '../../codec/index.js';
import type { CheckName } from '../../domain/checks.js';
import { contactKeysWith } from '../../shared/contact-keys.js';
import {
  type Applicant,
  createApplicant,
  inventPeople,
  type Person,
  type Sandbox,
  startSandbox,
} from '../../tools/sandbox/index.js';
import { createVerifikClient, type VerifikClient } from '../../verifik/index.js';
import { addSearchAttributes } from '../../worker/setup.js';
import { createOnboardingWorker, createVendorWorker, type OnboardingWorkerOptions } from '../../worker/worker.js';
import { someBatches } from './batches.js';
import { keysOfTests } from './encryption-keys.js';
import { IMMEDIATE } from './immediate.js';
import { openTimeSkipping } from './time-skipping.js';

type SandboxSettings = NonNullable<NonNullable<Parameters<typeof startSandbox>[0]>['settings']>;

/** A started onboarding with its applicant. */
export interface Case extends StartedOnboarding {
  readonly person: Person;
  readonly applicant: Applicant;
}

export interface WorldOptions {
  readonly callbacks?: CallbackEndpoints;
  /** Interceptors of the test's client and of the client in the worker's activities. */
  readonly interceptors?: readonly WorkflowClientInterceptor[];
  readonly keys?: KeyProvider;
  /** Connects to a Temporal server. Default: starts a time-skipping server. */
  readonly connect?: typeof openTimeSkipping;
}

/** A test environment: a Temporal server, a sandbox, and workers. */
export interface OnboardingWorld {
  readonly env: TestWorkflowEnvironment;
  readonly client: OnboardingClient;
  readonly sandbox: Sandbox;
  readonly taskQueue: string;
  /** Advances the clocks of the server and the sandbox. */
  pass(ms: number): Promise<void>;
  request(person: Person, change?: Partial<OnboardingRequestInput>): OnboardingRequestInput;
  /** Starts an onboarding for a new person. */
  begin(change?: Partial<OnboardingRequestInput>, tag?: string, options?: StartOptions): Promise<Case>;
  /** Does checks as the applicant, and reports each as the backend. */
  doAndReport(one: Pick<Case, 'workflowId' | 'applicant'>, ...checks: CheckName[]): Promise<void>;
  applicantWith(person: Person, token: string): Applicant;
  /** Returns a new person. `tag` becomes a tag of the email, which can force outcomes. */
  somebody(tag?: string): Person;
  startWorkers(taskQueue: string): Promise<void>;
  close(): Promise<void>;
}

/** Creates the onboarding worker, and the worker for Verifik calls of batches. */
const openWorkers = (
  env: TestWorkflowEnvironment,
  verifik: VerifikClient,
  taskQueue: string,
  dataConverter: DataConverter,
  callbacks: CallbackEndpoints,
): Promise<readonly Worker[]> => {
  const options: OnboardingWorkerOptions = {
    connection: env.nativeConnection,
    namespace: env.namespace ?? 'default',
    activities: createActivities({
      verifik,
      temporal: env.client,
      callbacks,
      contactKeys: contactKeysWith(CONTACT_KEY),
      batches: someBatches(),
    }),
    dataConverter,
    config: {
      verifikCallsPerSecond: 1_000,
      taskQueue,
      deploymentVersion: undefined,
      workflowBundle: undefined,
      maxCachedWorkflows: undefined,
      shutdownGraceMs: 0,
      production: false,
    },
  };
  return Promise.all([createOnboardingWorker(options), createVendorWorker(options)]);
};

const CONTACT_KEY = 'a-key-for-the-tests';

export const openWorld = async (
  settings: SandboxSettings = {},
  {
    callbacks = noCallbackEndpoints,
    interceptors = [],
    keys = keysOfTests,
    connect = openTimeSkipping,
  }: WorldOptions = {},
): Promise<OnboardingWorld> => {
  const dataConverter = encryptingDataConverter({ keys: await openKeyRing(keys), namespace: 'default' });
  const env = await connect({ dataConverter, interceptors: { workflow: [...interceptors] } });
  await addSearchAttributes(env.connection, env.namespace ?? 'default');
  const sandbox = await startSandbox({ settings: { ...IMMEDIATE, ...settings } });
  const verifik = createVerifikClient({ baseUrl: sandbox.url, tokenSource: { read: async () => sandbox.clientToken } });
  const taskQueue = `onboarding-${randomUUID()}`;
  const workers: Worker[] = [];
  const running: Promise<void>[] = [];
  const startWorkers = async (queue: string): Promise<void> => {
    for (const worker of await openWorkers(env, verifik, queue, dataConverter, callbacks)) {
      workers.push(worker);
      running.push(worker.run());
    }
  };
  await startWorkers(taskQueue);
  const client = new OnboardingClient(env.client, { contactKey: CONTACT_KEY, taskQueue });
  const people = inventPeople(7, 500).values();

  const somebody = (tag?: string): Person => {
    const person = people.next().value;
    if (person === undefined) throw new Error('All 500 invented people are in use.');
    return tag === undefined ? person : { ...person, email: person.email.replace('@', `+${tag}@`) };
  };
  const request = ({ email, phone, countryCode, fullName }: Person, change: Partial<OnboardingRequestInput> = {}) => ({
    project: sandbox.project,
    projectFlow: sandbox.projectFlow,
    contact: { email, phone, countryCode },
    fullName,
    ...change,
  });
  const applicantWith = (person: Person, token: string) =>
    createApplicant({ url: sandbox.url, token, project: sandbox.project, person });

  /** The server's clock skips ahead while a test awaits a result. Advances the sandbox's clock to the same time. */
  const alignClocks = async () => {
    const ahead = (await env.currentTimeMs()) - (await sandbox.control.advanceClock(0));
    if (ahead > 0) await sandbox.control.advanceClock(ahead);
  };

  return {
    env,
    client,
    sandbox,
    taskQueue,
    request,
    somebody,
    applicantWith,
    startWorkers,
    pass: async (ms) => {
      await sandbox.control.advanceClock(ms);
      await env.sleep(ms);
    },
    begin: async (change, tag, options) => {
      await alignClocks();
      const person = somebody(tag);
      const started = await client.start(request(person, change), { reference: randomUUID(), ...options });
      return { ...started, person, applicant: applicantWith(person, started.token) };
    },
    doAndReport: async ({ workflowId, applicant }, ...checks) => {
      for (const check of checks) {
        const { status, validationId } = await applicant.pass(check);
        await client.signalValidation(workflowId, check, { status, validationId });
      }
    },
    close: async () => {
      for (const worker of workers) worker.shutdown();
      await Promise.all(running);
      verifik.close();
      await sandbox.close();
      await env.teardown();
    },
  };
};
