import { randomUUID } from 'node:crypto';
import * as t from 'io-ts';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { CheckName } from '../../domain/checks.js';
import { EventsCodec } from '../../gateway/schemas/event.js';
import { OnboardingCodec, RegistrationCodec } from '../../gateway/schemas/onboarding.js';
import { ReviewListCodec } from '../../gateway/schemas/review.js';
import { DAY_MS, HOUR_MS } from '../../shared/time.js';
import { openRealServers, type RealServers } from '../e2e/real-servers.js';
import { personGenerator } from '../support/applicants.js';
import { type RunningGateway, read, runGateway } from './running.js';

let real: RealServers;
let gateway: RunningGateway;
let otherTenant: string;
const nextPerson = personGenerator(83);

/** Starts an onboarding and does its checks, of which one comes under review. */
const review = async (
  reference: string,
  days: number,
  { key = gateway.key, tag = 'document-review', required = ['document'] as readonly CheckName[] } = {},
) => {
  const policy = { required, review: { withinMs: days * DAY_MS, escalateBeforeMs: 0, atDeadline: 'wait' } };
  const person = nextPerson(tag);
  const body = { ...real.request(person), reference, policy };
  const { token } = read(RegistrationCodec, await gateway.ask('POST /v1/onboardings', { key, body }));
  const applicant = real.applicantWith(person, token);
  const workflowId = `onboarding-${key === gateway.key ? 'shop' : 'other'}:${reference}`;
  await real.doAndReport({ workflowId, applicant }, ...required);
};

const queue = async (query = '', key = gateway.key) =>
  read(ReviewListCodec, await gateway.ask(`GET /v1/reviews?${query}`, { key }));

const idsOf = async (query?: string, key?: string) => (await queue(query, key)).reviews.map(({ id }) => id);

const act = (id: string, action: string, body: unknown, headers = {}) =>
  gateway.ask(`POST /v1/onboardings/${id}/review${action}`, { body, headers });

const codeOf = ({ body }: { readonly body: unknown }) => (t.type({ code: t.string }).is(body) ? body.code : undefined);

beforeAll(async () => {
  real = await openRealServers();
  await real.startWorker();
  gateway = await runGateway({ temporal: real.temporal });
  otherTenant = gateway.addKey('other', { tenant: 'other' });
  const mismatch = { tag: 'compare-failed', required: ['document', 'biometric'] as const };
  await Promise.all([
    ...['d', 'b', 'a', 'f', 'e'].map((id) => review(id, id.charCodeAt(0))),
    review('c', 'c'.charCodeAt(0), mismatch),
    ...['x', 'y'].map((id) => review(id, 1, { key: otherTenant })),
  ]);
});

afterAll(async () => {
  await gateway?.close();
  await real?.close();
});

describe('the queue of reviews', () => {
  it('has pages of the tenant, the review that is due first at the beginning', async () => {
    await expect.poll(() => idsOf()).toEqual(['a', 'b', 'c', 'd', 'e', 'f']);
    await expect.poll(async () => (await idsOf('', otherTenant)).sort()).toEqual(['x', 'y']);
    const first = await queue('limit=4');
    expect(first.reviews[0]).toMatchObject({
      project: real.sandbox.project,
      projectFlow: real.sandbox.projectFlow,
      appRegistrationId: expect.any(String),
      reasons: [expect.any(String)],
    });
    expect(await queue(`limit=4&cursor=${first.cursor}`)).toMatchObject({ reviews: [{ id: 'e' }, { id: 'f' }] });
    for (const asking of [`limit=4&unclaimed=true&cursor=${first.cursor}`, `cursor=x${first.cursor}`])
      expect((await gateway.ask(`GET /v1/reviews?${asking}`)).status).toBe(422);
    expect((await gateway.ask(`GET /v1/reviews?cursor=${first.cursor}`, { key: otherTenant })).status).toBe(422);
  });

  it('is filtered by flow, reason and claim, and by the time at which a review is due', async () => {
    expect(await idsOf(`projectFlow=${real.sandbox.projectFlow}&reason=faceMismatch`)).toEqual(['c']);
    expect(await idsOf('projectFlow=another')).toEqual([]);
    expect((await act('b', '/claim', { reviewer: 'reviewer:7' })).status).toBe(200);
    await expect.poll(() => idsOf(`claimedBy=${encodeURIComponent('reviewer:7')}`)).toEqual(['b']);
    expect(await idsOf('unclaimed=true')).toEqual(['a', 'c', 'd', 'e', 'f']);
    expect(await idsOf('overdue=true')).toEqual([]);
    const clock = vi.spyOn(Date, 'now').mockReturnValue(Date.now() + 'b'.charCodeAt(0) * DAY_MS + HOUR_MS);
    const overdue = await idsOf('overdue=true').finally(() => clock.mockRestore());
    expect(overdue).toEqual(['a', 'b']);
  });
});

describe('a review that is claimed', () => {
  it('is left to its reviewer, and decided by another one only by force, which the event says', async () => {
    const claimed = read(OnboardingCodec, await act('d', '/claim', { reviewer: 'reviewer-1' }));
    expect(claimed).toMatchObject({ id: 'd', review: { claim: { reviewer: 'reviewer-1' } } });
    const reviewer = 'reviewer-2';
    for (const [action, body] of [
      ['', { decision: 'reject', reviewer }],
      ['/again', { checks: ['document'], reviewer, reason: 'The photo is blurred.' }],
      ['/claim', { reviewer }],
      ['/release', { reviewer }],
    ] as const) {
      const refused = await act('d', action, body);
      expect([action, refused.status, codeOf(refused)]).toEqual([action, 409, 'reviewClaimed']);
    }
    expect((await act('d', '', { decision: 'reject', reviewer, force: true })).status).toBe(200);
    await expect.poll(() => real.client.status('onboarding-shop:d')).toMatchObject({ phase: 'ended' });
    const { events } = read(EventsCodec, await gateway.ask('GET /v1/onboardings/d/events'));
    expect(events.find(({ type }) => type === 'onboarding.review.decided')?.data).toMatchObject({
      ...{ decision: 'reject', reviewer, overruled: 'reviewer-1' },
    });
    expect(codeOf(await act('d', '/claim', { reviewer }))).toBe('alreadyEnded');
    await expect.poll(() => idsOf()).not.toContain('d');
  });

  it('is free for others after its release', async () => {
    await act('e', '/claim', { reviewer: 'reviewer-1' });
    expect((await act('e', '/release', { reviewer: 'reviewer-1' })).status).toBe(200);
    expect((await act('e', '/claim', { reviewer: 'reviewer-2' })).status).toBe(200);
  });
});

describe('a check that is requested again', () => {
  it('is pending with the reason for the applicant, once per idempotency key, and leaves the queue', async () => {
    const headers = { 'idempotency-key': randomUUID() };
    const body = { checks: ['document'], reviewer: 'reviewer-7', reason: 'The photo is blurred.' };
    const stale = await act('f', '/again', { ...body, version: '00000000' });
    expect([stale.status, codeOf(stale)]).toEqual([409, 'reviewChanged']);
    const requested = read(OnboardingCodec, await act('f', '/again', body, headers));
    expect(requested.checks.document).toMatchObject({ status: 'pending', requestedAgain: 'The photo is blurred.' });
    expect(read(OnboardingCodec, await act('f', '/again', body, headers))).toEqual(requested);
    const other = await act('f', '/again', { ...body, reason: 'The photo is dark.' }, headers);
    expect([other.status, other.body]).toMatchObject([409, { code: 'requestMismatch', errors: [{ field: 'reason' }] }]);
    expect(codeOf(await act('f', '/again', body))).toBe('nothingToReview');
    const notRequired = await act('a', '/again', { ...body, checks: ['biometric'] });
    expect([notRequired.status, notRequired.body]).toMatchObject([422, { errors: [{ field: 'checks' }] }]);
    await expect.poll(() => idsOf()).not.toContain('f');
  });
});
