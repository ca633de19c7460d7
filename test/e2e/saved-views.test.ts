import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { CHECK_NAMES } from '../../domain/checks.js';
import { HOUR_MS } from '../../shared/time.js';
import { meetPeople, type OperatedServers, openOperatedServers } from './operated-servers.js';
import { commands, runFor, SAVED_VIEWS, viewAt } from './operating-document.js';
import { beginInOutage, CREATE, outage, pendingActivity, READ } from './outage.js';

const somebody = meetPeople(61);

let real: OperatedServers;

beforeAll(async () => {
  real = await openOperatedServers();
  await real.startWorker();
});

afterEach(() => outage(real));

afterAll(() => real.close());

/** The references of the onboardings that Temporal finds. */
const found = async (query: string): Promise<readonly string[]> => {
  const references: string[] = [];
  for await (const { workflowId } of real.temporal.workflow.list({ query }))
    references.push(workflowId.replace('onboarding-', ''));
  return references.sort();
};

/** One onboarding for each way in which an operator may want to find one. */
const beginEachWay = async (): Promise<void> => {
  await real.begin(somebody(), 'untouched');
  await real.begin(somebody(), 'at-document', 'email', 'phone');
  await real.begin(somebody(), 'at-selfie', 'email', 'phone', 'document');
  await real.begin(somebody('document-review'), 'in-review', ...CHECK_NAMES);
  await real.begin(somebody('document-review'), 'rejected', ...CHECK_NAMES);
  await expect.poll(() => real.client.status('onboarding-rejected')).toMatchObject({ hold: 'review' });
  await real.client.decideReview('onboarding-rejected', { decision: 'reject', reviewer: 'reviewer-7' });
  await real.client.start(real.request(somebody(), { policy: { deadlineMs: HOUR_MS } }), { reference: 'soon-over' });
  await real.begin(somebody(), 'again');
  await real.client.reRegister('onboarding-again');
  const elsewhere = real.request(somebody(), { project: '65f0a1b2c3d4e5f6012345ff' });
  await expect(real.client.start(elsewhere, { reference: 'failed' })).rejects.toMatchObject({ type: 'Misconfigured' });
  await real.begin(somebody(), 'terminated');
  await real.temporal.workflow.getHandle('onboarding-terminated').terminate();
  const unconfirmed = await real.begin(somebody(), 'unconfirmed');
  await beginInOutage(real, somebody(), 'unanswered');
  await beginInOutage(real, somebody(), 'paused');
  await runFor(real, 'paused', commands('When Verifik does not answer')[0]);
  await expect.poll(() => pendingActivity(real, 'paused')).toMatchObject({ paused: true });
  await outage(real, CREATE, READ);
  for (const check of CHECK_NAMES)
    await real.client.signalValidation(unconfirmed.workflowId, check, await unconfirmed.applicant.pass(check));
};

describe('the views that operators are told to save', () => {
  it('are ten, and each finds what it says and nothing else', async () => {
    const begunAt = Date.now();
    await beginEachWay();
    const expected: Record<string, readonly [moment: number, references: readonly string[]]> = {
      'Stuck on the document': [Date.now() + HOUR_MS, ['again', 'at-document', 'soon-over', 'untouched']],
      'For a reviewer': [0, ['in-review']],
      'No registration yet': [0, ['paused', 'unanswered']],
      'Not confirmed by Verifik': [0, ['unconfirmed']],
      'Runs out soon': [Date.now() + 2 * HOUR_MS, ['soon-over']],
      'Registered again': [0, ['again']],
      'To be fixed': [0, ['failed']],
      'Rejected lately': [begunAt - HOUR_MS, ['rejected']],
      'Ended from outside': [0, ['terminated']],
      Paused: [0, ['paused']],
    };
    expect([...SAVED_VIEWS.keys()]).toEqual(Object.keys(expected));
    for (const [view, [moment, references]] of Object.entries(expected))
      await expect.poll(() => found(viewAt(view, moment)), { message: view }).toEqual(references);
    // The moments in them count.
    expect(await found(viewAt('Stuck on the document', begunAt - HOUR_MS))).toEqual([]);
    expect(await found(viewAt('Runs out soon', Date.now()))).toEqual([]);
    expect(await found(viewAt('Rejected lately', Date.now() + HOUR_MS))).toEqual([]);
  });

  it('can be done without: the commands find who is stuck, one customer, and one registration', async () => {
    await real.begin(somebody(), 'findable');
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
