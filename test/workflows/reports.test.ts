import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { appRegistrationSignal, reportsSignal, validationSignals } from '../../contract/messages.js';
import { CHECK_NAMES, type CheckName } from '../../domain/checks.js';
import { HOUR_MS, MINUTE_MS } from '../../shared/time.js';
import { type Case, type OnboardingWorld, openWorld } from '../support/onboarding-world.js';

const READ = 'GET /v2/app-registrations/:id';

let world: OnboardingWorld;

beforeAll(async () => {
  world = await openWorld();
});

const open: string[] = [];

const begin = async (...how: Parameters<OnboardingWorld['begin']>): Promise<Case> => {
  const one = await world.begin(...how);
  open.push(one.workflowId);
  return one;
};

afterEach(async () => {
  await world.sandbox.control.faults([]);
  // An open onboarding keeps reading Verifik, which the next test would count.
  for (const workflowId of open.splice(0)) await world.client.withdraw(workflowId).catch(() => undefined);
});

afterAll(() => world.close());

const reads = async (): Promise<number> => (await world.sandbox.control.ledger()).calls[READ] ?? 0;

const passAll = async ({ applicant }: Case) => {
  const steps = [];
  for (const check of CHECK_NAMES) steps.push(await applicant.pass(check));
  return steps;
};

describe('reports', () => {
  it('in any order, repeated and mixed with undecodable and foreign reports lead to the right outcome', async () => {
    const one = await begin();
    const other = await begin();
    const steps = await passAll(one);
    const report = (check: CheckName, status: string, validationId: string, appRegistrationId?: string) =>
      world.client.signalValidation(one.workflowId, check, {
        status,
        validationId,
        ...(appRegistrationId === undefined ? {} : { appRegistrationId }),
      });
    await report('biometric', 'validated', 'somebody-elses', other.appRegistrationId);
    for (const { check, status, validationId } of steps.slice(1).reverse()) {
      await report(check, status, validationId);
      await report(check, status, validationId);
      await report(check, 'new', validationId);
    }
    await report('email', 'TELEPORTED', steps[0]?.validationId ?? '');
    const handle = world.env.client.workflow.getHandle(one.workflowId);
    await handle.signal(validationSignals.phone.name, { status: 7, validationId: ['x'] });
    await handle.signal(validationSignals.document.name, null);
    await handle.signal(validationSignals.email.name);

    expect(await world.client.status(one.workflowId)).toMatchObject({
      pending: ['email'],
      reports: { accepted: 6, repeated: 3, stale: 0, foreign: 1, unknownWords: 1, undecodable: 3 },
      recentProblems: expect.arrayContaining([
        'email: unknown status word TELEPORTED',
        expect.stringContaining("phone: status: expected one of Verifik's status words"),
      ]),
    });
    const before = await reads();
    await report('email', 'validated', steps[0]?.validationId ?? '');
    expect(await world.client.result(one.workflowId)).toMatchObject({ outcome: 'verified' });
    expect((await reads()) - before).toBe(1);
  });

  it('that arrive before the registration exists are kept if they belong to it', async () => {
    const person = world.somebody();
    await world.sandbox.control.faults([{ match: 'POST /v2/app-registrations', kind: 'status', status: 503 }]);
    const start = world.client.start(world.request(person), { reference: 'early', timeoutMs: 60_000 });
    const workflowId = 'onboarding-early';
    open.push(workflowId);
    await expect
      .poll(async () => (await world.client.status(workflowId).catch(() => undefined))?.phase)
      .toBe('registering');
    await world.client.signalEmailValidation(workflowId, { status: 'validated' });
    await world.client.signalPhoneValidation(workflowId, { status: 'validated', appRegistrationId: 'another' });
    await world.sandbox.control.faults([]);
    await world.pass(5 * MINUTE_MS);
    await start;
    expect(await world.client.status(workflowId)).toMatchObject({
      pending: ['phone', 'document', 'biometric'],
      checks: { email: { status: 'reported' } },
      reports: { foreign: 1 },
    });
  });

  it('that claim a success which Verifik denies never verify, and repeating one causes no further read', async () => {
    const one = await begin();
    const lie = (check: CheckName) =>
      world.client.signalValidation(one.workflowId, check, { status: 'validated', validationId: `forged-${check}` });
    const before = await reads();
    for (const check of CHECK_NAMES) await lie(check);
    await expect
      .poll(() => world.client.status(one.workflowId))
      .toMatchObject({ pending: [...CHECK_NAMES], reports: { accepted: 4 } });
    // Usually one; more if a workflow task timed out and was retried.
    const read = await reads();
    expect(read).toBeGreaterThan(before);
    for (const check of CHECK_NAMES) await lie(check);
    expect(await world.client.status(one.workflowId)).toMatchObject({ phase: 'validating', reports: { repeated: 4 } });
    expect(await reads()).toBe(read);
  });

  it('are not necessary: without any, the reconcile finds the passed checks', async () => {
    const one = await begin();
    await passAll(one);
    await world.pass(10 * MINUTE_MS);
    expect(await world.client.result(one.workflowId)).toMatchObject({ outcome: 'verified' });
  });

  it('are read at once while the reconcile backs off, and forged ones cause one read each without changing its intervals', async () => {
    const one = await begin({ policy: { reminders: { afterMs: 100 * HOUR_MS, max: 0 } } });
    await world.pass(48 * HOUR_MS);
    const { events } = await world.env.client.workflow.getHandle(one.workflowId).fetchHistory();
    const idle = (events ?? []).filter(
      ({ activityTaskScheduledEventAttributes: scheduled }) => scheduled?.activityType?.name === 'readAppRegistration',
    ).length;
    // 5, 10, 20 … 320 min, then every 6 h: 13 reads in two days.
    expect(idle).toBeGreaterThanOrEqual(10);
    expect(idle).toBeLessThanOrEqual(16);
    const before = await reads();
    await world.client.signalValidation(one.workflowId, 'document', { status: 'failed', validationId: 'forged' });
    await expect.poll(reads).toBe(before + 1);
    await world.client.signalValidation(one.workflowId, 'phone', { status: 'sent', validationId: 'forged' });
    await world.pass(5 * HOUR_MS);
    expect(await reads()).toBe(before + 2);
    await world.client.withdraw(one.workflowId);
  });

  it('on the registration as a whole cause a read if they contain news, and undecodable among several does no harm', async () => {
    const one = await begin();
    const handle = world.env.client.workflow.getHandle(one.workflowId);
    const before = await reads();
    await handle.signal(appRegistrationSignal, { status: 'ONGOING', appRegistrationId: one.appRegistrationId });
    await handle.signal(appRegistrationSignal.name, { status: { not: 'a word' } });
    await handle.signal(reportsSignal.name, 'no list');
    await handle.signal(reportsSignal.name, [
      null,
      { about: 'weather', status: 'validated' },
      { about: 'email', status: 'validated', validationId: 'mail1' },
      { about: 'phone', status: 7 },
      { about: 'appRegistration', status: 'TELEPORTED' },
      { about: 'appRegistration', status: 'FAILED', appRegistrationId: 'another' },
    ]);
    expect(await world.client.status(one.workflowId)).toMatchObject({
      checks: { email: { status: 'reported' } },
      reports: { accepted: 1, repeated: 1, foreign: 1, unknownWords: 1, undecodable: 5 },
      recentProblems: [
        'reports: (root): expected a list of reports',
        expect.stringMatching(/^reports: \(root\): expected /),
        'reports: about: expected email, phone, document, biometric or appRegistration',
        "phone: status: expected one of Verifik's status words",
        'registration: unknown status word TELEPORTED',
      ],
    });
    expect(await reads()).toBe(before);
    await world.sandbox.control.setStatus(one.appRegistrationId, 'FAILED');
    await handle.signal(reportsSignal, [{ about: 'appRegistration', status: 'FAILED' }]);
    expect(await world.client.result(one.workflowId)).toMatchObject({ outcome: 'rejected', reason: 'failedAtVendor' });
    expect((await reads()) - before).toBe(1);
  });

  it('with a status word that Verifik has never used pass no check', async () => {
    const one = await begin({}, 'document-BEATIFIED');
    const steps = await passAll(one);
    for (const { check, validationId } of steps)
      await world.client.signalValidation(one.workflowId, check, { status: 'validated', validationId });
    await expect
      .poll(() => world.client.status(one.workflowId))
      .toMatchObject({
        pending: ['document'],
        recentProblems: ['document: unknown status word BEATIFIED at the vendor'],
      });
  });

  it('by the thousand make the workflow continue as new with its complete state', async () => {
    const one = await begin();
    const { validationId } = await one.applicant.pass('email');
    await world.client.signalEmailValidation(one.workflowId, { status: 'validated', validationId });
    const first = (await world.env.client.workflow.getHandle(one.workflowId).describe()).runId;
    for (let sent = 0; sent < 1_500; sent += 100)
      await Promise.all(
        Array.from({ length: 100 }, (_, n) =>
          world.client.signalPhoneValidation(one.workflowId, { status: 'sent', validationId: `p${sent + n}` }),
        ),
      );
    await expect
      .poll(async () => (await world.env.client.workflow.getHandle(one.workflowId).describe()).runId, {
        timeout: 30_000,
      })
      .not.toBe(first);
    expect(await world.client.status(one.workflowId)).toMatchObject({
      generation: 1,
      checks: { email: { status: 'reported' } },
      pending: ['phone', 'document', 'biometric'],
      reports: { accepted: 1_501 },
    });
    expect(await world.client.registration(one.workflowId)).toMatchObject({ token: one.token });
    for (const check of ['phone', 'document', 'biometric'] as const)
      await world.client.signalValidation(one.workflowId, check, await one.applicant.pass(check));
    expect(await world.client.result(one.workflowId)).toMatchObject({ outcome: 'verified' });
  });
});
