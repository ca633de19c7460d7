import * as t from 'io-ts';
import { afterEach, describe, expect, it } from 'vitest';
import { appRegistrationSignal } from '../../contract/messages.js';
import { CHECK_NAMES } from '../../domain/checks.js';
import type { Policy } from '../../domain/policy/policy.js';
import { HOUR_MS, MINUTE_MS } from '../../shared/time.js';
import type { Started } from '../support/applicants.js';
import { openWorld } from '../support/onboarding-world.js';
import { opened } from '../support/opened.js';

const world = opened(() => openWorld());

afterEach(async () => {
  await world.sandbox.control.settings({ adminOverride: 'accepted' });
  await world.sandbox.control.faults([]);
});

const Found = t.array(t.type({ status: t.string, manualReviewLog: t.array(t.unknown) }));

/** The status at Verifik in upper case, with the log of people's decisions. */
const atVerifik = async ({ person }: Started) => {
  const url = `${world.sandbox.url}/_sandbox/registrations?email=${encodeURIComponent(person.email)}`;
  const found: unknown = await (await fetch(url)).json();
  const [registration] = Found.is(found) ? found : [];
  return { status: registration?.status.toUpperCase(), log: registration?.manualReviewLog };
};

const underReview = async (policy: Partial<Policy> = {}, tag = 'document-review') => {
  const one = await world.begin({ policy }, tag);
  await world.doAndReport(one, ...CHECK_NAMES);
  await expect.poll(() => world.client.status(one.workflowId)).toMatchObject({ hold: 'review' });
  return one;
};

const decided = async (one: Started, decision: 'approve' | 'reject') => {
  await world.client.decideReview(one.workflowId, { decision, reviewer: 'reviewer-7' });
  return world.client.result(one.workflowId);
};

describe("a reviewer's decision", () => {
  it.each([
    ['approve', 'verified', 'COMPLETED'],
    ['reject', 'rejected', 'FAILED'],
  ] as const)('to %s reaches Verifik', async (decision, outcome, status) => {
    const one = await underReview();
    expect(await decided(one, decision)).toMatchObject({ outcome });
    const { status: there, log } = await atVerifik(one);
    expect(there).toBe(status);
    expect(log).toEqual([expect.objectContaining({ newStatus: status, note: expect.stringContaining('reviewer') })]);
  });

  it('does not reach Verifik if the policy says so', async () => {
    const one = await underReview({ override: 'none' });
    expect(await decided(one, 'reject')).toMatchObject({ outcome: 'rejected' });
    expect((await atVerifik(one)).log).toEqual([]);
  });

  it.each([
    ['refuses', 'access_denied'],
    ['does not answer', 'HTTP 503'],
  ])('holds although Verifik %s, and the snapshot says so once', async (how, problem) => {
    const one = await underReview();
    const fault = { match: 'PUT /v2/app-registrations/:id/sync', kind: 'status', status: 503 } as const;
    if (how === 'refuses') await world.sandbox.control.settings({ adminOverride: 'refused' });
    else await world.sandbox.control.faults([fault]);
    expect(await decided(one, 'reject')).toMatchObject({ outcome: 'rejected', reason: 'rejectedByReviewer' });
    const { phase, decision, recentProblems } = await world.client.status(one.workflowId);
    expect([phase, decision?.outcome]).toEqual(['ended', 'rejected']);
    expect(recentProblems).toEqual([expect.stringContaining(problem)]);
  });
});

describe('an end without a reviewer', () => {
  const exhausted = async (policy: Partial<Policy>) => {
    const limited = { ...policy, attemptLimits: { email: 3, phone: 3, document: 1, biometric: 3 } };
    const one = await world.begin({ policy: limited }, 'document-failed');
    await world.doAndReport(one, 'document');
    expect(await world.client.result(one.workflowId)).toMatchObject({ reason: 'attemptsExhausted' });
    return atVerifik(one);
  };

  it('reaches Verifik if the policy says `ends`, and not by default', async () => {
    expect(await exhausted({ override: 'ends' })).toMatchObject({ status: 'FAILED', log: [{ newStatus: 'FAILED' }] });
    expect(await exhausted({})).toMatchObject({ log: [] });
  });

  it('that Verifik agrees with sets nothing there', async () => {
    const one = await world.begin({ policy: { override: 'ends' } });
    await world.doAndReport(one, ...CHECK_NAMES);
    expect(await world.client.result(one.workflowId)).toMatchObject({ outcome: 'verified' });
    expect(await atVerifik(one)).toEqual({ status: 'COMPLETED', log: [] });
  });
});

describe("a status that people set in Verifik's panel", () => {
  it('ends an onboarding under review when its webhook arrives', async () => {
    const one = await underReview();
    await world.sandbox.control.override(one.appRegistrationId, 'FAILED', 'seen in the panel');
    await world.env.client.workflow.getHandle(one.workflowId).signal(appRegistrationSignal, { status: 'FAILED' });
    expect(await world.client.result(one.workflowId)).toMatchObject({ outcome: 'rejected', reason: 'failedAtVendor' });
    expect((await atVerifik(one)).log).toHaveLength(1);
  });

  it('ends the review of a registration as a whole, also without a webhook', async () => {
    const one = await underReview({}, 'registration-review');
    await world.sandbox.control.override(one.appRegistrationId, 'COMPLETED');
    await world.pass(HOUR_MS);
    expect(await world.client.result(one.workflowId)).toMatchObject({ outcome: 'verified', reason: 'allChecksPassed' });
  });

  it('leaves a single check that is under review to a reviewer', async () => {
    const one = await underReview();
    await world.sandbox.control.override(one.appRegistrationId, 'COMPLETED');
    await world.pass(10 * MINUTE_MS);
    await expect
      .poll(() => world.client.status(one.workflowId))
      .toMatchObject({ hold: 'review', registration: { status: 'completed' } });
    expect(await decided(one, 'reject')).toMatchObject({ outcome: 'rejected' });
    expect(await atVerifik(one)).toMatchObject({ status: 'FAILED' });
  });
});
