import { afterEach, describe, expect, it } from 'vitest';
import { SEARCH_ATTRIBUTES } from '../../contract/search-attributes.js';
import { CHECK_NAMES } from '../../domain/checks.js';
import { HOUR_MS, MINUTE_MS } from '../../shared/time.js';
import { reportOf } from '../support/applicants.js';
import { counted, READ, RESEND } from '../support/counted.js';
import { openWorld } from '../support/onboarding-world.js';
import { opened } from '../support/opened.js';

const world = opened(() => openWorld());

afterEach(async () => {
  await world.sandbox.control.settings({ reRegistration: 'recreate', resendLink: 'offered' });
});

describe('an expired token', () => {
  it('is renewed by resend-link when a caller requests it, and passed checks stay passed', async () => {
    const one = await world.begin();
    await world.doAndReport(one, 'email', 'phone');
    await world.pass(3 * HOUR_MS);
    const { result, resent, recreated } = await counted(world.sandbox, () => world.client.registration(one.workflowId));
    expect([resent, recreated]).toEqual([1, 0]);
    const applicant = world.applicantWith(one.person, result.token);
    await world.doAndReport({ ...one, applicant }, 'document', 'biometric');
    expect(await world.client.result(one.workflowId)).toMatchObject({ outcome: 'verified' });
    const { validationsByRegistration } = await world.sandbox.control.ledger();
    expect(validationsByRegistration[one.appRegistrationId]).toEqual({ email: 1, phone: 1, document: 1, biometric: 1 });
  });

  it.each(['registration', 'start'] as const)(
    'is never returned by a repeated %s, even if the same call returned it before',
    async (call) => {
      const one = await world.begin();
      const reference = one.workflowId.replace('onboarding-', '');
      const ask = () =>
        call === 'start'
          ? world.client.start(world.request(one.person), { reference })
          : world.client.registration(one.workflowId);
      expect(await ask()).toMatchObject({ token: one.token });
      await world.pass(3 * HOUR_MS);
      const { expiresAt } = await ask();
      expect(expiresAt).toBeGreaterThan(await world.env.currentTimeMs());
    },
  );

  it('is requested again after a rejection', async () => {
    const one = await world.begin();
    await world.pass(3 * HOUR_MS);
    await world.sandbox.control.faults([{ match: RESEND, kind: 'status', status: 400 }]);
    for (const _again of [1, 2])
      await expect(world.client.registration(one.workflowId)).rejects.toMatchObject({ type: 'InvalidRequest' });
    await world.sandbox.control.faults([]);
    expect(await world.client.registration(one.workflowId)).toMatchObject({ generation: 2 });
  });

  it('is replaced by a new registration only without resend-link: email and phone are repeated, the document stays', async () => {
    await world.sandbox.control.settings({ resendLink: 'absent' });
    const one = await world.begin();
    await world.doAndReport(one, 'email', 'phone', 'document');
    await world.pass(3 * HOUR_MS);
    const before = await world.client.status(one.workflowId);
    expect(before).toMatchObject({ generation: 1, pending: ['biometric'], registration: { tokenLive: false } });

    const { result, recreated } = await counted(world.sandbox, () => world.client.registration(one.workflowId));
    expect(recreated).toBe(1);
    expect(await world.client.status(one.workflowId)).toMatchObject({
      generation: 2,
      pending: ['email', 'phone', 'biometric'],
      checks: { document: { status: 'passed' } },
    });
    const applicant = world.applicantWith(one.person, result.token);
    await world.doAndReport({ ...one, applicant }, 'email', 'phone', 'biometric');
    expect(await world.client.result(one.workflowId)).toMatchObject({ outcome: 'verified' });
  });

  it('that Verifik cannot renew does not block the onboarding: reports are confirmed and it ends', async () => {
    const reconcile = { firstMs: 24 * HOUR_MS, maxMs: 24 * HOUR_MS };
    const one = await world.begin({ policy: { reconcile } });
    await world.doAndReport(one, 'email', 'phone', 'document');
    const biometric = await one.applicant.pass('biometric');
    await world.pass(3 * HOUR_MS);

    await world.sandbox.control.faults([{ match: RESEND, kind: 'status', status: 503 }]);
    const calls = async (endpoint: string) => (await world.sandbox.control.ledger()).calls[endpoint] ?? 0;
    const [resends, reads] = [await calls(RESEND), await calls(READ)];
    const asking = world.client.registration(one.workflowId, { timeoutMs: 60_000 });
    const refused = expect(asking).rejects.toMatchObject({
      type: expect.stringMatching(/^(Unreachable|AlreadyEnded)$/),
    });
    // The second call is retried. The first is not, and the time-skipping server fails a workflow task that cancels an
    // activity which has just failed, and never answers its update.
    await expect.poll(() => calls(RESEND)).toBeGreaterThan(resends + 1);
    await world.client.signalBiometricValidation(one.workflowId, reportOf(biometric));
    await expect.poll(() => calls(READ)).toBeGreaterThan(reads);
    await world.pass(2 * HOUR_MS);
    await refused;
    expect(await world.client.result(one.workflowId)).toMatchObject({ outcome: 'verified' });
    await world.sandbox.control.faults([]);
  });
});

describe('the link of the hosted page', () => {
  it('comes with every token that has one, and only there', async () => {
    await world.sandbox.control.settings({ reRegistration: 'resume' });
    const one = await world.begin();
    expect(one).not.toHaveProperty('link');
    const { link = '', token } = await world.client.reRegister(one.workflowId);
    expect(link).toContain(token);
    const reference = one.workflowId.replace('onboarding-', '');
    expect(await world.client.registration(one.workflowId)).toMatchObject({ token, link });
    expect(await world.client.start(world.request(one.person), { reference })).toMatchObject({ token, link });
    await world.pass(HOUR_MS);
    const renewed = await world.client.registration(one.workflowId);
    expect(renewed.link).toContain(renewed.token);
    const shown = JSON.stringify([
      await world.client.status(one.workflowId),
      await world.client.events(one.workflowId),
      await world.env.client.workflow.getHandle(one.workflowId).describe(),
    ]);
    for (const secret of [token, renewed.token, 'sign-up']) expect(shown).not.toContain(secret);
  });
});

describe('the reminders', () => {
  it('that Verifik cannot send are events, and the token for the applicant has the link', async () => {
    const { email: _email, fullName, ...contact } = world.somebody();
    const request = { ...world.request(world.somebody()), contact, fullName };
    const { workflowId, appRegistrationId } = await world.client.start(request);
    await world.pass(6 * 24 * HOUR_MS);
    const { resendLinksByRegistration } = await world.sandbox.control.ledger();
    expect(resendLinksByRegistration[appRegistrationId]).toBe(2);
    expect(await world.client.status(workflowId)).toMatchObject({ phase: 'validating', remindersSent: 0 });
    const { events } = await world.client.events(workflowId);
    expect(events).toMatchObject([
      { type: 'onboarding.registered' },
      { type: 'onboarding.reminder.due', remindersDue: 1 },
      { type: 'onboarding.reminder.due', remindersDue: 2 },
    ]);
    const [, first, second] = events.map(({ at }) => at);
    expect((second ?? 0) - (first ?? 0)).toBeGreaterThanOrEqual(24 * HOUR_MS);
    const { link, token } = await world.client.registration(workflowId);
    expect(link).toContain(token);
  });

  it('are sent by Verifik with a new link after a day without progress, at most twice', async () => {
    const one = await world.begin({}, 'reminded');
    await one.applicant.pass('email');
    await world.pass(6 * 24 * HOUR_MS);
    const { appRegistrationId } = one;
    const links = (await world.sandbox.control.outbox({ appRegistrationId })).filter(({ link }) => link !== undefined);
    expect(links).toHaveLength(2);
    expect(await world.client.status(one.workflowId)).toMatchObject({
      remindersSent: 2,
      checks: { email: { status: 'passed' } },
    });
  });
});

describe('registering again', () => {
  it('happens when Verifik has lost the registration, and late reports on the old one change nothing', async () => {
    const one = await world.begin();
    const old = reportOf(await one.applicant.pass('email'));
    await world.client.signalEmailValidation(one.workflowId, old);
    await world.sandbox.control.forget(one.appRegistrationId);
    await world.pass(10 * MINUTE_MS);
    await expect
      .poll(() => world.client.status(one.workflowId))
      .toMatchObject({ generation: 2, pending: [...CHECK_NAMES] });

    const again = await world.client.registration(one.workflowId);
    expect(again.appRegistrationId).not.toBe(one.appRegistrationId);
    await world.client.signalEmailValidation(one.workflowId, { ...old, appRegistrationId: one.appRegistrationId });
    await world.client.signalEmailValidation(one.workflowId, { status: 'validated', validationId: old.validationId });
    expect(await world.client.status(one.workflowId)).toMatchObject({
      pending: [...CHECK_NAMES],
      reports: { stale: 2 },
    });

    await world.doAndReport({ ...one, applicant: world.applicantWith(one.person, again.token) }, ...CHECK_NAMES);
    expect(await world.client.result(one.workflowId)).toMatchObject({
      outcome: 'verified',
      appRegistrationId: again.appRegistrationId,
    });
  });

  it.each(['recreate', 'resume'] as const)(
    'happens when a caller requests it, and returns a new token (%s)',
    async (reRegistration) => {
      await world.sandbox.control.settings({ reRegistration });
      const one = await world.begin();
      const again = await world.client.reRegister(one.workflowId, { reason: 'the device was lost' });
      expect(again).toMatchObject({ appRegistrationId: one.appRegistrationId, generation: 2 });
      expect(again.token).not.toBe(one.token);
      expect(await world.applicantWith(one.person, again.token).pass('email')).toMatchObject({ status: 'validated' });
    },
  );

  it('accepts a new contact, by which the onboarding is found', async () => {
    const one = await world.begin();
    const other = world.somebody();
    const contactKeys = async () => {
      const { typedSearchAttributes } = await world.env.client.workflow.getHandle(one.workflowId).describe();
      return typedSearchAttributes.get(SEARCH_ATTRIBUTES.contact);
    };
    const former = await contactKeys();
    const again = await world.client.reRegister(one.workflowId, { contact: world.request(other).contact });
    expect(again.appRegistrationId).not.toBe(one.appRegistrationId);
    expect(await world.applicantWith(other, again.token).pass('email')).toMatchObject({ status: 'validated' });
    await expect.poll(contactKeys).not.toEqual(former);
  });

  it('that Verifik rejects leaves the onboarding unchanged', async () => {
    const one = await world.begin();
    const { contact } = world.request({ ...one.person, email: 'somebody@refused.example' });
    const once = { idempotencyKey: 'once' };
    const refused = world.client.reRegister(one.workflowId, { contact }, once);
    await expect(refused).rejects.toMatchObject({ type: 'RefusedByPolicy' });
    // The failure belongs to the first request with the key.
    const other = world.client.reRegister(one.workflowId, { contact: world.request(one.person).contact }, once);
    await expect(other).rejects.toMatchObject({ type: 'RequestMismatch', fields: [{ field: 'contact.email' }] });
    expect(await world.client.status(one.workflowId)).toMatchObject({ phase: 'validating', generation: 1 });
    expect(await world.client.registration(one.workflowId)).toMatchObject({ token: one.token });
  });

  it('with a contact that does not fit the policy is rejected before Verifik is called', async () => {
    const one = await world.begin();
    await expect(
      world.client.reRegister(one.workflowId, { contact: { email: 'only@example.com' } }),
    ).rejects.toMatchObject({ type: 'InvalidRequest', message: expect.stringContaining('contact.phone') });
  });
});
