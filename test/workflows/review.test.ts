import { afterEach, describe, expect, it } from 'vitest';
import { SEARCH_ATTRIBUTES } from '../../contract/search-attributes.js';
import { CHECK_NAMES } from '../../domain/checks.js';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../shared/time.js';
import type { Started } from '../support/applicants.js';
import { openWorld } from '../support/onboarding-world.js';
import { opened } from '../support/opened.js';

const world = opened(() => openWorld());

const REVIEW_MS = 2 * DAY_MS;

const SOON = { timeoutMs: 20_000 };

const begun: string[] = [];

// The server would skip the time of a review without a limit again and again, whenever a test waits.
afterEach(async () => {
  for (const workflowId of begun.splice(0)) await world.client.withdraw(workflowId).catch(() => undefined);
});

const policy = (atDeadline: 'wait' | 'reject') => ({
  deadlineMs: DAY_MS,
  review: { withinMs: REVIEW_MS, escalateBeforeMs: HOUR_MS, atDeadline },
});

const status = ({ workflowId }: Pick<Started, 'workflowId'>) => world.client.status(workflowId);

const attributesOf = async ({ workflowId }: Started) =>
  (await world.env.client.workflow.getHandle(workflowId).describe()).typedSearchAttributes;

const dueEvents = async ({ workflowId }: Started) =>
  (await world.client.events(workflowId)).events.filter(({ type }) => type === 'onboarding.review.due');

/** Starts an onboarding whose first document is for a reviewer. Everything else has passed. */
const underReview = async (atDeadline: 'wait' | 'reject' = 'wait'): Promise<Started> => {
  const one = await world.begin({ policy: policy(atDeadline) });
  begun.push(one.workflowId);
  await world.sandbox.control.force(one.appRegistrationId, { document: 'ACTIVE_BUT_UNVERIFIED', times: 1 });
  await world.doAndReport(one, ...CHECK_NAMES);
  await expect.poll(() => status(one), { timeout: 10_000 }).toMatchObject({ hold: 'review' });
  return one;
};

describe('the deadline of an applicant', () => {
  it('an applicant under review past their deadline is not expired, reviewers are reminded in time, and can still approve', async () => {
    const one = await underReview();
    const { review, deadline } = await status(one);
    expect(await attributesOf(one)).toSatisfy(
      (found: Awaited<ReturnType<typeof attributesOf>>) =>
        found.get(SEARCH_ATTRIBUTES.reviewDue)?.getTime() === review?.dueAt &&
        found.get(SEARCH_ATTRIBUTES.reviewReason) === 'documentUnverified',
    );
    await world.pass(REVIEW_MS - 2 * HOUR_MS);
    expect(await status(one)).toMatchObject({ phase: 'validating', hold: 'review', deadline });
    expect(await dueEvents(one)).toEqual([]);
    await world.pass(HOUR_MS + 2 * MINUTE_MS);
    const [due, ...more] = await dueEvents(one);
    expect(more).toEqual([]);
    expect(due).toMatchObject({ checks: ['document'], dueAt: review?.dueAt });
    expect(Math.abs((due?.at ?? 0) - ((review?.dueAt ?? 0) - HOUR_MS))).toBeLessThan(MINUTE_MS);
    await world.pass(DAY_MS);
    const approve = () => world.client.decideReview(one.workflowId, { decision: 'approve', reviewer: 'reviewer-7' });
    await approve();
    // Verifik does not complete a registration with such a document, and leaves it to people as well.
    await expect.poll(() => status(one), { timeout: 10_000 }).toMatchObject({ review: { checks: [] } });
    await approve();
    expect(await world.client.result(one.workflowId, SOON)).toMatchObject({ reason: 'approvedByReviewer' });
    expect((await attributesOf(one)).get(SEARCH_ATTRIBUTES.reviewDue)).toBeUndefined();
  });

  it('a policy that rejects when the review is due ends the onboarding then', async () => {
    const one = await underReview('reject');
    const { review } = await status(one);
    await world.pass(REVIEW_MS);
    const result = await world.client.result(one.workflowId, SOON);
    expect(result).toMatchObject({ outcome: 'rejected', reason: 'reviewOverdue' });
    expect(result.decidedAt - (review?.dueAt ?? 0)).toBeLessThan(MINUTE_MS);
  });
});

describe('a claim', () => {
  it('a claimed review refuses another reviewer until the claim ends by itself or is overruled', async () => {
    const one = await underReview();
    const { workflowId } = one;
    const decide = (reviewer: string, force = false) =>
      world.client.decideReview(workflowId, { decision: 'reject', reviewer, force });
    await world.client.claimReview(workflowId, { reviewer: 'reviewer-7', forMs: 30 * MINUTE_MS });
    await expect(decide('reviewer-8')).rejects.toMatchObject({ type: 'ReviewClaimed' });
    await expect(world.client.claimReview(workflowId, { reviewer: 'reviewer-8' })).rejects.toMatchObject({
      type: 'ReviewClaimed',
    });
    expect((await attributesOf(one)).get(SEARCH_ATTRIBUTES.claimedBy)).toBe('reviewer-7');
    await world.pass(31 * MINUTE_MS);
    await expect
      .poll(async () => (await attributesOf(one)).get(SEARCH_ATTRIBUTES.claimedBy), { timeout: 10_000 })
      .toBeUndefined();
    const claimed = await world.client.claimReview(workflowId, { reviewer: 'reviewer-8' });
    expect(claimed.review?.claim).toMatchObject({ reviewer: 'reviewer-8' });
    expect((await world.client.releaseReview(workflowId, { reviewer: 'reviewer-8' })).review).not.toHaveProperty(
      'claim',
    );
    await world.client.claimReview(workflowId, { reviewer: 'reviewer-8' });
    await decide('reviewer-7', true);
    expect(await world.client.result(workflowId, SOON)).toMatchObject({ reviewer: 'reviewer-7' });
    expect((await world.client.events(workflowId)).events).toContainEqual(
      expect.objectContaining({ type: 'onboarding.review.decided', reviewer: 'reviewer-7', overruled: 'reviewer-8' }),
    );
  });
});

describe('a check that a reviewer requests again', () => {
  it('the applicant gets a link, repeats it, and is verified', async () => {
    const one = await underReview();
    const { workflowId, appRegistrationId } = one;
    const reason = 'The photo is blurred.';
    const sentLinks = async () => (await status(one)).remindersSent;
    await world.client.requestAgain(workflowId, { checks: ['document'], reviewer: 'reviewer-7', reason });
    await expect.poll(sentLinks, { timeout: 10_000 }).toBe(1);
    const asked = await status(one);
    expect(asked).toMatchObject({
      awaiting: { from: 'applicant' },
      checks: { document: { status: 'pending', attempts: { failed: 0 }, requestedAgain: reason } },
    });
    expect(asked.generation).toBe(2);
    const { token } = await world.client.registration(workflowId);
    await world.doAndReport({ workflowId, applicant: world.applicantWith(one.person, token) }, 'document', 'biometric');
    expect(await world.client.result(workflowId, SOON)).toMatchObject({ outcome: 'verified', appRegistrationId });
  });

  it('checks that are not required, or that Verifik cannot repeat, are refused by name', async () => {
    const one = await underReview();
    const again = (...checks: string[]) =>
      world.env.client.workflow
        .getHandle(one.workflowId)
        .executeUpdate('requestAgain', { args: [{ checks, reviewer: 'reviewer-7', reason: 'Again, please.' }] });
    await expect(again('email')).rejects.toMatchObject({ cause: { message: expect.stringContaining('checks') } });
    await expect(again()).rejects.toMatchObject({ cause: { type: 'InvalidRequest' } });
  });
});
