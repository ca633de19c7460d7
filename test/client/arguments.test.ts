import { Client, Connection } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import {
  BatchClient,
  BatchSchedules,
  connectBatchClient,
  connectOnboardingClient,
  OnboardingClient,
  onboardingDataConverter,
} from '../../client/index.js';
import { keysOfTests } from '../support/encryption-keys.js';

const CONTACT_KEY = 'a-key-for-the-tests';

const REQUEST = {
  project: 'a-project',
  projectFlow: 'a-flow',
  contact: { email: 'applicant@example.com' },
  fullName: 'The Applicant',
};

const PHONE = { phone: '3001234567', countryCode: '+57' };

const AUDIT = { mode: 'audit', source: { kind: 'ids', ids: ['65f0a1b2c3d4e5f601234500'] } };

const ID = 'onboarding-customer-4711';

// Backends in JavaScript can pass anything, and get what the types forbid past them in the same way.
type Callable = Readonly<Record<string, (...args: readonly unknown[]) => unknown>>;

const methodsOf = (target: unknown): Callable => {
  const isCallable = (given: unknown): given is Callable => typeof given === 'object';
  if (isCallable(target)) return target;
  throw new Error('expected an object');
};

const callOf = (call: unknown) => {
  const isCall = (given: unknown): given is (...args: readonly unknown[]) => unknown => typeof given === 'function';
  if (isCall(call)) return call;
  throw new Error('expected a function');
};

/** Makes a call, and returns its error: the rejection, or that of the first item. */
const errorOf = async (call: () => unknown): Promise<unknown> => {
  try {
    const returned = await call();
    const isList = (given: unknown): given is AsyncIterator<unknown> =>
      typeof given === 'object' && given !== null && 'next' in given;
    return isList(returned) ? (await returned.next()).value : returned;
  } catch (error) {
    return error;
  }
};

const naming = (field: string) => ({ name: 'OnboardingError', type: 'InvalidRequest', fields: [{ field }] });

let temporal: Client;

// Nothing listens here: a call that is not refused before anything is done is `Unavailable`.
beforeAll(async () => {
  vi.stubEnv('TEMPORAL_ADDRESS', '127.0.0.1:1');
  const dataConverter = await onboardingDataConverter({ keyProvider: keysOfTests });
  temporal = new Client({ connection: Connection.lazy({ address: '127.0.0.1:1' }), dataConverter });
});

afterAll(async () => {
  vi.unstubAllEnvs();
  await temporal.connection.close();
});

/** Wrong options, each with the field that its error names. */
const WRONG_OPTIONS: readonly (readonly [options: unknown, field: string])[] = [
  [{ timeoutMs: 'x' }, 'timeoutMs'],
  [{ timeoutMs: -5 }, 'timeoutMs'],
  [{ timeoutMs: Number.NaN }, 'timeoutMs'],
  [{ taskQueue: 5 }, 'taskQueue'],
  [{ taskQueue: '' }, 'taskQueue'],
  [{ foo: 1 }, 'foo'],
  [5, 'options'],
  [null, 'options'],
];

const WRONG_CONNECTIONS: typeof WRONG_OPTIONS = [
  ...WRONG_OPTIONS,
  [{ interceptors: 5 }, 'interceptors'],
  [{ keyProvider: 5 }, 'keyProvider'],
];

const withKey = (options: unknown): unknown =>
  typeof options === 'object' && options !== null
    ? { contactKey: CONTACT_KEY, keyProvider: keysOfTests, ...options }
    : options;

describe('a wrong option of a client', () => {
  it.each(WRONG_CONNECTIONS)('%j is refused when the client connects, by its name %s', async (options, field) => {
    expect(await errorOf(() => callOf(connectOnboardingClient)(withKey(options)))).toMatchObject(naming(field));
    expect(await errorOf(() => callOf(connectBatchClient)(options))).toMatchObject(naming(field));
  });

  it.each(WRONG_OPTIONS)('%j is refused by the constructors, by its name %s', async (options, field) => {
    const given = typeof options === 'object' && options !== null ? { contactKey: CONTACT_KEY, ...options } : options;
    expect(await errorOf(() => Reflect.construct(OnboardingClient, [temporal, given]))).toMatchObject(naming(field));
    for (const client of [BatchClient, BatchSchedules])
      expect(await errorOf(() => Reflect.construct(client, [temporal, options]))).toMatchObject(naming(field));
  });

  it('is refused also if it is missing, and the message says what is expected', async () => {
    expect(await errorOf(() => callOf(connectOnboardingClient)())).toMatchObject({
      ...naming('options'),
      message: 'options: expected an object',
    });
    expect(await errorOf(() => callOf(connectOnboardingClient)({ keyProvider: keysOfTests }))).toMatchObject(
      naming('contactKey'),
    );
    expect(await errorOf(() => Reflect.construct(BatchClient, []))).toMatchObject(naming('temporal'));
    expect(await errorOf(() => callOf(onboardingDataConverter)({ keyProvider: 5 }))).toMatchObject(
      naming('keyProvider'),
    );
    expect(await errorOf(() => callOf(onboardingDataConverter)({ namespace: '' }))).toMatchObject(naming('namespace'));
  });
});

/** The calls about one onboarding, with the arguments that follow the id and come before the options. */
const ABOUT_ONE: Readonly<Record<string, readonly unknown[]>> = {
  registration: [],
  status: [],
  reRegister: [{}],
  decideReview: [{ decision: 'approve', reviewer: 'reviewer-7' }],
  requestAgain: [{ checks: ['document'], reviewer: 'reviewer-7', reason: 'It is blurred.' }],
  claimReview: [{ reviewer: 'reviewer-7' }],
  releaseReview: [{ reviewer: 'reviewer-7' }],
  result: [],
  events: [],
  replayEvent: [1],
  applicant: [],
  evidence: [],
};

const WITHOUT_OPTIONS: typeof ABOUT_ONE = {
  signalValidation: ['email', { status: 'validated' }],
  signalEmailValidation: [{ status: 'validated' }],
  withdraw: [],
};

/** The calls with options, by client. `undefined` is where the wrong options go. */
const BATCHES = { find: [], progress: [], pause: [], resume: [], changeRate: [5], result: [] };
const SCHEDULES = { describe: [], pause: [], resume: [], trigger: [], delete: [] };

describe('a wrong id', () => {
  it.each([undefined, null, '', 5])('%j is refused by every call, by its name', async (id) => {
    const client = methodsOf(new OnboardingClient(temporal, { contactKey: CONTACT_KEY }));
    for (const [name, args] of Object.entries({ ...ABOUT_ONE, ...WITHOUT_OPTIONS }))
      expect([name, await errorOf(() => client[name]?.(id, ...args))]).toMatchObject([name, naming('workflowId')]);
    const batches = methodsOf(new BatchClient(temporal));
    for (const [name, args] of Object.entries({ ...BATCHES, cancel: [{ onboardings: 'keep' }] }))
      expect([name, await errorOf(() => batches[name]?.(id, ...args))]).toMatchObject([name, naming('batch')]);
    const schedules = methodsOf(new BatchSchedules(temporal));
    for (const [name, args] of Object.entries(SCHEDULES))
      expect([name, await errorOf(() => schedules[name]?.(id, ...args))]).toMatchObject([name, naming('schedule')]);
  });
});

describe('wrong options of a call', () => {
  it.each([
    [{ refrence: 'x' }, 'refrence'],
    [{ timeoutMs: 0 }, 'timeoutMs'],
    [5, 'options'],
    [null, 'options'],
  ] as const)('%j are refused by every call, by the name %s', async (options, field) => {
    const client = methodsOf(new OnboardingClient(temporal, { contactKey: CONTACT_KEY }));
    const calls = {
      ...Object.fromEntries(Object.entries(ABOUT_ONE).map(([name, args]) => [name, [ID, ...args]])),
      start: [REQUEST],
      listPage: [{}],
      funnel: [{}],
      reviews: [{}],
      placeLegalHold: ['customer-4711', { placedBy: 'counsel-1' }],
      liftLegalHold: ['customer-4711', { liftedBy: 'counsel-1' }],
      legalHold: ['customer-4711'],
      erase: ['customer-4711'],
    };
    for (const [name, args] of Object.entries(calls))
      expect([name, await errorOf(() => client[name]?.(...args, options))]).toMatchObject([name, naming(field)]);
    const batches = methodsOf(new BatchClient(temporal));
    for (const [name, args] of Object.entries(BATCHES))
      expect([name, await errorOf(() => batches[name]?.('b', ...args, options))]).toMatchObject([name, naming(field)]);
    const schedules = methodsOf(new BatchSchedules(temporal));
    const schedule = { schedule: 's', request: AUDIT, every: 3_600_000 };
    for (const [name, args] of Object.entries({
      ...Object.fromEntries(Object.entries(SCHEDULES).map(([name]) => [name, ['s']])),
      create: [schedule],
    }))
      expect([name, await errorOf(() => schedules[name]?.(...args, options))]).toMatchObject([name, naming(field)]);
  });

  it.each([
    ['start', [REQUEST, { reference: 5 }], 'reference'],
    ['start', [{ ...REQUEST, contact: PHONE }, { reference: '3001234567' }], 'reference'],
    ['start', [REQUEST, { restart: 'yes' }], 'restart'],
    ['start', [REQUEST, { callbacks: { endpoint: 5 } }], 'callbacks.endpoint'],
    ['start', [REQUEST, { fairnessKey: 'a b' }], 'fairnessKey'],
    ['start', [REQUEST, { idempotencyKey: '' }], 'idempotencyKey'],
    ['start', [null], 'request'],
    ['reRegister', [ID, { reasn: 'x' }], 'reasn'],
    ['reRegister', [ID, 5], 'change'],
    ['decideReview', [ID, { decision: 'maybe', reviewer: 'reviewer-7' }], 'decision'],
    ['decideReview', [ID, null], 'request'],
    ['claimReview', [ID, { reviewer: 'reviewer-7', formMs: 5 }], 'formMs'],
    ['claimReview', [ID, { reviewer: 'reviewer-7' }, { idempotencyKey: 'x' }], 'idempotencyKey'],
    ['result', [ID, { signal: 5 }], 'signal'],
    ['events', [ID, { after: -1 }], 'after'],
    ['evidence', [ID, { personalData: 'yes' }], 'personalData'],
    ['listPage', [{}, { limit: 0 }], 'limit'],
    ['erase', ['customer-4711', { atVerifk: true }], 'atVerifk'],
    ['erase', [null], 'customer'],
    ['placeLegalHold', ['customer-4711', { placedBy: 'counsel-1', reasn: 'x' }], 'reasn'],
    ['liftLegalHold', ['customer-4711', null], 'request'],
  ] as const)('%s%j is refused, by the name %s', async (name, args, field) => {
    const client = methodsOf(new OnboardingClient(temporal, { contactKey: CONTACT_KEY }));
    expect(await errorOf(() => client[name]?.(...args))).toMatchObject(naming(field));
  });

  it.each([
    ['start', [AUDIT], 'options'],
    ['start', [AUDIT, { batch: 'b', bach: 'c' }], 'bach'],
    ['cancel', ['b', { onboardings: 'drop' }], 'onboardings'],
    ['cancel', ['b'], 'options'],
    ['list', [{ staus: 'scanning' }], 'staus'],
    ['list', [{ running: 'yes' }], 'running'],
  ] as const)('of a batch, %s%j is refused, by the name %s', async (name, args, field) => {
    expect(await errorOf(() => methodsOf(new BatchClient(temporal))[name]?.(...args))).toMatchObject(naming(field));
  });
});

describe('a wrong filter', () => {
  it.each([
    [{ staus: 'verified' }, 'staus'],
    [5, 'filter'],
    [null, 'filter'],
  ] as const)('%j is refused by every list, by the name %s', async (filter, field) => {
    const client = methodsOf(new OnboardingClient(temporal, { contactKey: CONTACT_KEY }));
    for (const name of ['list', 'listPage', 'listReviews', 'reviews', 'funnel'])
      expect([name, await errorOf(() => client[name]?.(filter))]).toMatchObject([name, naming(field)]);
  });

  it.each([
    ['list', { status: 'verifed' }, 'status'],
    ['list', { validBefore: '2026-01-31' }, 'validBefore'],
    ['list', { stuck: 'yes' }, 'stuck'],
    ['listReviews', { reason: 'because' }, 'reason'],
    ['funnel', { from: 'yesterday' }, 'from'],
  ] as const)('of %s with a wrong value, %j, is refused by the name %s', async (name, filter, field) => {
    const client = methodsOf(new OnboardingClient(temporal, { contactKey: CONTACT_KEY }));
    expect(await errorOf(() => client[name]?.(filter))).toMatchObject(naming(field));
  });
});

describe('a wrong report', () => {
  it.each([
    [{ status: 5 }, ['status']],
    [{ statuss: 'validated' }, ['status', 'statuss']],
    [{ status: 'validated', validationID: '65f0' }, ['validationID']],
    [{ status: 'validated', validationId: 5 }, ['validationId']],
    [null, ['report']],
    [undefined, ['report']],
  ] as const)('%j is refused by every signal, by the names %j', async (report, fields) => {
    const client = methodsOf(new OnboardingClient(temporal, { contactKey: CONTACT_KEY }));
    const named = { type: 'InvalidRequest', fields: fields.map((field) => ({ field })) };
    for (const check of ['Email', 'Phone', 'Document', 'Biometric'])
      expect(await errorOf(() => client[`signal${check}Validation`]?.(ID, report))).toMatchObject(named);
    expect(await errorOf(() => client['signalValidation']?.(ID, 'emial', { status: 'x' }))).toMatchObject(
      naming('check'),
    );
  });
});
