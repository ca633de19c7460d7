import { afterEach, describe, expect, it } from 'vitest';
import { appRegistrationSignal, reportsSignal, validationSignals } from '../../contract/messages.js';
import { CHECK_NAMES, type CheckName } from '../../domain/checks.js';
import { defined } from '../../shared/defined.js';
import { MINUTE_MS } from '../../shared/time.js';
import type { Started } from '../support/applicants.js';
import { CREATE, READ } from '../support/counted.js';
import { isRegistering, type OnboardingWorld, openWorld } from '../support/onboarding-world.js';
import { opened } from '../support/opened.js';

const world = opened(() => openWorld());

const open: string[] = [];

const begin = async (...how: Parameters<OnboardingWorld['begin']>): Promise<Started> => {
  const one = await world.begin(...how);
  open.push(one.workflowId);
  return one;
};

afterEach(async () => {
  await world.sandbox.control.faults([]);
  // An open onboarding keeps reading Verifik, which the next test would count.
  for (const workflowId of open.splice(0)) await world.client.withdraw(workflowId).catch(() => undefined);
});

const reads = async (): Promise<number> => (await world.sandbox.control.ledger()).calls[READ] ?? 0;

describe('reports', () => {
  it('in any order, repeated and mixed with undecodable and foreign reports lead to the right outcome', async () => {
    const one = await begin();
    const other = await begin();
    const steps = [];
    for (const check of CHECK_NAMES) steps.push(await one.applicant.pass(check));
    const report = (check: CheckName, status: string, validationId: string, appRegistrationId?: string) =>
      world.client.signalValidation(one.workflowId, check, { status, validationId, ...defined({ appRegistrationId }) });
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
    await world.sandbox.control.faults([{ match: CREATE, kind: 'status', status: 503 }]);
    const start = world.client.start(world.request(person), { reference: 'early', timeoutMs: 60_000 });
    const workflowId = 'onboarding-early';
    open.push(workflowId);
    await isRegistering(world, workflowId);
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
});
