import { describe, expect, it } from 'vitest';
import type { CheckName } from '../../domain/checks.js';
import { openWorld } from '../support/onboarding-world.js';
import { opened } from '../support/opened.js';

const world = opened(() => openWorld());

const NOTE = 'the picture is the one of the call';

/** A document that fails once, a re-registration in the middle, and a document that a reviewer approves. */
const decided = async () => {
  const one = await world.begin();
  const { workflowId, appRegistrationId } = one;
  const report = async (check: CheckName, applicant = one.applicant, force = false) => {
    const { status, validationId } =
      check === 'document' ? await applicant.uploadDocument({ force }) : await applicant.pass(check);
    await world.client.signalValidation(workflowId, check, { status, validationId });
  };
  await report('email');
  await world.sandbox.control.force(appRegistrationId, { document: 'failed', documentReason: 'liveness_error' });
  await report('document');
  await expect
    .poll(() => world.client.status(workflowId))
    .toMatchObject({ checks: { document: { status: 'failed' } } });
  const { token } = await world.client.reRegister(workflowId);
  const again = world.applicantWith(one.person, token);
  await world.sandbox.control.force(appRegistrationId, { document: 'NEEDS_MANUAL_VERIFICATION' });
  await report('email', again);
  await report('phone', again);
  await report('document', again, true);
  await report('biometric', again);
  await expect.poll(() => world.client.status(workflowId)).toMatchObject({ hold: 'review' });
  await expect(world.client.evidence(workflowId)).rejects.toMatchObject({ type: 'NotDecided' });
  await world.client.decideReview(workflowId, { decision: 'approve', reviewer: 'reviewer-7', note: NOTE });
  const decision = await world.client.result(workflowId);
  const [record] = (await world.sandbox.control.records()).filter(({ _id }) => _id === appRegistrationId);
  if (record === undefined) throw new Error('expected the registration at Verifik');
  return { ...one, decision, record };
};

describe('the evidence of an onboarding', () => {
  it("agrees with Verifik's records after a failed attempt, a re-registration and a review, and has a note only if asked for", async () => {
    const { workflowId, appRegistrationId, person, decision, record } = await decided();
    const evidence = await world.client.evidence(workflowId);
    const { appRegistrationId: decidedFor, ...decisionOnly } = decision;
    expect(decidedFor).toBe(appRegistrationId);
    expect(evidence).toMatchObject({ version: '1', workflowId, decision: decisionOnly });
    expect(decision).toMatchObject({ outcome: 'verified', reason: 'approvedByReviewer', reviewer: 'reviewer-7' });
    for (const { _id, kind } of record.validations) expect(evidence.checks[kind].validationId).toBe(_id);
    const [failed] = record.failed;
    expect(evidence.attempts).toEqual([
      { check: 'document', validationId: failed?._id, reason: 'livenessError', readAt: expect.any(Number) },
    ]);
    const { passed, ...scores } = record.comparison ?? { passed: undefined };
    expect(evidence.comparison).toMatchObject({ ...scores, result: passed ? 'match' : 'mismatch', appRegistrationId });
    expect(evidence.liveness).toMatchObject({
      ...record.liveness,
      validationId: evidence.checks.biometric.validationId,
    });
    expect(evidence.generations.map(({ generation, how }) => [generation, how])).toEqual([
      [1, 'created'],
      [2, 'created'],
    ]);
    const review = {
      ...{ at: expect.any(Number), decision: 'approve', reviewer: 'reviewer-7' },
      checks: [
        {
          check: 'document',
          validationId: evidence.checks.document.validationId,
          reason: evidence.checks.document.reason,
        },
      ],
    };
    expect(evidence.reviews).toEqual([review]);
    const { events } = await world.client.events(workflowId);
    expect(evidence.events).toEqual(events);
    const whole = await world.client.evidence(workflowId, { personalData: true });
    const { email, phone, countryCode, fullName } = person;
    expect(whole).toEqual({
      ...evidence,
      reviews: [{ ...review, note: NOTE }],
      applicant: { contact: { email, phone, countryCode }, fullName },
    });
  });
});
