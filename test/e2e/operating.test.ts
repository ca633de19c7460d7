import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { CHECK_NAMES } from '../../domain/checks.js';
import { personGenerator } from '../support/applicants.js';
import { CREATE } from '../support/counted.js';
import { opened } from '../support/opened.js';
import { commands, DOCUMENT, runFor } from './documents.js';
import { openOperatedServers } from './operated-servers.js';
import { beginInOutage, outage, pendingActivity } from './outage.js';
import type { CommandResult } from './shell.js';

const file = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const nextPerson = personGenerator(51);

const run = (
  block: string | undefined,
  reference: string,
  variables?: Record<string, string>,
): Promise<CommandResult> => runFor(real, reference, block, variables);

const status = (reference: string) => real.client.status(`onboarding-${reference}`);

/** Returns the numbers of created and recreated registrations at Verifik. */
const registered = async () => {
  const { registrationsCreated: created, registrationsRecreated: recreated } = await real.sandbox.control.ledger();
  return { created, recreated };
};

const real = opened(() => openOperatedServers());

beforeAll(async () => {
  await real.startWorker();
});

afterEach(() => outage(real));

describe('the documented CLI commands', () => {
  it('show an onboarding', async () => {
    await real.begin(nextPerson(), 'read');
    const { exitCode, stdout } = await run(commands('Reading an onboarding')[0], 'read');
    expect(exitCode).toBe(0);
    expect(stdout.match(/The applicant has to complete: email, phone, document and biometric\./g)).toHaveLength(2);
    expect(stdout).toContain('userMetadata.summary: Onboarding at Verifik');
  });

  it('report a check that the backend did not report', async () => {
    await real.begin(nextPerson(), 'reported');
    const [signal] = commands('Reporting, where the backend did not');
    expect(await run(signal, 'reported')).toMatchObject({ exitCode: 0 });
    await expect.poll(() => status('reported')).toMatchObject({ checks: { email: { status: 'reported' } } });
  });

  it('decide a review, and fail if nothing is under review', async () => {
    await real.begin(nextPerson('document-review'), 'reviewed', ...CHECK_NAMES);
    await expect.poll(() => status('reviewed')).toMatchObject({ hold: 'review' });
    const [update] = commands('Deciding a review');
    expect(await run(update, 'reviewed')).toMatchObject({ exitCode: 0 });
    expect(await real.client.result('onboarding-reviewed')).toMatchObject({ reason: 'approvedByReviewer' });
    await real.begin(nextPerson(), 'unreviewed');
    const refused = await run(update, 'unreviewed');
    expect(refused.exitCode).not.toBe(0);
    expect(refused.all).toContain('document is not under review');
  });

  it('claim a review, have a check repeated, and overrule a claim', async () => {
    const [, claim, again, force] = commands('Deciding a review');
    for (const reference of ['repeated', 'overruled']) {
      await real.begin(nextPerson('document-review'), reference, ...CHECK_NAMES);
      await expect.poll(() => status(reference)).toMatchObject({ hold: 'review' });
      expect(await run(claim, reference)).toMatchObject({ exitCode: 0 });
      expect(await status(reference)).toMatchObject({ review: { claim: { reviewer: 'reviewer-7' } } });
    }
    expect(await run(again, 'repeated')).toMatchObject({ exitCode: 0 });
    expect(await status('repeated')).toMatchObject({ pending: ['document'] });
    const unforced = await run(force?.replace(', "force": true', ''), 'overruled');
    expect(unforced.all).toContain('has claimed the review');
    expect(await run(force, 'overruled')).toMatchObject({ exitCode: 0 });
    expect(await real.client.result('onboarding-overruled')).toMatchObject({ reason: 'approvedByReviewer' });
  });

  it('withdraw an onboarding, and revoke a withdrawal with the same registration', async () => {
    const begun = await real.begin(nextPerson(), 'withdrawn');
    await real.doAndReportApart(begun, 'email');
    const [withdraw, takeBack] = commands('Withdrawing');
    expect(await run(withdraw, 'withdrawn')).toMatchObject({ exitCode: 0 });
    expect(await real.client.result(begun.workflowId)).toMatchObject({ outcome: 'withdrawn' });
    const before = await registered();
    const { events } = await real.temporal.workflow.getHandle(begun.workflowId).fetchHistory();
    const withdrawal = events?.findIndex(
      (event) => event.workflowExecutionSignaledEventAttributes?.signalName === 'withdraw',
    );
    const completed = events?.slice(0, withdrawal).filter((event) => event.workflowTaskCompletedEventAttributes);
    const EVENT_ID = String(completed?.at(-1)?.eventId);
    expect(await run(takeBack, 'withdrawn', { EVENT_ID })).toMatchObject({ exitCode: 0 });
    await expect.poll(() => status('withdrawn')).toMatchObject({ phase: 'validating' });
    expect(await registered()).toEqual(before);
    await real.doAndReportApart(begun, 'phone', 'document', 'biometric');
    expect(await real.client.result(begun.workflowId)).toMatchObject({ outcome: 'verified' });
  });
});

describe('after a bad deploy', () => {
  const [one] = commands('After a bad deploy');

  it('a reset continues before the last workflow task, and pending calls of `result` fail with ClosedWithoutOutcome', async () => {
    const begun = await real.begin(nextPerson(), 'reset');
    await real.doAndReportApart(begun, 'email', 'phone');
    const before = await registered();
    const waiting = real.client.result(begun.workflowId).catch((error: unknown) => error);
    expect(await run(one, 'reset')).toMatchObject({ exitCode: 0 });
    expect(await waiting).toMatchObject({ type: 'ClosedWithoutOutcome' });
    await expect.poll(() => status('reset')).toMatchObject({ pending: ['document', 'biometric'], generation: 1 });
    expect(await registered()).toEqual(before);
    await real.doAndReportApart(begun, 'document', 'biometric');
    expect(await real.client.result(begun.workflowId)).toMatchObject({ outcome: 'verified' });
  });

  it('a reset to the first workflow task keeps the registration with its checks, and gives a new token', async () => {
    const person = nextPerson();
    const begun = await real.begin(person, 'reset-first', 'email', 'phone');
    const before = await registered();
    const first = (one ?? '').replace('LastWorkflowTask', 'FirstWorkflowTask');
    expect(await run(first, 'reset-first')).toMatchObject({ exitCode: 0 });
    const { workflowId, appRegistrationId, token } = await real.client.registration(begun.workflowId);
    expect(token).not.toBe(begun.token);
    expect(appRegistrationId).toBe(begun.appRegistrationId);
    expect(await registered()).toEqual(before);
    const applicant = real.applicantWith(person, token);
    await real.doAndReportApart({ workflowId, applicant }, 'document', 'biometric');
    expect(await real.client.result(workflowId)).toMatchObject({ outcome: 'verified', appRegistrationId });
  });
});

describe('when Verifik does not answer', () => {
  const [pause, unpause] = commands('When Verifik does not answer');

  it('a paused activity is not retried until it is unpaused, and then creates the registration', async () => {
    await beginInOutage(real, nextPerson(), 'paused');
    const { exitCode, stdout } = await run(pause, 'paused');
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/State +(Paused|PauseRequested)/);
    await outage(real);
    await real.begin(nextPerson(), 'not-paused');
    expect(await pendingActivity(real, 'paused')).toMatchObject({ paused: true });
    await expect
      .poll(() => real.temporal.workflow.count('WorkflowId="onboarding-paused" AND TemporalPauseInfo is not null'))
      .toMatchObject({ count: 1 });
    expect(await run(unpause, 'paused')).toMatchObject({ exitCode: 0 });
    await expect.poll(() => status('paused')).toMatchObject({ phase: 'validating', generation: 1 });
  });

  it('an onboarding with a paused activity can be withdrawn', async () => {
    await beginInOutage(real, nextPerson(), 'paused-withdrawn');
    expect(await run(pause, 'paused-withdrawn')).toMatchObject({ exitCode: 0 });
    await real.client.withdraw('onboarding-paused-withdrawn');
    expect(await real.client.result('onboarding-paused-withdrawn')).toMatchObject({ outcome: 'withdrawn' });
  });

  it('the pause fails during the first attempt, which is a local activity', async () => {
    await real.sandbox.control.faults([{ match: CREATE, kind: 'hang' }]);
    const started = expect(
      real.client.start(real.request(nextPerson()), { reference: 'hanging', timeoutMs: 3_000 }),
    ).rejects.toMatchObject({ type: 'TimedOut' });
    await expect.poll(() => real.sandbox.control.requests().then((requests) => requests.at(-1)?.status)).toBe(null);
    const refused = await run(pause, 'hanging');
    expect(refused.exitCode).not.toBe(0);
    expect(refused.all).toContain("Can't find pending activity");
    await started;
  });
});

describe('erasing a person', () => {
  it('fails while a legal hold is set, which the CLI finds and lifts', async () => {
    await real.begin(nextPerson(), 'erased');
    await real.client.placeLegalHold('erased', { placedBy: 'counsel-1' });
    await expect(real.client.erase('erased')).rejects.toMatchObject({ type: 'LegalHold' });
    await expect.poll(() => real.temporal.workflow.count('WorkflowType="legalHold"')).toMatchObject({ count: 1 });
    const ran = await run(commands('Erasing a person')[0], 'erased');
    expect(ran).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('legal-hold-erased') });
    expect(await real.client.erase('erased')).toMatchObject({ runs: 1, appRegistrationIds: [expect.any(String)] });
  });
});

describe('the document', () => {
  it('has pictures that exist and are smaller than 200 kB', () => {
    const pictures = [...DOCUMENT.matchAll(/\]\((images\/[\w-]+\.png)\)/g)].map(([, path]) => path ?? '');
    expect(pictures.length).toBeGreaterThan(8);
    for (const path of pictures) expect(readFileSync(file(`docs/${path}`)).length, path).toBeLessThan(200_000);
  });
});
