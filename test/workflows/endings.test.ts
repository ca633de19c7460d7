import { afterEach, describe, expect, it } from 'vitest';
import { CHECK_NAMES } from '../../domain/checks.js';
import { HOUR_MS, MINUTE_MS } from '../../shared/time.js';
import { READ } from '../support/counted.js';
import { isRegistering, openWorld } from '../support/onboarding-world.js';
import { opened } from '../support/opened.js';

const world = opened(() => openWorld());

afterEach(() => world.sandbox.control.faults([]));

describe('an onboarding ends as', () => {
  it.each([
    ['completed', CHECK_NAMES],
    ['COMPLETED_WITHOUT_KYC', ['email', 'phone']],
  ] as const)(
    'verified when the required checks have passed, with the registration as %s',
    async (status, required) => {
      const one = await world.begin({ policy: { required } });
      await world.doAndReport(one, ...required);
      expect(await world.client.result(one.workflowId)).toMatchObject({
        outcome: 'verified',
        reason: 'allChecksPassed',
        appRegistrationId: one.appRegistrationId,
      });
      const email = encodeURIComponent(one.person.email);
      const page = await fetch(`${world.sandbox.url}/_sandbox/registrations?email=${email}`);
      expect(await page.json()).toMatchObject([{ status }]);
    },
  );

  it('rejected when Verifik rejects the applicant by policy, which the caller receives as an error', async () => {
    const person = { ...world.somebody(), email: 'somebody@refused.example' };
    const start = world.client.start(world.request(person), { reference: 'refused' });
    await expect(start).rejects.toMatchObject({ name: 'OnboardingError', type: 'RefusedByPolicy' });
    expect(await world.client.result('onboarding-refused')).toMatchObject({
      outcome: 'rejected',
      reason: 'refusedByPolicy',
    });
  });

  it('expired at most a quarter of an hour after the deadline, however long Verifik requests to wait', async () => {
    const one = await world.begin({ policy: { deadlineMs: HOUR_MS } });
    const { deadline } = await world.client.status(one.workflowId);
    await world.pass(HOUR_MS - 2 * MINUTE_MS);
    await world.sandbox.control.faults([{ match: READ, kind: 'status', status: 429, retryAfter: '3600' }]);
    await world.doAndReport(one, ...CHECK_NAMES);
    const { outcome, decidedAt } = await world.client.result(one.workflowId);
    expect(outcome).toBe('expired');
    expect(decidedAt - deadline).toBeLessThanOrEqual(16 * MINUTE_MS);
  });

  it('withdrawn at any time, even while Verifik does not respond', async () => {
    await world.sandbox.control.faults([{ match: '*', kind: 'status', status: 503 }]);
    const start = world.client.start(world.request(world.somebody()), { reference: 'withdrawn' });
    const refused = expect(start).rejects.toMatchObject({ type: 'AlreadyEnded' });
    await isRegistering(world, 'onboarding-withdrawn');
    await world.client.withdraw('onboarding-withdrawn');
    await refused;
    expect(await world.client.result('onboarding-withdrawn')).toMatchObject({
      outcome: 'withdrawn',
      reason: 'withdrawn',
    });
  });

  it('cancelled when it is cancelled in Temporal, even while Verifik does not respond', async () => {
    await world.sandbox.control.faults([{ match: '*', kind: 'status', status: 503 }]);
    const start = world.client.start(world.request(world.somebody()), { reference: 'cancelled' });
    const refused = expect(start).rejects.toMatchObject({ type: 'ClosedWithoutOutcome' });
    const { workflow } = world.env.client;
    const handle = workflow.getHandle('onboarding-cancelled');
    const history = async () => (await handle.fetchHistory()).events ?? [];
    const isAsking = async () => (await history()).some((event) => event.activityTaskScheduledEventAttributes != null);
    await expect.poll(() => isAsking().catch(() => false)).toBe(true);
    await handle.cancel();
    await refused;
    expect((await handle.describe()).status.name).toBe('CANCELLED');
    await world.sandbox.control.faults([]);
    // The worker still serves other onboardings.
    await world.begin();
  });
});
