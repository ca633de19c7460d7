import { randomUUID } from 'node:crypto';
import type { WorkflowClientInterceptor } from '@temporalio/client';
import type { DataConverter } from '@temporalio/common';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import type { Worker } from '@temporalio/worker';
import { expect } from 'vitest';
import { type CallbackEndpoints, noCallbackEndpoints } from '../../activities/callbacks/endpoints.js';
import type { Dependencies } from '../../activities/index.js';
import { noPoliciesFile, type PoliciesFile } from '../../activities/policies-file.js';
import { OnboardingClient, type OnboardingRequestInput, type StartOptions } from '../../client/index.js';
import { addSearchAttributes } from '../../client/lists/search-attributes.js';
import type { SigningKeys } from '../../codec/evidence/signing-keys.js';
import { encryptingDataConverter, type KeyProvider, openKeyRing } from '../../codec/index.js';
import { SEARCH_ATTRIBUTES } from '../../contract/search-attributes.js';
import { contactKeysWith } from '../../shared/contact-keys.js';
import { defined } from '../../shared/defined.js';
import { type Person, type Sandbox, startSandbox } from '../../tools/sandbox/index.js';
import type { VerifikAccounts } from '../../verifik/index.js';
import { createWorkers, type OnboardingWorkerOptions } from '../../worker/worker.js';
import { activitiesWith, onlyAccount, verifikAt } from './activities.js';
import { type Applicants, applicantsOf, personGenerator, type Started } from './applicants.js';
import { bundleBuild } from './builds.js';
import { keysOfTests } from './encryption-keys.js';
import { IMMEDIATE } from './immediate.js';
import { openTimeSkipping } from './time-skipping.js';

type SandboxSettings = NonNullable<NonNullable<Parameters<typeof startSandbox>[0]>['settings']>;

export interface WorldOptions {
  readonly callbacks?: CallbackEndpoints;
  readonly policies?: PoliciesFile;
  readonly signingKeys?: SigningKeys;
  /** Interceptors of the test's client and of the client in the worker's activities. */
  readonly interceptors?: readonly WorkflowClientInterceptor[];
  readonly keys?: KeyProvider;
  readonly workflowThread?: OnboardingWorkerOptions['config']['workflowThread'];
  /** The accounts at Verifik, by default one. */
  readonly accountsAt?: (sandbox: Sandbox) => Promise<VerifikAccounts>;
  readonly slots?: OnboardingWorkerOptions['config']['slots'];
  /** Connects to a Temporal server. Default: starts a time-skipping server. */
  readonly connect?: typeof openTimeSkipping;
}

/** A test environment: a Temporal server, a sandbox, and workers. */
export interface OnboardingWorld extends Omit<Applicants, 'begin'> {
  readonly env: TestWorkflowEnvironment;
  readonly client: OnboardingClient;
  readonly sandbox: Sandbox;
  readonly taskQueue: string;
  /** Advances the clocks of the server and the sandbox. */
  pass(ms: number): Promise<void>;
  /** Starts an onboarding for a new person. */
  begin(change?: Partial<OnboardingRequestInput>, tag?: string, options?: StartOptions): Promise<Started>;
  /** Returns a new person. `tag` becomes a tag of the email, which can force outcomes. */
  somebody(tag?: string): Person;
  startWorkers(taskQueue: string): Promise<void>;
  close(): Promise<void>;
}

/** Creates the workers of all task queues. */
const openWorkers = async (
  env: TestWorkflowEnvironment,
  accounts: VerifikAccounts,
  taskQueue: string,
  dataConverter: DataConverter,
  {
    workflowThread,
    slots,
    ...services
  }: Pick<Dependencies, 'callbacks' | 'policies' | 'signingKeys'> &
    Required<Pick<WorldOptions, 'workflowThread' | 'slots'>>,
): Promise<readonly Worker[]> => {
  const atStart = await accounts.current();
  const options: OnboardingWorkerOptions = {
    accounts: atStart,
    connection: env.nativeConnection,
    namespace: env.namespace ?? 'default',
    activities: activitiesWith(
      {
        accounts,
        temporal: env.client,
        ...services,
        contactKeys: contactKeysWith(CONTACT_KEY),
      },
      taskQueue,
      atStart.flatMap(({ name }) => name ?? []),
    ),
    dataConverter,
    config: {
      verifikCallsPerSecond: 1_000,
      taskQueue,
      deploymentVersion: undefined,
      workflowBundle: await bundleBuild('sources'),
      slots,
      maxPollers: undefined,
      cachedWorkflows: 1_000,
      shutdownGraceMs: 0,
      workflowThread,
      production: false,
    },
  };
  return createWorkers(options);
};

const CONTACT_KEY = 'a-key-for-the-tests';

export const openWorld = async (
  settings: SandboxSettings = {},
  {
    callbacks = noCallbackEndpoints,
    policies = noPoliciesFile,
    signingKeys,
    interceptors = [],
    keys = keysOfTests,
    workflowThread = 'fast',
    slots = { kind: 'fixed', workflowTasks: 40, activities: 100 },
    accountsAt = async (sandbox) => onlyAccount(verifikAt(sandbox)),
    connect = openTimeSkipping,
  }: WorldOptions = {},
): Promise<OnboardingWorld> => {
  const dataConverter = encryptingDataConverter({ keys: await openKeyRing(keys), namespace: 'default' });
  const env = await connect({ dataConverter, interceptors: { workflow: [...interceptors] } });
  await addSearchAttributes(env.connection, env.namespace ?? 'default');
  const sandbox = await startSandbox({ settings: { ...IMMEDIATE, ...settings } });
  const accounts = await accountsAt(sandbox);
  const taskQueue = `onboarding-${randomUUID()}`;
  const services = { callbacks, policies, workflowThread, slots, ...defined({ signingKeys }) };
  const workers: Worker[] = [];
  const running: Promise<void>[] = [];
  const startWorkers = async (queue: string): Promise<void> => {
    for (const worker of await openWorkers(env, accounts, queue, dataConverter, services)) {
      workers.push(worker);
      running.push(worker.run());
    }
  };
  await startWorkers(taskQueue);
  const client = new OnboardingClient(env.client, { contactKey: CONTACT_KEY, taskQueue });
  const somebody = personGenerator(7, 500);
  const applicants = applicantsOf(sandbox, client);

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
    ...applicants,
    somebody,
    startWorkers,
    pass: async (ms) => {
      await sandbox.control.advanceClock(ms);
      await env.sleep(ms);
    },
    begin: async (change, tag, options) => {
      await alignClocks();
      const person = somebody(tag);
      const started = await client.start(applicants.request(person, change), { reference: randomUUID(), ...options });
      return { ...started, person, applicant: applicants.applicantWith(person, started.token) };
    },
    close: async () => {
      for (const worker of workers) worker.shutdown();
      await Promise.all(running);
      await sandbox.close();
      await env.teardown();
    },
  };
};

/**
 * Waits until the onboarding has started and waits for its registration. Makes no query: one beside a local activity
 * fails the workflow task (the replay guard), and the time-skipping server never answers an update of a failed task.
 */
export const isRegistering = ({ env }: Pick<OnboardingWorld, 'env'>, workflowId: string): Promise<void> =>
  expect
    .poll(async () => {
      const execution = await env.client.workflow
        .getHandle(workflowId)
        .describe()
        .catch(() => undefined);
      return execution?.typedSearchAttributes.get(SEARCH_ATTRIBUTES.status);
    })
    .toBe('registering');
