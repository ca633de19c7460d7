import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { CHECK_NAMES } from '../../domain/checks.js';
import { HOUR_MS, MINUTE_MS } from '../../domain/time.js';
import type { Fault } from '../../sandbox/index.js';
import { type OnboardingWorld, openWorld } from '../setting/onboarding-world.js';

const CREATE = 'POST /v2/app-registrations';

let world: OnboardingWorld;

beforeAll(async () => {
  world = await openWorld();
});

afterEach(async () => {
  await world.sandbox.control.faults([]);
  await world.sandbox.control.settings({ reRegistration: 'recreate', resendLink: 'offered' });
});

afterAll(() => world.close());

const faults = (...list: Fault[]) => world.sandbox.control.faults(list);

/** What the vendor counted while something was done. */
const counted = async <A>(act: () => Promise<A>) => {
  const before = await world.sandbox.control.ledger();
  const result = await act();
  const after = await world.sandbox.control.ledger();
  const calls = (call: string) => (after.calls[call] ?? 0) - (before.calls[call] ?? 0);
  return {
    result,
    calls,
    created: after.registrationsCreated - before.registrationsCreated,
    recreated: after.registrationsRecreated - before.registrationsRecreated,
    resent: after.resendLinks - before.resendLinks,
    credits: after.credits - before.credits,
    refreshed: after.sessionsRefreshed - before.sessionsRefreshed,
  };
};

describe('starting', () => {
  it('ten times at once makes one onboarding, one registration at Verifik and one token', async () => {
    const request = world.request(world.somebody());
    const { result, created, calls } = await counted(() =>
      Promise.all(Array.from({ length: 10 }, () => world.client.start(request, { reference: 'ten' }))),
    );
    expect(new Set(result.map((one) => JSON.stringify(one))).size).toBe(1);
    expect([created, calls(CREATE)]).toEqual([1, 1]);
    expect(await world.client.start(request, { reference: 'ten' })).toEqual(result[0]);
  });

  it('without a reference finds the onboarding by project, flow and contact', async () => {
    const person = world.somebody();
    const first = await world.client.start(world.request(person));
    expect(await world.client.start(world.request(person))).toEqual(first);
    expect(first.workflowId).not.toContain(person.phone);
  });

  it.each(['recreate', 'resume'] as const)(
    'survives an answer that is lost after the effect, with one live token and no second charge (%s)',
    async (reRegistration) => {
      await world.sandbox.control.settings({ reRegistration });
      await faults({ match: CREATE, kind: 'lostAnswer', times: 1 });
      const { result, created, credits } = await counted(() => world.begin());
      expect([created, credits]).toEqual([1, 1]);
      expect(await result.applicant.pass('email')).toMatchObject({ status: 'validated' });
    },
  );

  it('survives lost answers where the API has no resend-link, by recreating', async () => {
    await world.sandbox.control.settings({ resendLink: 'absent' });
    await faults({ match: CREATE, kind: 'lostAnswer', times: 2 });
    const { result, created, credits } = await counted(() => world.begin());
    expect([created, credits]).toEqual([1, 1]);
    expect(await result.applicant.pass('email')).toMatchObject({ status: 'validated' });
  });

  it('waits as long as Verifik asks it to', async () => {
    await faults({ match: CREATE, kind: 'status', status: 429, retryAfter: '7', times: 1 });
    const start = world.client.start(world.request(world.somebody()), { reference: 'asked-to-wait' });
    const phase = async () => (await world.client.status('onboarding-asked-to-wait').catch(() => undefined))?.phase;
    await expect.poll(phase).toBe('registering');
    await world.pass(6_000);
    expect(await phase()).toBe('registering');
    await world.pass(2_000);
    expect(await start).toMatchObject({ generation: 1 });
  });

  it('survives an hour of 503', async () => {
    await faults({ match: '*', kind: 'status', status: 503 });
    const person = world.somebody();
    const start = world.client.start(world.request(person), { reference: 'outage', timeoutMs: 60_000 });
    await expect
      .poll(async () => (await world.client.status('onboarding-outage').catch(() => undefined))?.phase)
      .toBe('registering');
    await world.pass(HOUR_MS);
    await faults();
    await world.pass(5 * MINUTE_MS);
    expect(await start).toMatchObject({ workflowId: 'onboarding-outage', generation: 1 });
  });

  it('with a wrong project flow fails with a typed error, and the same start succeeds after the mend', async () => {
    const request = world.request(world.somebody());
    const wrong = { ...request, projectFlow: 'no-such-flow' };
    await expect(world.client.start(wrong, { reference: 'mended' })).rejects.toMatchObject({ type: 'Misconfigured' });
    await expect(world.client.result('onboarding-mended')).rejects.toMatchObject({ type: 'Misconfigured' });
    const projectFlows = { 'no-such-flow': world.sandbox.project, [world.sandbox.projectFlow]: world.sandbox.project };
    await world.sandbox.control.settings({ projectFlows });
    expect(await world.client.start(wrong, { reference: 'mended' })).toMatchObject({ generation: 1 });
  });

  it('with a wrong request names the field and starts nothing', async () => {
    const person = { ...world.somebody(), phone: 'call me' };
    await expect(world.client.start(world.request(person), { reference: 'wrong' })).rejects.toMatchObject({
      type: 'InvalidRequest',
      fields: [{ field: 'contact.phone', expected: expect.stringContaining('digits') }],
    });
    await expect(world.client.status('onboarding-wrong')).rejects.toMatchObject({ type: 'NotFound' });
  });

  it('with personal data for a reference is refused', async () => {
    const request = world.request(world.somebody());
    await expect(world.client.start(request, { reference: 'someone@example.com' })).rejects.toMatchObject({
      type: 'InvalidRequest',
      fields: [{ field: 'reference' }],
    });
  });

  it('again after the end is refused, unless it is asked for', async () => {
    const request = world.request(world.somebody());
    const { workflowId } = await world.client.start(request, { reference: 'again' });
    await world.client.withdraw(workflowId);
    await world.client.result(workflowId);
    await expect(world.client.start(request, { reference: 'again' })).rejects.toMatchObject({ type: 'Ended' });
    expect(await world.client.start(request, { reference: 'again', again: true })).toMatchObject({ generation: 1 });
  });

  it('goes on with the registration that the caller names', async () => {
    const person = world.somebody();
    const first = await world.begin();
    await first.applicant.pass('document');
    await world.client.withdraw(first.workflowId);
    const { result, created, resent } = await counted(() =>
      world.client.start(world.request(first.person, { appRegistrationId: first.appRegistrationId })),
    );
    expect(result).toMatchObject({ appRegistrationId: first.appRegistrationId });
    expect([created, resent]).toEqual([0, 1]);
    expect(person.email).not.toBe(first.person.email);
  });

  it('renews a client token that Verifik refuses once, and goes on', async () => {
    await faults({ match: CREATE, kind: 'expiredToken', times: 1 });
    const { refreshed, created } = await counted(() => world.begin());
    expect([refreshed, created]).toEqual([1, 1]);
  });

  it('outlives refused credentials until somebody mends them', async () => {
    await faults({ match: '*', kind: 'expiredToken' });
    const start = world.client.start(world.request(world.somebody()), { reference: 'credentials', timeoutMs: 60_000 });
    await expect
      .poll(async () => (await world.client.status('onboarding-credentials').catch(() => undefined))?.phase)
      .toBe('registering');
    await world.pass(HOUR_MS);
    await faults();
    await world.pass(5 * MINUTE_MS);
    expect(await start).toMatchObject({ generation: 1 });
  });
});

describe('a token that has run out', () => {
  it.each(['recreate', 'resume'] as const)(
    'is renewed by resend-link for the caller who asks, and everything done stays done (%s)',
    async (reRegistration) => {
      await world.sandbox.control.settings({ reRegistration });
      const one = await world.begin();
      for (const check of ['email', 'phone'] as const) {
        const { status, validationId } = await one.applicant.pass(check);
        await world.client.signalValidation(one.workflowId, check, { status, validationId });
      }
      await world.pass(3 * HOUR_MS);
      const { result, resent, recreated } = await counted(() => world.client.registration(one.workflowId));
      expect([resent, recreated]).toEqual([1, 0]);
      const applicant = world.applicantWith(one.person, result.token);
      for (const check of ['document', 'biometric'] as const) {
        const { status, validationId } = await applicant.pass(check);
        await world.client.signalValidation(one.workflowId, check, { status, validationId });
      }
      expect(await world.client.result(one.workflowId)).toMatchObject({ outcome: 'verified' });
      const { validationsByRegistration } = await world.sandbox.control.ledger();
      expect(validationsByRegistration[one.appRegistrationId]).toEqual({
        email: 1,
        phone: 1,
        document: 1,
        biometric: 1,
      });
    },
  );

  it('is had by recreating only where there is no resend-link: email and phone are asked again, document stays', async () => {
    await world.sandbox.control.settings({ resendLink: 'absent' });
    const one = await world.begin();
    for (const check of ['email', 'phone', 'document'] as const) {
      const { status, validationId } = await one.applicant.pass(check);
      await world.client.signalValidation(one.workflowId, check, { status, validationId });
    }
    await world.pass(3 * HOUR_MS);
    const before = await world.client.status(one.workflowId);
    expect(before).toMatchObject({ generation: 1, pending: ['biometric'], registration: { tokenLive: false } });

    const { result, recreated } = await counted(() => world.client.registration(one.workflowId));
    expect(recreated).toBe(1);
    expect(await world.client.status(one.workflowId)).toMatchObject({
      generation: 2,
      pending: ['email', 'phone', 'biometric'],
      checks: { document: { status: 'passed' } },
    });
    const applicant = world.applicantWith(one.person, result.token);
    for (const check of ['email', 'phone', 'biometric'] as const) {
      const { status, validationId } = await applicant.pass(check);
      await world.client.signalValidation(one.workflowId, check, { status, validationId });
    }
    expect(await world.client.result(one.workflowId)).toMatchObject({ outcome: 'verified' });
  });

  it('is left alone for as long as nobody asks for another', async () => {
    await world.sandbox.control.settings({ resendLink: 'absent' });
    const one = await world.begin();
    await one.applicant.pass('email');
    const { resent, recreated } = await counted(() => world.pass(50 * HOUR_MS));
    expect([resent, recreated]).toEqual([0, 0]);
    expect(await world.client.status(one.workflowId)).toMatchObject({
      generation: 1,
      checks: { email: { status: 'passed' } },
    });
  });

  it('does not keep an onboarding from its end: what has passed is confirmed without it', async () => {
    await world.sandbox.control.settings({ resendLink: 'absent' });
    const one = await world.begin();
    for (const check of CHECK_NAMES) await one.applicant.pass(check);
    const { recreated } = await counted(() => world.pass(3 * HOUR_MS));
    expect(await world.client.result(one.workflowId)).toMatchObject({ outcome: 'verified' });
    expect(recreated).toBe(0);
  });
});

describe('reminders', () => {
  it('are sent by Verifik with a fresh link when the applicant is awaited for a day, at most twice', async () => {
    const one = await world.begin({}, 'reminded');
    await one.applicant.pass('email');
    const { resent } = await counted(() => world.pass(6 * 24 * HOUR_MS));
    expect(resent).toBe(2);
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
  it('happens when Verifik has forgotten the registration, and late reports about the old one change nothing', async () => {
    const one = await world.begin();
    const old = await one.applicant.pass('email');
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

    const applicant = world.applicantWith(one.person, again.token);
    for (const check of CHECK_NAMES)
      await world.client.signalValidation(one.workflowId, check, await applicant.pass(check));
    expect(await world.client.result(one.workflowId)).toMatchObject({
      outcome: 'verified',
      appRegistrationId: again.appRegistrationId,
    });
  });

  it.each(['recreate', 'resume'] as const)(
    'is done when a caller asks, and answers with a new token (%s)',
    async (reRegistration) => {
      await world.sandbox.control.settings({ reRegistration });
      const one = await world.begin();
      const again = await world.client.reRegister(one.workflowId, { reason: 'the device was lost' });
      expect(again).toMatchObject({ appRegistrationId: one.appRegistrationId, generation: 2 });
      expect(again.token).not.toBe(one.token);
      expect(await world.applicantWith(one.person, again.token).pass('email')).toMatchObject({ status: 'validated' });
    },
  );

  it('takes a new contact, and is found by it', async () => {
    const one = await world.begin();
    const other = world.somebody();
    const { email, phone, countryCode } = other;
    const again = await world.client.reRegister(one.workflowId, { contact: { email, phone, countryCode } });
    expect(again.appRegistrationId).not.toBe(one.appRegistrationId);
    expect(await world.applicantWith(other, again.token).pass('email')).toMatchObject({ status: 'validated' });
  });

  it('that Verifik refuses leaves the onboarding as it was', async () => {
    const one = await world.begin();
    const contact = { ...one.person, email: 'somebody@refused.example' };
    const { email, phone, countryCode } = contact;
    await expect(
      world.client.reRegister(one.workflowId, { contact: { email, phone, countryCode } }),
    ).rejects.toMatchObject({ type: 'RefusedByPolicy' });
    expect(await world.client.status(one.workflowId)).toMatchObject({ phase: 'validating', generation: 1 });
    expect(await world.client.registration(one.workflowId)).toMatchObject({ token: one.token });
  });

  it('with a contact that lacks what the policy requires is refused at the door', async () => {
    const one = await world.begin();
    await expect(
      world.client.reRegister(one.workflowId, { contact: { email: 'only@example.com' } }),
    ).rejects.toMatchObject({ type: 'InvalidRequest', message: expect.stringContaining('contact.phone') });
  });
});
