import { randomUUID } from 'node:crypto';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ONBOARDING_WORKFLOW, type OnboardingInput } from '../../contract/messages.js';
import { workflowIdOfReverify } from '../../contract/revalidation.js';
import type { CheckName } from '../../domain/checks.js';
import { DAY_MS, HOUR_MS } from '../../shared/time.js';
import { reportOf } from '../support/applicants.js';
import { CREATE } from '../support/counted.js';
import { openWorld } from '../support/onboarding-world.js';
import { opened } from '../support/opened.js';

const DOCUMENT: readonly CheckName[] = ['document'];

const world = opened(() => openWorld({ mandatory: [...DOCUMENT] }));

beforeAll(async () => {});

afterEach(async () => {
  await world.sandbox.control.faults([]);
  await world.sandbox.control.settings({ reRegistration: 'recreate' });
});

/** Starts an onboarding that repeats an applicant's document check, with the input that a batch uses. */
const askAgain = async (change: Partial<NonNullable<OnboardingInput['batch']>> = {}) => {
  const before = await world.begin({ policy: { required: [...DOCUMENT] } });
  const { status, validationId } = await before.applicant.pass('document');
  await world.client.signalValidation(before.workflowId, 'document', { status, validationId });
  await world.client.result(before.workflowId);
  const { appRegistrationId, person } = before;
  const batch = { id: randomUUID(), formerValidationIds: [validationId], invite: true, ...change };
  const workflowId = workflowIdOfReverify(appRegistrationId);
  const policy = { required: [...DOCUMENT], deadlineMs: 10 * DAY_MS };
  const input: OnboardingInput = { request: world.request(person, { appRegistrationId, policy }), batch };
  await world.env.client.workflow.start(ONBOARDING_WORKFLOW, {
    taskQueue: world.taskQueue,
    workflowId,
    args: [input],
  });
  return { workflowId, appRegistrationId, person };
};

const status = (workflowId: string) => world.client.status(workflowId);

const done = async (appRegistrationId: string) => {
  const ledger = await world.sandbox.control.ledger();
  return {
    recreated: ledger.registrationsRecreatedByRegistration[appRegistrationId] ?? 0,
    links: ledger.resendLinksByRegistration[appRegistrationId] ?? 0,
    documents: ledger.validationsByRegistration[appRegistrationId]?.document ?? 0,
  };
};

describe('an applicant whom a batch re-validates', () => {
  it('is not invited if the batch has no `invite`, and is verified by a new document', async () => {
    const { workflowId, appRegistrationId, person } = await askAgain({ invite: false });
    await expect.poll(() => status(workflowId)).toMatchObject({ phase: 'validating', remindersSent: 0 });
    const { token } = await world.client.registration(workflowId);
    const repeated = await world.applicantWith(person, token).uploadDocument({ force: true });
    await world.client.signalValidation(workflowId, 'document', reportOf(repeated));
    expect(await world.client.result(workflowId)).toMatchObject({ outcome: 'verified' });
    expect(await done(appRegistrationId)).toEqual({ recreated: 1, links: 0, documents: 2 });
  });

  it('is registered once although Verifik is down for hours and its first response is lost', async () => {
    await world.sandbox.control.faults([
      { match: CREATE, kind: 'status', status: 503, after: 1, times: 4 },
      { match: CREATE, kind: 'lostAnswer', after: 5, times: 1 },
    ]);
    const { workflowId, appRegistrationId } = await askAgain({ invite: false });
    await world.pass(HOUR_MS);
    await expect.poll(() => status(workflowId)).toMatchObject({ phase: 'validating' });
    expect(await done(appRegistrationId)).toMatchObject({ recreated: 1, documents: 1 });
    expect(await status(workflowId)).toMatchObject({ checks: { document: { status: 'pending' } } });
    await world.client.withdraw(workflowId);
  });

  it('needs a review if Verifik does not register a contact twice', async () => {
    await world.sandbox.control.settings({ reRegistration: 'resume' });
    const { workflowId, appRegistrationId } = await askAgain();
    await expect
      .poll(() => status(workflowId))
      .toMatchObject({ hold: 'review', checks: { document: { status: 'inReview' } } });
    expect(await done(appRegistrationId)).toMatchObject({ recreated: 0, documents: 1 });
    await world.client.decideReview(workflowId, { decision: 'approve', reviewer: 'reviewer-7' });
    expect(await world.client.result(workflowId)).toMatchObject({ outcome: 'verified', reviewer: 'reviewer-7' });
  });
});
