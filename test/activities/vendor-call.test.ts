import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type {
  CreateAppRegistrationInput,
  OnboardingActivities,
  ReadOutcome,
  RegistrationOutcome,
} from '../../contract/activities.js';
import { createApplicant, type Fault, inventPeople, type Sandbox, startSandbox } from '../../tools/sandbox/index.js';
import type { VerifikClient } from '../../verifik/index.js';
import { activitiesWith, mockActivity, onlyAccount, verifikAt } from '../support/activities.js';
import { IMMEDIATE } from '../support/immediate.js';

const CREATE = 'POST /v2/app-registrations';

let sandbox: Sandbox;
let verifik: VerifikClient;
let activities: OnboardingActivities;
const people = inventPeople(17, 50).values();

beforeAll(async () => {
  sandbox = await startSandbox({ settings: IMMEDIATE });
  verifik = verifikAt(sandbox);
  activities = activitiesWith({ accounts: onlyAccount(verifik) });
});

afterEach(async () => {
  await sandbox.control.faults([]);
  await sandbox.control.settings({ reRegistration: 'recreate', resendLink: 'offered' });
});

afterAll(async () => {
  verifik.close();
  await sandbox.close();
});

const inputFor = (): CreateAppRegistrationInput => {
  const person = people.next().value;
  if (person === undefined) throw new Error('no applicant is left');
  const { fullName, ...contact } = person;
  const { project, projectFlow } = sandbox;
  return { project, projectFlow, contact, fullName, why: 'start' };
};

type Info = Parameters<typeof mockActivity>[0];

const create = (input: CreateAppRegistrationInput, info: Info = {}): Promise<RegistrationOutcome> =>
  mockActivity(info).run(() => activities.createAppRegistration(input));

const failureOf = async (fault: Partial<Fault>, info: Info = {}) => {
  await sandbox.control.faults([{ match: CREATE, kind: 'status', ...fault }]);
  const input = inputFor();
  const error: unknown = await create(input, info).catch((thrown: unknown) => thrown);
  if (!(error instanceof ApplicationFailure)) throw error;
  const { email, phone } = input.contact;
  for (const secret of [email, phone, input.fullName, sandbox.clientToken])
    expect(`${error.message} ${JSON.stringify(error.details)}`).not.toContain(secret);
  return error;
};

describe('a failure of an activity', () => {
  it.each([
    [
      { status: 400, code: 'INVALID_PROJECT_FLOW' },
      { type: 'Misconfigured', nonRetryable: true },
    ],
    [
      { status: 409, code: 'MissingParameter' },
      { type: 'InvalidRequest', nonRetryable: true },
    ],
    [
      { status: 409, code: 'missing countryCode' },
      {
        type: 'InvalidRequest',
        details: [expect.anything(), expect.objectContaining({ field: 'contact.countryCode' })],
      },
    ],
    [
      { status: 412, code: 'email domain not allowed' },
      { type: 'RefusedByPolicy', nonRetryable: true, category: 'BENIGN' },
    ],
    [{ status: 503 }, { type: 'Transient', nonRetryable: false, category: 'BENIGN' }],
    [
      { status: 429, retryAfter: '7' },
      { type: 'Transient', nonRetryable: false, nextRetryDelay: 7_000 },
    ],
    [
      { status: 403, code: 'access_denied' },
      { type: 'Credentials', nonRetryable: false, nextRetryDelay: 60_000 },
    ],
    [
      { kind: 'wrongShape' },
      {
        type: 'UnexpectedVendorResponse',
        nonRetryable: false,
        message: expect.stringMatching(/: \S+ \(expected .+\)/),
      },
    ],
  ] as const)('has the tag of the vendor error as its type (%j), and is retryable or not', async (fault, expected) => {
    expect(await failureOf(fault)).toMatchObject(expected);
  });

  it('by an unexpected response is non-retryable only after three in a row', async () => {
    expect(await failureOf({ kind: 'nonJson' }, { attempt: 20, heartbeatDetails: 0 })).toMatchObject({
      nonRetryable: false,
    });
    expect(await failureOf({ kind: 'nonJson' }, { attempt: 3, heartbeatDetails: 2 })).toMatchObject({
      type: 'UnexpectedVendorResponse',
      nonRetryable: true,
    });
  });

  it('by a cancellation is a `CancelledFailure`', async () => {
    await sandbox.control.faults([{ match: CREATE, kind: 'hang' }]);
    const env = mockActivity();
    const { calls } = await sandbox.control.ledger();
    const running = env.run(() => activities.createAppRegistration(inputFor()));
    const cancelled = expect(running).rejects.toBeInstanceOf(CancelledFailure);
    await expect.poll(async () => (await sandbox.control.ledger()).calls[CREATE]).toBe((calls[CREATE] ?? 0) + 1);
    env.cancel();
    await cancelled;
  });
});

describe('creating a registration again', () => {
  it.each(['recreate', 'resume'] as const)(
    'after a lost response resumes the registration without a charge (%s)',
    async (mode) => {
      await sandbox.control.settings({ reRegistration: mode });
      const input = inputFor();
      const first = await create(input);
      const before = await sandbox.control.ledger();
      const second = await create(input, { attempt: 2 });
      expect(second).toMatchObject({
        type: 'RegistrationResumed',
        appRegistrationId: first.appRegistrationId,
        recheck: true,
      });
      expect((await sandbox.control.ledger()).credits).toBe(before.credits);
    },
  );

  it('after a lost response recreates the registration without a charge if the API has no resend-link', async () => {
    await sandbox.control.settings({ resendLink: 'absent' });
    const input = inputFor();
    await create(input);
    const before = await sandbox.control.ledger();
    expect(await create(input, { attempt: 2 })).toMatchObject({ type: 'Registered' });
    const { credits, registrationsCreated } = await sandbox.control.ledger();
    expect([credits, registrationsCreated]).toEqual([before.credits, before.registrationsCreated]);
  });

  it('finds the registration among hundreds by the whole contact', async () => {
    const input = inputFor();
    const first = await create(input);
    for (let n = 0; n < 150; n += 1) {
      const contact = { email: `crowd-${n}@applicants.example.com` };
      await create({ ...input, contact });
    }
    expect(await create(input, { attempt: 2 })).toMatchObject({ appRegistrationId: first.appRegistrationId });
  });

  it('creates a new registration if the former one is over', async () => {
    const input = inputFor();
    const first = await create(input);
    await sandbox.control.setStatus(first.appRegistrationId, 'COMPLETED');
    expect(await create(input, { attempt: 2 })).toMatchObject({ type: 'Registered' });
  });

  it('fails if Verifik has registered the contact and permits no resumption', async () => {
    const input = inputFor();
    const first = await create(input);
    await sandbox.control.settings({ reRegistration: 'resume', resendLink: 'absent' });
    await expect(create(input)).rejects.toMatchObject({ type: 'AlreadyRegistered', nonRetryable: true });
    await sandbox.control.settings({ resendLink: 'offered' });
    await sandbox.control.setStatus(first.appRegistrationId, 'COMPLETED');
    expect(await create(input)).toMatchObject({
      type: 'RegistrationClosed',
      appRegistrationId: first.appRegistrationId,
    });
  });
});

describe('a read', () => {
  it('returns when the document expires only for a policy that needs it', async () => {
    const input = inputFor();
    const created = await create(input);
    if (created.type !== 'Registered') throw new Error('not registered');
    const { appRegistrationId, token } = created;
    const person = { email: '', phone: '', countryCode: '', ...input.contact, fullName: input.fullName };
    const applicant = { url: sandbox.url, token: token.token, project: sandbox.project, person };
    await createApplicant(applicant).pass('document');
    const documentOf = async (how: { readonly withExpiry?: true }) => {
      const read: ReadOutcome = await mockActivity().run(() =>
        activities.readAppRegistration({ project: sandbox.project, appRegistrationId, ...how }),
      );
      return read.type === 'VendorRead' ? read.vendorRegistration.checks.document : undefined;
    };
    const document = { result: 'passed', validationId: expect.any(String), failuresListed: true };
    expect(await documentOf({})).toEqual(document);
    expect(await documentOf({ withExpiry: true })).toEqual({ ...document, expiresAt: Date.UTC(2030, 0, 16) - 1 });
  });
});
