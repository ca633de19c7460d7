import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { CHECK_NAMES } from '../../domain/checks.js';
import { DAY_MS, HOUR_MS } from '../../shared/time.js';
import { personGenerator } from '../support/applicants.js';
import { CREATE, READ } from '../support/counted.js';
import { opened } from '../support/opened.js';
import { commands, runFor, SAVED_VIEWS, viewAt } from './documents.js';
import { openOperatedServers } from './operated-servers.js';
import { beginInOutage, outage, pendingActivity } from './outage.js';

const nextPerson = personGenerator(61);

const real = opened(() => openOperatedServers());

beforeAll(async () => {
  await real.startWorker();
});

afterEach(() => outage(real));

/** Returns the references of the onboardings that match the query. */
const found = async (query: string): Promise<readonly string[]> => {
  const references: string[] = [];
  for await (const { workflowId } of real.temporal.workflow.list({ query }))
    references.push(workflowId.replace('onboarding-', ''));
  return references.sort();
};

/** Starts an onboarding for each saved view. */
const beginForEachView = async (): Promise<void> => {
  await real.begin(nextPerson(), 'untouched');
  await real.begin(nextPerson(), 'at-document', 'email', 'phone');
  await real.begin(nextPerson(), 'at-selfie', 'email', 'phone', 'document');
  await real.begin(nextPerson('document-review'), 'in-review', ...CHECK_NAMES);
  await real.begin(nextPerson('document-review'), 'claimed', ...CHECK_NAMES);
  await expect.poll(() => real.client.status('onboarding-claimed')).toMatchObject({ hold: 'review' });
  await real.client.claimReview('onboarding-claimed', { reviewer: 'reviewer-7' });
  await real.begin(nextPerson('document-review'), 'rejected', ...CHECK_NAMES);
  await expect.poll(() => real.client.status('onboarding-rejected')).toMatchObject({ hold: 'review' });
  await real.client.decideReview('onboarding-rejected', { decision: 'reject', reviewer: 'reviewer-7' });
  await real.client.start(real.request(nextPerson(), { policy: { deadlineMs: HOUR_MS } }), { reference: 'soon-over' });
  const person = nextPerson();
  const policy = { required: ['email'], verifiedForMs: HOUR_MS } as const;
  const valid = await real.client.start(real.request(person, { policy }), { reference: 'valid' });
  await real.doAndReport({ ...valid, applicant: real.applicantWith(person, valid.token) }, 'email');
  await real.begin(nextPerson(), 'again');
  await real.client.reRegister('onboarding-again');
  const elsewhere = real.request(nextPerson(), { project: '65f0a1b2c3d4e5f6012345ff' });
  await expect(real.client.start(elsewhere, { reference: 'failed' })).rejects.toMatchObject({ type: 'Misconfigured' });
  await real.begin(nextPerson(), 'terminated');
  await real.temporal.workflow.getHandle('onboarding-terminated').terminate();
  const unconfirmed = await real.begin(nextPerson(), 'unconfirmed');
  await beginInOutage(real, nextPerson(), 'unanswered');
  await beginInOutage(real, nextPerson(), 'paused');
  await runFor(real, 'paused', commands('When Verifik does not answer')[0]);
  await expect.poll(() => pendingActivity(real, 'paused')).toMatchObject({ paused: true });
  await outage(real, CREATE, READ);
  await real.doAndReport(unconfirmed, ...CHECK_NAMES);
};

describe('the documented views', () => {
  it('are fourteen, and each finds exactly the onboardings that it describes', async () => {
    const begunAt = Date.now();
    await beginForEachView();
    const expected: Record<string, readonly [moment: number, references: readonly string[]]> = {
      'Stuck on the document': [Date.now() + HOUR_MS, ['again', 'at-document', 'soon-over', 'untouched']],
      'For a reviewer': [0, ['claimed', 'in-review']],
      'Reviews, due soon': [Date.now() + 4 * DAY_MS, ['claimed', 'in-review']],
      'Unclaimed reviews': [0, ['in-review']],
      'Claimed by me': [0, ['claimed']],
      'No registration yet': [0, ['paused', 'unanswered']],
      'Not confirmed by Verifik': [0, ['unconfirmed']],
      'Runs out soon': [Date.now() + 2 * HOUR_MS, ['soon-over']],
      'Registered again': [0, ['again']],
      'To be fixed': [0, ['failed']],
      'Rejected lately': [begunAt - HOUR_MS, ['rejected']],
      'Validity ends soon': [Date.now() + 2 * HOUR_MS, ['valid']],
      'Ended from outside': [0, ['terminated']],
      Paused: [0, ['paused']],
    };
    expect([...SAVED_VIEWS.keys()]).toEqual(Object.keys(expected));
    for (const [view, [moment, references]] of Object.entries(expected))
      await expect.poll(() => found(viewAt(view, moment)), { message: view }).toEqual(references);
    // The times in the queries have an effect.
    expect(await found(viewAt('Stuck on the document', begunAt - HOUR_MS))).toEqual([]);
    expect(await found(viewAt('Runs out soon', Date.now()))).toEqual([]);
    expect(await found(viewAt('Reviews, due soon', Date.now()))).toEqual([]);
    expect(await found(viewAt('Rejected lately', Date.now() + HOUR_MS))).toEqual([]);
    expect(await found(viewAt('Validity ends soon', begunAt))).toEqual([]);
  });

  it('have equivalent commands that find stuck onboardings, one customer and one registration', async () => {
    await real.begin(nextPerson(), 'findable');
    await expect.poll(() => found('OnboardingReference="findable"')).toEqual(['findable']);
    const [stuck = '', one = ''] = commands('Finding who is stuck');
    expect(await runFor(real, 'findable', stuck)).toMatchObject({ exitCode: 0, stdout: '' });
    const { stdout } = await runFor(real, 'findable', stuck.replace('1 day ago', '1 hour'));
    expect(stdout).toContain('onboarding-findable');
    const { registration } = await real.client.status('onboarding-findable');
    const byId = one.replace('65f0a1b2c3d4e5f601234567', registration?.appRegistrationId ?? '');
    expect((await runFor(real, 'findable', byId)).stdout.match(/onboarding-findable/g)).toHaveLength(2);
  });
});
