import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CHECK_NAMES } from '../../domain/checks.js';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../shared/time.js';
import { type OnboardingWorld, openWorld } from '../support/onboarding-world.js';

let world: OnboardingWorld;

beforeAll(async () => {
  world = await openWorld();
});

afterAll(() => world.close());

describe('an onboarding ends as', () => {
  it('verified when every check has passed and Verifik has confirmed it', async () => {
    const one = await world.begin();
    await world.doAndReport(one, ...CHECK_NAMES);
    expect(await world.client.result(one.workflowId)).toMatchObject({
      outcome: 'verified',
      reason: 'allChecksPassed',
      appRegistrationId: one.appRegistrationId,
    });
    const page = await fetch(
      `${world.sandbox.url}/_sandbox/registrations?email=${encodeURIComponent(one.person.email)}`,
    );
    expect(await page.json()).toMatchObject([{ status: 'completed' }]);
  });

  it('verified without KYC if the policy requires neither document nor biometric', async () => {
    const one = await world.begin({ policy: { required: ['email', 'phone'] } });
    await world.doAndReport(one, 'email');
    await world.doAndReport(one, 'phone');
    expect(await world.client.result(one.workflowId)).toMatchObject({ outcome: 'verified' });
    const page = await fetch(
      `${world.sandbox.url}/_sandbox/registrations?email=${encodeURIComponent(one.person.email)}`,
    );
    expect(await page.json()).toMatchObject([{ status: 'COMPLETED_WITHOUT_KYC' }]);
  });

  it('rejected when the attempts of a check are used up at Verifik, not by reports alone', async () => {
    const one = await world.begin({ policy: { attemptLimits: { document: 2 } } }, 'document-FAILED');
    await world.doAndReport(one, 'document');
    await expect
      .poll(() => world.client.status(one.workflowId))
      .toMatchObject({
        checks: { document: { status: 'failed', attempts: { failed: 1, limit: 2 } } },
        awaiting: { from: 'applicant' },
      });
    await world.doAndReport(one, 'document');
    expect(await world.client.result(one.workflowId)).toMatchObject({
      outcome: 'rejected',
      reason: 'attemptsExhausted',
      check: 'document',
    });
  });

  it("verified or rejected by a reviewer's decision if Verifik requires a review", async () => {
    const decide = async (decision: 'approve' | 'reject') => {
      const one = await world.begin({}, 'document-review');
      await world.doAndReport(one, ...CHECK_NAMES);
      await expect
        .poll(() => world.client.status(one.workflowId))
        .toMatchObject({
          hold: 'review',
          awaiting: { from: 'reviewer' },
          nextActions: expect.arrayContaining([expect.objectContaining({ action: 'decideReview' })]),
        });
      await world.client.decideReview(one.workflowId, { decision, check: 'document', reviewer: 'reviewer-7' });
      return world.client.result(one.workflowId);
    };
    expect(await decide('approve')).toMatchObject({
      outcome: 'verified',
      reason: 'approvedByReviewer',
      reviewer: 'reviewer-7',
    });
    expect(await decide('reject')).toMatchObject({
      outcome: 'rejected',
      reason: 'rejectedByReviewer',
      check: 'document',
      reviewer: 'reviewer-7',
    });
  });

  it('verified when a review is resolved at Verifik', async () => {
    const one = await world.begin({}, 'document-review');
    await world.doAndReport(one, ...CHECK_NAMES);
    await expect.poll(() => world.client.status(one.workflowId)).toMatchObject({ hold: 'review' });
    await world.sandbox.control.resolve(one.appRegistrationId, 'approve');
    await world.pass(10 * MINUTE_MS);
    expect(await world.client.result(one.workflowId)).toMatchObject({ outcome: 'verified', reason: 'allChecksPassed' });
  });

  it('rejected when Verifik rejects the applicant by policy, which the caller receives as an error', async () => {
    const person = { ...world.somebody(), email: 'somebody@refused.example' };
    const start = world.client.start(world.request(person), { reference: 'refused' });
    await expect(start).rejects.toMatchObject({ name: 'OnboardingError', type: 'RefusedByPolicy' });
    expect(await world.client.result('onboarding-refused')).toMatchObject({
      outcome: 'rejected',
      reason: 'refusedByPolicy',
    });
  });

  it('rejected when Verifik closed the registration as failed', async () => {
    const one = await world.begin();
    await world.sandbox.control.setStatus(one.appRegistrationId, 'FAILED');
    await world.pass(HOUR_MS);
    expect(await world.client.result(one.workflowId)).toMatchObject({ outcome: 'rejected', reason: 'failedAtVendor' });
  });

  it('expired at most a quarter of an hour after the deadline, however long Verifik requests to wait', async () => {
    const one = await world.begin({ policy: { deadlineMs: HOUR_MS } });
    const { deadline } = await world.client.status(one.workflowId);
    await world.pass(HOUR_MS - 2 * MINUTE_MS);
    await world.sandbox.control.faults([
      { match: 'GET /v2/app-registrations/:id', kind: 'status', status: 429, retryAfter: '3600' },
    ]);
    await world.doAndReport(one, ...CHECK_NAMES);
    const { outcome, decidedAt } = await world.client.result(one.workflowId);
    await world.sandbox.control.faults([]);
    expect(outcome).toBe('expired');
    expect(decidedAt - deadline).toBeLessThanOrEqual(16 * MINUTE_MS);
  });

  it('expired at the deadline, after one last read', async () => {
    const one = await world.begin({ policy: { deadlineMs: DAY_MS } });
    await world.doAndReport(one, 'email');
    await world.pass(DAY_MS + MINUTE_MS);
    expect(await world.client.result(one.workflowId)).toMatchObject({ outcome: 'expired', reason: 'deadlinePassed' });
  });

  it('verified at the deadline when the last read finds that every check has passed', async () => {
    const reconcile = { firstMs: DAY_MS, maxMs: DAY_MS };
    const one = await world.begin({ policy: { deadlineMs: 2 * HOUR_MS, reconcile } });
    for (const check of CHECK_NAMES) await one.applicant.pass(check);
    await world.pass(2 * HOUR_MS + MINUTE_MS);
    expect(await world.client.result(one.workflowId)).toMatchObject({ outcome: 'verified' });
  });

  it('withdrawn at any time, even while Verifik does not respond', async () => {
    const one = await world.begin();
    await world.client.withdraw(one.workflowId);
    expect(await world.client.result(one.workflowId)).toMatchObject({ outcome: 'withdrawn', reason: 'withdrawn' });

    await world.sandbox.control.faults([{ match: '*', kind: 'status', status: 503 }]);
    const start = world.client.start(world.request(world.somebody()), { reference: 'withdrawn' });
    const refused = expect(start).rejects.toMatchObject({ type: 'AlreadyEnded' });
    await expect
      .poll(() => world.client.status('onboarding-withdrawn').catch(() => undefined))
      .toMatchObject({ phase: 'registering' });
    await world.client.withdraw('onboarding-withdrawn');
    await refused;
    expect(await world.client.result('onboarding-withdrawn')).toMatchObject({ outcome: 'withdrawn' });
    await world.sandbox.control.faults([]);
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
