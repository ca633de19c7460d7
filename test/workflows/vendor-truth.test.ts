import { randomUUID } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import { CHECK_NAMES, type CheckName } from '../../domain/checks.js';
import type { Snapshot } from '../../domain/snapshot.js';
import { MINUTE_MS } from '../../shared/time.js';
import type { Started } from '../support/applicants.js';
import { CREATE } from '../support/counted.js';
import { isRegistering, openWorld } from '../support/onboarding-world.js';
import { opened } from '../support/opened.js';

const SYNC = 'PUT /v2/app-registrations/:id/sync';

const world = opened(() => openWorld());

afterEach(() => world.sandbox.control.faults([]));

const status = ({ workflowId }: Pick<Started, 'workflowId'>) => world.client.status(workflowId);

const untilStatus = (one: Pick<Started, 'workflowId'>, expected: object) =>
  expect.poll(() => status(one), { timeout: 10_000 }).toMatchObject(expected);

const report = (
  one: Started,
  check: CheckName,
  { status: word, validationId }: { status: string; validationId: string },
) => world.client.signalValidation(one.workflowId, check, { status: word, validationId });

/** Does all checks as Verifik's page does, but leaves out the comparison of the faces. */
const untilSelfie = async (one: Started): Promise<void> => {
  await world.doAndReport(one, 'email', 'phone');
  await report(one, 'document', await one.applicant.uploadDocument());
  await report(one, 'biometric', await one.applicant.takeSelfie());
};

const asDevice = (one: Started, method: string, path: string, body: object) =>
  fetch(`${world.sandbox.url}/v2${path}`, {
    method,
    headers: { authorization: `Bearer ${one.token}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });

describe('the face comparison', () => {
  it('an onboarding waits for it after the selfie, and ends by it', async () => {
    const [match, mismatch] = [await world.begin(), await world.begin({}, 'compare-failed')];
    for (const one of [match, mismatch]) {
      await untilSelfie(one);
      await untilStatus(one, { awaiting: { from: 'vendor', what: expect.stringContaining('compare the selfie') } });
      await one.applicant.compareFaces();
    }
    await world.pass(MINUTE_MS);
    expect(await world.client.result(match.workflowId)).toMatchObject({ outcome: 'verified' });
    await untilStatus(mismatch, { hold: 'review', checks: { biometric: { reason: { code: 'faceMismatch' } } } });
  });

  it('an onboarding without it is under review after the time of the policy', async () => {
    const one = await world.begin({ policy: { comparisonWithinMs: 5 * MINUTE_MS } });
    await untilSelfie(one);
    await untilStatus(one, { awaiting: { from: 'vendor' } });
    await world.pass(6 * MINUTE_MS);
    await untilStatus(one, { hold: 'review', checks: { biometric: { reason: { code: 'comparisonMissing' } } } });
    const { calls } = await world.sandbox.control.ledger();
    expect(calls['GET /v2/app-registrations/:id'] ?? calls['GET /v2/app-registrations/{id}']).toBeLessThan(60);
  });
});

describe('a contact that the applicant changes at Verifik', () => {
  it('is the contact of the onboarding, by which webhooks find it', async () => {
    const one = await world.begin();
    const email = `moved.${randomUUID()}@applicants.example.com`;
    const changed = await asDevice(one, 'PUT', `/app-registrations/${one.appRegistrationId}`, {
      email,
      replaceEmail: true,
    });
    expect(changed.status).toBe(200);
    const applicant = world.applicantWith({ ...one.person, email }, one.token);
    await world.doAndReport({ ...one, applicant }, ...CHECK_NAMES);
    expect(await world.client.result(one.workflowId)).toMatchObject({ outcome: 'verified' });
    expect((await world.client.applicant(one.workflowId)).contact.email).toBe(email);
    const { events } = await world.client.events(one.workflowId);
    expect(events).toContainEqual(expect.objectContaining({ type: 'onboarding.contact.changed', channels: ['email'] }));
    expect(JSON.stringify(events)).not.toContain(email);
  });
});

describe('attempts', () => {
  it('failed documents between two reads all count, and the passed one after them does not make up for them', async () => {
    const one = await world.begin();
    await world.doAndReport(one, 'email', 'phone');
    await world.sandbox.control.force(one.appRegistrationId, { document: 'FAILED', times: 5 });
    for (let n = 0; n < 5; n += 1) await one.applicant.uploadDocument();
    await world.doAndReport(one, 'document', 'biometric');
    expect(await world.client.result(one.workflowId)).toMatchObject({
      outcome: 'rejected',
      reason: 'attemptsExhausted',
      check: 'document',
    });
  });
});

describe('a review', () => {
  const held = async (): Promise<readonly [Started, Snapshot]> => {
    const one = await world.begin({}, 'document-review');
    await world.doAndReport(one, ...CHECK_NAMES);
    await untilStatus(one, { hold: 'review' });
    return [one, await status(one)];
  };

  it('a decision about something that is no longer under review is rejected', async () => {
    const [one, seen] = await held();
    const version = seen.review?.version ?? '';
    await world.client.reRegister(one.workflowId);
    await untilStatus(one, { hold: 'review' });
    const decision = { decision: 'approve', reviewer: 'reviewer-7' } as const;
    await expect(world.client.decideReview(one.workflowId, { ...decision, version })).rejects.toMatchObject({
      type: 'ReviewChanged',
    });
    const { review } = await status(one);
    const seenNow = { version: review?.version ?? '' };
    const decided = await world.client.decideReview(one.workflowId, { ...decision, ...seenNow });
    expect(decided.checks.document).toMatchObject({ status: 'passed', approvedBy: 'reviewer-7' });
  });
});

describe("Verifik's no", () => {
  it('a new contact that Verifik rejects while registering changes nothing', async () => {
    await world.sandbox.control.faults([{ match: CREATE, kind: 'status', status: 503, times: 3 }]);
    const person = world.somebody();
    const reference = randomUUID();
    const starting = world.client.start(world.request(person), { reference });
    await isRegistering(world, `onboarding-${reference}`);
    const { email: _email, phone, countryCode } = person;
    const contact = { email: 'new@refused.example', phone, countryCode };
    await expect(world.client.reRegister(`onboarding-${reference}`, { contact })).rejects.toMatchObject({
      type: 'RefusedByPolicy',
    });
    const one = await starting;
    expect((await world.client.applicant(one.workflowId)).contact.email).toBe(person.email);
    await untilStatus(one, { phase: 'validating' });
  });

  it('a closing call that Verifik rejects is repeated later, and does not verify the onboarding', async () => {
    const code = 'signUpForm_validation_not_passed';
    await world.sandbox.control.faults([{ match: SYNC, kind: 'status', status: 409, code, times: 1 }]);
    const one = await world.begin();
    await world.doAndReport(one, ...CHECK_NAMES);
    await untilStatus(one, { recentProblems: [expect.stringContaining('signupform_validation_not_passed')] });
    expect(await status(one)).toMatchObject({ phase: 'validating' });
    await world.pass(10 * MINUTE_MS);
    expect(await world.client.result(one.workflowId)).toMatchObject({ outcome: 'verified' });
  });
});

describe('a registration that a caller names', () => {
  it("is adopted only if it is the applicant's own", async () => {
    const other = await world.begin();
    const person = world.somebody();
    const { appRegistrationId } = other;
    await expect(
      world.client.start(world.request(person, { appRegistrationId }), { reference: randomUUID() }),
    ).rejects.toMatchObject({ type: 'InvalidRequest', message: expect.stringContaining('appRegistrationId') });
    const own = await world.client.start(world.request(other.person, { appRegistrationId }), {
      reference: randomUUID(),
    });
    expect(own.appRegistrationId).toBe(appRegistrationId);
  });
});
